package top

import (
	"time"
	"unicode/utf8"
)

// The shortest and the longest time between two pictures.
const (
	fastest = 100 * time.Millisecond
	slowest = time.Minute
)

// maxFilter bounds the filter, in bytes: a console takes no longer one.
const maxFilter = 256

// press is a key: a character, or a name such as "Enter", "Esc", "Up", "Ctrl-C".
func (m *model) press(key string) {
	switch {
	case key == "Ctrl-C":
		m.quit = true
	case m.filtering:
		m.edit(key)
	case m.pressMove(key):
	case m.view == list:
		m.pressList(key)
	default:
		m.pressText(key)
	}
}

// pressMove are the keys that move.
func (m *model) pressMove(key string) bool {
	page := max(m.rows()-1, 1)
	switch key {
	case "Up", "k":
		m.move(-1)
	case "Down", "j":
		m.move(1)
	case "PgUp", "Ctrl-B":
		m.move(-page)
	case "PgDn", "Ctrl-F":
		m.move(page)
	case "Home", "g":
		m.move(-1 << 30)
	case "End", "G":
		m.move(1 << 30)
	default:
		return false
	}
	return true
}

// pressList are the keys of the list.
func (m *model) pressList(key string) {
	switch key {
	case "Enter", "Right":
		if t, ok := m.selected(); ok {
			m.want.task, m.view, m.scroll = t.ID, detail, 0
		}
	case "s", ">":
		m.sortBy(1)
	case "S", "<":
		m.sortBy(-1)
	case "r":
		m.want.query.Desc = !m.want.query.Desc
		m.toTop()
	case "/":
		m.filtering, m.before = true, m.want.query.Match
	case "Esc":
		m.want.query.Match = ""
		m.toTop()
	default:
		m.pressAny(key)
	}
}

// pressText are the keys of the texts: a task, the warnings, the help.
func (m *model) pressText(key string) {
	switch key {
	case "Esc", "Enter", "Backspace", "Left":
		m.view, m.want.task = list, 0
	case "u":
		if d := m.pic.detail; m.view == detail && d != nil && d.Task.Parent != 0 {
			m.want.task, m.scroll = d.Task.Parent, 0
		}
	default:
		m.pressAny(key)
	}
}

// pressAny are the keys that mean the same everywhere.
func (m *model) pressAny(key string) {
	switch key {
	case "q":
		m.quit = true
	case "w":
		m.turn(warnings)
	case "?", "h", "F1":
		m.turn(help)
	case "l", "Tab":
		m.nextLoop()
	case "p", " ":
		m.want.paused = !m.want.paused
	case "+":
		m.want.every = max(m.want.every/2, fastest)
	case "-":
		m.want.every = min(m.want.every*2, slowest)
	}
}

// turn goes to a view, or back from it.
func (m *model) turn(to view) {
	if m.view == to {
		to = list
	}
	m.view, m.want.task, m.scroll = to, 0, 0
}

// edit is a key for the filter, which takes effect as it is typed.
func (m *model) edit(key string) {
	q := &m.want.query
	switch key {
	case "Enter":
		m.filtering = false
		return
	case "Esc":
		m.filtering, q.Match = false, m.before
	case "Backspace":
		_, size := utf8.DecodeLastRuneInString(q.Match)
		q.Match = q.Match[:len(q.Match)-size]
	case "Ctrl-U":
		q.Match = ""
	default:
		if utf8.RuneCountInString(key) != 1 || len(q.Match)+len(key) > maxFilter {
			return
		}
		q.Match += key
	}
	m.toTop()
}
