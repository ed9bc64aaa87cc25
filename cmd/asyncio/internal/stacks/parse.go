package stacks

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/human"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/listing"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/plain"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/traceback"
)

// A section is a task of the console's text, or what comes before the tasks.
type section struct {
	id    uint64 // 0 for what is no task
	name  string
	state string // with what it waits for
	stack []string
}

// head is the first line of a task: task 5 "name" waiting for Sleep.
var head = regexp.MustCompile(`^task (\d+)(?: ("(?:[^"\\]|\\.)*") ?(.*))?$`)

// further is the last line of a text that is too long.
const further = "and further tasks"

// parse takes the console's text apart. What comes before the first task is returned as
// it is, clean: who it is, and what blocks the loop. more tells that there are further tasks.
func parse(text string) (before []string, sections []section, more bool) {
	var stack []string // of the last section
	finish := func() {
		if len(sections) > 0 {
			sections[len(sections)-1].stack = traceback.Calls(stack)
		}
		stack = nil
	}
	for _, line := range plain.Lines(text) {
		m := head.FindStringSubmatch(line)
		switch {
		case m != nil:
			finish()
			sections = append(sections, newSection(m))
		case line == further && len(sections) > 0:
			more = true
		case len(sections) > 0:
			stack = append(stack, line)
		default:
			before = append(before, line)
		}
	}
	finish()
	for len(before) > 0 && before[len(before)-1] == "" {
		before = before[:len(before)-1]
	}
	return before, sections, more
}

func newSection(m []string) section {
	s := section{name: m[2], state: m[3]}
	s.id, _ = strconv.ParseUint(m[1], 10, 64) // digits
	if name, err := strconv.Unquote(m[2]); err == nil {
		s.name = name
	}
	return s
}

// A group is tasks with the same stack that wait for the same kind of thing.
type group struct {
	state string
	tasks []section
	stack []string
}

// grouped puts tasks with equal stacks together: the largest group first, and what runs
// before everything.
func grouped(sections []section) []*group {
	byKey := map[string]*group{}
	var groups []*group
	for _, s := range sections {
		state := withoutNumbers(s.state)
		key := state + "\x00" + strings.Join(s.stack, "\n")
		g := byKey[key]
		if g == nil {
			g = &group{state: state, stack: s.stack}
			byKey[key], groups = g, append(groups, g)
		}
		g.tasks = append(g.tasks, s)
	}
	slices.SortStableFunc(groups, func(a, b *group) int {
		if x, y := rank(a), rank(b); x != y {
			return x - y
		}
		return len(b.tasks) - len(a.tasks)
	})
	for _, g := range groups {
		if len(g.tasks) == 1 {
			g.state = g.tasks[0].state
		}
	}
	return groups
}

// rank puts what runs first and what is ready next.
func rank(g *group) int {
	switch {
	case strings.HasPrefix(g.state, "running"):
		return 0
	case strings.HasPrefix(g.state, "ready"):
		return 1
	}
	return 2
}

var digits = regexp.MustCompile(`0x[0-9a-f]+|\d+(\.\d+)?`)

// withoutNumbers is what waits have in common: "Sleep 0.25 s" and "Sleep 3 s" are both
// sleeps.
func withoutNumbers(s string) string { return digits.ReplaceAllString(s, "#") }

// maxNames is how many tasks of a group are named.
const maxNames = 8

// title says who has a stack.
func (g *group) title() string {
	var names []string
	for _, t := range g.tasks[:min(len(g.tasks), maxNames)] {
		names = append(names, listing.Name(t.name, t.id))
	}
	who := strings.Join(names, ", ")
	if n := len(g.tasks) - maxNames; n > 0 {
		who += fmt.Sprintf(" and %d more", n)
	}
	count := human.Plural(len(g.tasks), "task")
	if g.state != "" {
		count += ", " + g.state
	}
	return count + ": " + who
}
