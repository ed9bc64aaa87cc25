package stacks

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/plain"
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

// parse takes the console's text apart. What comes before the first task is returned as
// it is, clean: who it is, and what blocks the loop.
func parse(text string) (before []string, sections []section) {
	for _, block := range strings.Split(text, "\n\n") {
		lines := plain.Lines(block)
		m := head.FindStringSubmatch(lines[0])
		if m == nil {
			if len(sections) == 0 {
				before = append(before, lines...)
			} else { // more of the task before
				last := &sections[len(sections)-1]
				last.stack = append(last.stack, lines...)
			}
			continue
		}
		s := section{name: m[2], state: m[3], stack: calls(lines[1:])}
		s.id, _ = strconv.ParseUint(m[1], 10, 64)
		if name, err := strconv.Unquote(m[2]); err == nil {
			s.name = plain.Clean(name)
		}
		sections = append(sections, s)
	}
	return before, sections
}

var (
	goroutine = regexp.MustCompile(`^goroutine \d+ .*:$`)
	arguments = regexp.MustCompile(`\([^()]*\)$`)
	offset    = regexp.MustCompile(` \+0x[0-9a-f]+$`)
	inRuntime = regexp.MustCompile(`^(runtime|iter|internal/race)\.|^github\.com/goasyncio/asyncio/internal/`)
)

// calls are the lines of a traceback without what differs between tasks that do the same,
// the values of arguments and the addresses, and without the machinery of coroutines.
func calls(lines []string) (kept []string) {
	skip := false
	for _, line := range lines {
		if goroutine.MatchString(line) || line == "" {
			continue
		}
		if !strings.HasPrefix(line, " ") {
			line = arguments.ReplaceAllString(strings.TrimPrefix(line, "created by "), "")
			skip = inRuntime.MatchString(line)
		}
		if !skip {
			kept = append(kept, offset.ReplaceAllString(line, ""))
		}
	}
	return kept
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
		names = append(names, fmt.Sprintf("%s (%d)", t.name, t.id))
	}
	who := strings.Join(names, ", ")
	if n := len(g.tasks) - maxNames; n > 0 {
		who += fmt.Sprintf(" and %d more", n)
	}
	count := fmt.Sprintf("%d tasks", len(g.tasks))
	if len(g.tasks) == 1 {
		count = "1 task"
	}
	if g.state != "" {
		count += ", " + g.state
	}
	return count + ": " + who
}
