package top

import (
	"cmp"
	"time"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/attach"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/listing"
	"github.com/goasyncio/asyncio/console/client"
)

// A view is what the lower part of the screen shows.
type view int

const (
	list     view = iota // the tasks
	detail               // one task
	warnings             // what the program should look at
	help
)

// A model is what the screen shows, and what the keys change. It knows no terminal: a
// key is a text, and drawing it gives lines.
type model struct {
	width, height int

	want    want
	pic     picture // the last that came, kept when the program has ended
	samples []sample
	view    view

	cursor int    // which of the matching tasks is selected, counted from 0
	task   uint64 // which one that was: the selection follows it within the page
	scroll int    // the first line that is shown of a text
	wide   []int  // of the columns, which only grow, so that they do not dance

	filtering bool   // keys go to the filter
	before    string // the filter, in case that this is given up
	gone      string // the program has ended: this says how
	trouble   string // the last question failed: this says why
	quit      bool
}

func newModel(loop uint32, q client.TasksQuery, every time.Duration) *model {
	return &model{want: want{loop: loop, query: q, every: every}}
}

// resize says how large the screen is.
func (m *model) resize(width, height int) {
	m.width, m.height = width, height
	m.wide = nil
	m.keepInView()
}

// apply takes a picture that has come.
func (m *model) apply(pic picture) {
	switch {
	case m.gone != "":
	case pic.err == nil:
		m.trouble = ""
		m.show(pic)
	case attach.Ended(pic.err):
		m.gone = "The program, or its console, has ended."
	default:
		m.trouble = pic.err.Error()
	}
}

// show takes a picture with something on it.
func (m *model) show(pic picture) {
	switch ended := pic.loop; {
	case ended.Number != m.pic.loop.Number:
		m.samples = nil
	case ended.State == client.Ended: // what it did last stays on the screen
		pic.tasks, pic.detail, pic.warnings, pic.steps = m.pic.tasks, m.pic.detail, m.pic.warnings, m.pic.steps
		pic.loop = m.pic.loop
		pic.loop.State, pic.loop.Error, pic.loop.Cycles = ended.State, cmp.Or(ended.Error, m.pic.loop.Error), ended.Cycles
	}
	if pic.want.task != 0 && pic.want.task == m.pic.want.task && pic.detail == nil {
		pic.detail = m.pic.detail
		pic.want.task = m.pic.want.task
	}
	m.pic = pic
	m.want.loop = pic.loop.Number
	if pic.loop.State != client.Ended {
		m.samples = remember(m.samples, sampleOf(pic))
	}
	m.follow()
}

// follow keeps the selection on its task where that has moved within the page.
func (m *model) follow() {
	if m.pic.want.query != m.want.query {
		return // a page of before
	}
	for i, t := range m.pic.tasks.Tasks {
		if t.ID == m.task && m.cursor > 0 {
			m.cursor = m.want.query.Offset + i
		}
	}
	m.keepInView()
}

// selected is the task under the cursor.
func (m *model) selected() (client.Task, bool) {
	i := m.cursor - m.pic.want.query.Offset
	if i < 0 || i >= len(m.pic.tasks.Tasks) {
		return client.Task{}, false
	}
	return m.pic.tasks.Tasks[i], true
}

// move moves the selection, or the text.
func (m *model) move(by int) {
	if m.view != list {
		m.scroll = max(m.scroll+by, 0) // drawing bounds it at the end
		return
	}
	m.cursor += by
	m.keepInView()
	m.task = 0
	if t, ok := m.selected(); ok {
		m.task = t.ID
	}
}

// keepInView makes the page the one that has the cursor in it.
func (m *model) keepInView() {
	if n := m.pic.tasks.Matching; m.cursor >= n {
		m.cursor = n - 1
	}
	m.cursor = max(m.cursor, 0)
	rows, q := m.rows(), &m.want.query
	q.Offset = min(q.Offset, m.cursor)
	q.Offset = max(q.Offset, m.cursor-rows+1, 0)
	q.Limit = min(rows, 1000)
}

// sortBy changes the order, by a step through the columns.
func (m *model) sortBy(step int) {
	at := 0
	for i, s := range listing.Sorts {
		if s.Key == m.want.query.Sort {
			at = i
		}
	}
	n := len(listing.Sorts)
	m.want.query.Sort = listing.Sorts[(at+step+n)%n].Key
	// What is most is what one looks for; names and numbers are read from the beginning.
	m.want.query.Desc = m.want.query.Sort == "steps" || m.want.query.Sort == "busy"
	m.toTop()
}

func (m *model) toTop() {
	m.cursor, m.task, m.want.query.Offset, m.wide = 0, 0, 0, nil
}

// nextLoop looks at the next loop that runs.
func (m *model) nextLoop() {
	loops := m.pic.program.Loops
	at := 0
	for i, l := range loops {
		if l.Number == m.want.loop {
			at = i
		}
	}
	for i := range loops {
		if l := loops[(at+1+i)%len(loops)]; l.State != client.Ended {
			m.want.loop, m.want.task, m.view = l.Number, 0, list
			m.toTop()
			return
		}
	}
}
