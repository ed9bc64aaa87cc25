// Package listing is the list of tasks as ps and top show it: which columns there are,
// what stands in them, and how all pages are fetched.
package listing

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/human"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/plain"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/traceback"
	"github.com/goasyncio/asyncio/console/client"
)

// Columns are the columns of the list. In a narrow terminal the names and waits are cut,
// then columns are left out.
var Columns = []plain.Column{
	{Title: "ID", Right: true},
	{Title: "NAME", Min: 10},
	{Title: "STATE", Rank: 1},
	{Title: "WAITS FOR", Min: 12, Rank: 2},
	{Title: "SINCE", Right: true, Rank: 3},
	{Title: "STEPS", Right: true, Rank: 4},
	{Title: "TIME", Right: true, Rank: 5},
	{Title: "PARENT", Right: true, Rank: 6},
}

// Sorts are the orders that a list can have, each with the column that shows it.
var Sorts = []struct{ Key, Title string }{
	{"id", "ID"}, {"name", "NAME"}, {"state", "STATE"}, {"since", "SINCE"}, {"steps", "STEPS"}, {"busy", "TIME"},
}

// SortKeys are their names.
func SortKeys() (keys []string) {
	for _, s := range Sorts {
		keys = append(keys, s.Key)
	}
	return keys
}

// States are those that a task can be in.
var States = []string{"running", "ready", "waiting"}

// Row is a task as cells for Columns, clean. at is the time of the list, by the loop's
// clock.
func Row(t client.Task, at time.Time) []string {
	steps, busy := "-", "-"
	if t.SinceWatchMS > 0 || t.Steps > 0 {
		steps, busy = human.Count(t.Steps), human.Brief(time.Duration(t.BusyNS))
		if t.Partial {
			steps, busy = "≥"+steps, "≥"+busy
		}
	}
	since := "-"
	if !t.Since.IsZero() {
		since = human.Brief(at.Sub(t.Since))
	}
	return []string{
		strconv.FormatUint(t.ID, 10), dash(plain.Clean(t.Name)), State(t), dash(plain.Clean(t.WaitsFor)),
		since, steps, busy, number(t.Parent),
	}
}

// State is the state of a task in a word or two.
func State(t client.Task) string {
	state := plain.Clean(t.State)
	if t.Ending {
		state += ", ending"
	}
	return state
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func number(id uint64) string {
	if id == 0 {
		return "-"
	}
	return strconv.FormatUint(id, 10)
}

// Clock is when a list was made by the loop's own clock, which is not ours where it is
// virtual.
func Clock(l client.Loop, at time.Time) time.Time {
	if l.Virtual {
		return l.Stats.At
	}
	return at
}

// TooMany says that a list is not whole.
const TooMany = "It has more tasks than a console looks at: some are missing."

// pageSize is the most that a console gives at a time.
const pageSize = 1000

// All asks for the tasks that q means page by page, at most limit of them; 0 is no
// limit. What comes into being meanwhile may be among them or not.
func All(ctx context.Context, c *client.Client, loop uint32, q client.TasksQuery, limit int) (client.Tasks, error) {
	tasks := []client.Task{} // none is a list too, in JSON
	seen := map[uint64]bool{}
	for {
		q.Limit = pageSize
		if limit > 0 {
			q.Limit = min(pageSize, limit-len(tasks))
		}
		page, err := c.Tasks(ctx, loop, q)
		if err != nil {
			return page, err
		}
		had := len(tasks)
		for _, t := range page.Tasks {
			if !seen[t.ID] { // a page has some again where tasks before them have ended
				seen[t.ID] = true
				tasks = append(tasks, t)
			}
		}
		last := len(page.Tasks) < q.Limit || len(tasks) == had || limit > 0 && len(tasks) >= limit
		if last {
			page.Tasks = tasks
			return page, nil
		}
		if q.Sort == "" {
			q.After = page.Tasks[len(page.Tasks)-1].ID
		} else {
			q.Offset += len(page.Tasks)
		}
	}
}

// Tell says which loop a list is of and how it is: first what blocks it, then how much it
// has.
func Tell(notes *plain.Screen, l client.Loop) {
	for i, line := range Blocked(l, time.Now()) {
		if i == 0 {
			line = notes.Warn(line)
		}
		notes.Printf("%s\n", line)
	}
	notes.Printf("%s\n", notes.Faint(heading(l)))
}

func heading(l client.Loop) string {
	parts := []string{fmt.Sprintf("loop %d %q", l.Number, plain.Clean(l.Name)), plain.Clean(l.State)}
	if s := l.Stats; !s.At.IsZero() { // else it was blocked before anybody asked
		parts = append(parts, human.Plural(s.Tasks, "task"), fmt.Sprintf("%d ready", s.Ready), human.Plural(s.Timers, "timer"))
	}
	if l.Virtual {
		parts = append(parts, "virtual time")
	}
	return strings.Join(parts, ", ")
}

// maxStack is how many lines of a stack are shown where it is not what was asked for.
const maxStack = 12

// Blocked says what blocks a loop, in lines, the first of which stands out; nothing where
// nothing does.
func Blocked(l client.Loop, now time.Time) []string {
	if l.State != client.Blocked {
		return nil
	}
	since := "for at least " + human.Brief(now.Sub(l.BlockedSince)) // what blocks it may have begun before anybody asked
	if l.BlockedSince.IsZero() {
		since = "now"
	}
	lines := []string{fmt.Sprintf("Loop %d is blocked %s: what runs does not give way.", l.Number, since)}
	if l.BlockedBy != 0 {
		lines[0] = fmt.Sprintf("Loop %d is blocked %s: task %d does not give way.", l.Number, since, l.BlockedBy)
	}
	stack := plain.Lines(l.Stack)
	lines[0] += traceback.Waiting(stack)
	stack = traceback.Calls(stack)
	if l.AgeMS >= 1000 {
		age := time.Duration(l.AgeMS * float64(time.Millisecond))
		lines = append(lines, "Its tasks and numbers are "+human.Brief(age)+" old. Where it is now:")
	}
	if len(stack) > maxStack {
		stack = append(slices.Clone(stack[:maxStack]), "…; see 'asyncio stacks'")
	}
	for _, line := range stack {
		lines = append(lines, "    "+line)
	}
	return lines
}

// Name names a task: its name, clean, with its ID. A task that was not seen before the
// loop was blocked has no name.
func Name(name string, id uint64) string {
	if name == "" {
		return fmt.Sprintf("task %d", id)
	}
	return fmt.Sprintf("%s (%d)", plain.Clean(name), id)
}
