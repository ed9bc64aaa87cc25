package top

import (
	"fmt"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/listing"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/plain"
)

// mark stands before the task that is selected: it is seen without colours too.
const mark = "> "

// table is the list of tasks in so many lines, the titles among them.
func (m *model) table(height int) []line {
	columns := m.columns()
	tasks := m.pic.tasks.Tasks
	rows := make([][]string, len(tasks))
	for i, t := range tasks {
		rows[i] = listing.Row(t, m.pic.tasks.At)
	}
	m.widen(plain.Natural(columns, rows))
	wide := plain.Layout(columns, m.wide, m.width-len(mark))
	lines := []line{{"  " + plain.Line(columns, wide, plain.Titles(columns)), title}}
	cursor := m.cursor - m.pic.want.query.Offset
	for i, t := range tasks {
		if len(lines) == height {
			break
		}
		l := line{"  " + plain.Line(columns, wide, rows[i]), styleOf(t.State)}
		if i == cursor {
			l = line{mark + l.text[len(mark):], selected}
		}
		lines = append(lines, l)
	}
	if len(lines) == 1 && !m.pic.at.IsZero() {
		lines = append(lines, line{"  " + m.nothing(), faint})
	}
	return lines
}

// widen lets columns grow, never shrink, until the list is another.
func (m *model) widen(natural []int) {
	if m.wide == nil {
		m.wide = natural
	}
	for i := range natural {
		m.wide[i] = max(m.wide[i], natural[i])
	}
}

// columns are the list's, with the order shown.
func (m *model) columns() []plain.Column {
	columns := append([]plain.Column{}, listing.Columns...)
	by := m.want.query.Sort
	if by == "" {
		by = "id"
	}
	arrow := "▲"
	if m.want.query.Desc {
		arrow = "▼"
	}
	for _, s := range listing.Sorts {
		for i := range columns {
			if s.Key == by && columns[i].Title == s.Title {
				columns[i].Title += arrow
			}
		}
	}
	return columns
}

// nothing says why there is no task.
func (m *model) nothing() string {
	if m.want.query.Match != "" {
		return fmt.Sprintf("no task has %q in its name, wait or function", plain.Clean(m.want.query.Match))
	}
	return "no task"
}

func styleOf(state string) style {
	switch state {
	case "running":
		return runs
	case "ready":
		return ready
	}
	return normal
}
