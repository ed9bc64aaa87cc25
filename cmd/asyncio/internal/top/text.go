package top

import (
	"fmt"
	"strings"
	"time"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/human"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/listing"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/plain"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/traceback"
	"github.com/goasyncio/asyncio/console/client"
)

// page is the part of a text that is in view.
func (m *model) page(text []line, height int) []line {
	m.scroll = max(min(m.scroll, len(text)-height), 0)
	return text[m.scroll:min(m.scroll+height, len(text))]
}

// aboutTask is everything that is known of the task that is looked at.
func (m *model) aboutTask() []line {
	d := m.pic.detail
	switch {
	case d == nil && m.pic.want.task == m.want.task:
		return []line{{fmt.Sprintf("Task %d has ended, or there was none.", m.want.task), strong}}
	case d == nil || d.Task.ID != m.want.task:
		return []line{{"…", faint}}
	}
	lines := []line{{fmt.Sprintf("Task %d  %s", d.Task.ID, plain.Clean(d.Task.Name)), strong}}
	for _, row := range m.facts(d.Task) {
		lines = append(lines, line{fmt.Sprintf("  %-12s %s", row[0], row[1]), normal})
	}
	lines = append(lines, line{"", normal}, line{"Stack, the innermost call first", title})
	for _, f := range d.Stack {
		if traceback.Machinery(f.Function) {
			continue
		}
		lines = append(lines, line{"  " + plain.Clean(f.Function), normal}, line{"      " + place(f), faint})
	}
	for _, text := range traceback.Calls(plain.Lines(d.Traceback)) {
		lines = append(lines, line{"  " + text, normal})
	}
	if len(d.Stack) == 0 && d.Traceback == "" {
		lines = append(lines, line{"  not known now", faint})
	}
	lines = append(lines, line{"", normal}, line{"Started by", title}, line{"  " + path(d.Path), normal})
	lines = append(lines, line{"", normal}, line{fmt.Sprintf("Has started %d that have not ended", len(d.Children)+d.ChildrenOmitted), title})
	for _, c := range d.Children {
		lines = append(lines, line{fmt.Sprintf("  %d  %s  %s", c.ID, plain.Clean(c.Name), plain.Clean(c.State)), normal})
	}
	if n := d.ChildrenOmitted; n > 0 {
		lines = append(lines, line{fmt.Sprintf("  … and %d more", n), faint})
	}
	return lines
}

// facts are what is known of a task in single words.
func (m *model) facts(t client.Task) (rows [][2]string) {
	add := func(name, value string) {
		if value != "" {
			rows = append(rows, [2]string{name, value})
		}
	}
	state := listing.State(t)
	if !t.Since.IsZero() {
		state += ", since " + m.since(t.Since)
	}
	add("state", state)
	add("waits for", plain.Clean(t.WaitsFor))
	if len(t.Tasks) > 0 {
		add("on tasks", strings.Trim(fmt.Sprint(t.Tasks), "[]"))
	}
	if !t.Until.IsZero() {
		add("at most for", human.Brief(t.Until.Sub(m.pic.tasks.At)))
	}
	if t.SinceWatchMS > 0 || t.Steps > 0 {
		least := ""
		if t.Partial {
			least = "at least "
		}
		add("steps", fmt.Sprintf("%s%d, which took %s on the loop", least, t.Steps, human.Brief(time.Duration(t.BusyNS))))
		add("gave way", fmt.Sprintf("%d times without waiting; woke itself %d times", t.Yields, t.SelfWakes))
	}
	if t.Priority != 0 {
		add("priority", fmt.Sprint(t.Priority))
	}
	add("function", plain.Clean(t.Site.Function))
	add("", place(t.Site))
	if t.Created.File != "" {
		add("created at", place(t.Created))
	}
	return rows
}

// place is a place in a program: file:line.
func place(s client.Site) string {
	if s.File == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d", plain.Clean(s.File), s.Line)
}

// path is the way from a task up to the first.
func path(up []client.Relative) string {
	if len(up) == 0 {
		return "nobody that is still there"
	}
	var names []string
	for _, r := range up {
		names = append(names, listing.Name(r.Name, r.ID))
	}
	return strings.Join(names, " ← ")
}

// aboutWarnings is what the program should look at.
func (m *model) aboutWarnings() []line {
	if len(m.pic.warnings) == 0 {
		return []line{{"No warnings.", strong}}
	}
	var lines []line
	for _, w := range m.pic.warnings {
		head := plain.Clean(w.Kind)
		if w.Task != 0 {
			head += fmt.Sprintf(": task %d %s", w.Task, plain.Clean(w.Name))
		}
		if !w.Since.IsZero() {
			head += ", since " + w.Since.Local().Format("15:04:05")
		}
		lines = append(lines, line{head, strong})
		for _, text := range plain.Lines(w.Text) {
			lines = append(lines, line{"  " + text, normal})
		}
		if w.Stack != "" {
			for _, text := range plain.Lines(w.Stack) {
				lines = append(lines, line{"    " + text, faint})
			}
		}
		lines = append(lines, line{"", normal})
	}
	return lines
}

// keyTable is what the keys do.
var keyTable = [][2]string{
	{"q, Ctrl-C", "quit"},
	{"↑ ↓, j k", "move; also PgUp, PgDn, Home, End, g, G"},
	{"Enter", "look at a task more closely: its stack, who has started it, what it has started"},
	{"Esc", "back to the list; in the list: no filter"},
	{"u", "in a task: go to its parent"},
	{"s, S", "sort by the next column, by the one before"},
	{"r", "sort the other way round"},
	{"/", "show only tasks whose name, wait or function contains a text"},
	{"w", "warnings"},
	{"l, Tab", "the next loop"},
	{"p, space", "pause, and go on"},
	{"+ -", "look more often, less often"},
	{"Ctrl-Z", "leave for the shell; fg comes back"},
	{"Ctrl-L", "draw the screen again"},
}

func aboutKeys() []line {
	lines := []line{{"Keys", title}}
	for _, k := range keyTable {
		lines = append(lines, line{"  " + k[0] + strings.Repeat(" ", max(0, 10-plain.Width(k[0]))) + "  " + k[1], normal})
	}
	return append(lines, line{"", normal},
		line{"busy is the share of the time in which the loop was not asleep; lag is how late", normal},
		line{"timers were; rounds and steps are those of the last ten seconds. Percentiles are", normal},
		line{"upper bounds. Steps and time of a task are counted since the console looks; ≥ says", normal},
		line{"that the loop does more than can be counted.", normal})
}
