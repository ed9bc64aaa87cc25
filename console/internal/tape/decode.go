package tape

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// A decoder turns what a loop has written down into events of a recording. It knows
// what runs, and so who has done what: that is not written down but follows from the
// order.
type decoder struct {
	*tables
	names   map[uint64]string // of the tasks that have not ended
	tasks   []Task            // news
	running []uint64          // tasks in the middle of a step: one that is started eagerly has its starter below it
	phase   monitor.Kind      // where what no task does comes from
	words   string            // which callback that is
}

func newDecoder() *decoder {
	return &decoder{tables: newTables(), names: map[uint64]string{}, phase: monitor.Round}
}

// An item is an event with what it points to.
type item struct {
	monitor.Event
	birth *monitor.Birth
	text  string
	stack []uintptr
}

// event translates one event. It is called for each, in their order.
func (d *decoder) event(i item) Event {
	e := Event{At: i.At, Kind: i.Kind, Task: i.Task}
	switch i.Kind {
	case monitor.Created:
		e.A = int64(d.created(i))
	case monitor.Step:
		d.step(i.Task)
	case monitor.Callback:
		d.running, d.phase, d.words = d.running[:0], i.Kind, i.text
		e.A = d.text(i.text)
	case monitor.Parked:
		d.stepEnds(i.Task)
		e.A, e.B, e.C = d.text(i.text), d.stack(i.stack), max(0, i.Until)
	case monitor.Woken:
		d.woken(i, &e)
	case monitor.Done:
		d.stepEnds(i.Task)
		delete(d.names, i.Task)
		e.A, e.B = int64(i.Cause), d.text(i.text)
	case monitor.Sleep:
		d.between(i.Kind)
		if i.Until != monitor.NoTime && i.Until < forever {
			e.A = max(0, i.Until)
		}
	case monitor.Renamed:
		d.name(Task{ID: i.Task, Name: i.text})
	case monitor.Round:
		d.between(i.Kind)
		e.A = max(0, i.Until)
	default: // Awake, IO, Posts, Timers
		d.between(i.Kind)
	}
	return e
}

// forever is a deadline that means none: 100 years.
const forever = 100 * 365 * 24 * 3600 * 1e9

// between notes that no task runs, and what happens instead.
func (d *decoder) between(phase monitor.Kind) { d.running, d.phase = d.running[:0], phase }

// step is the beginning of a step, or tells that one goes on whose task has started
// another eagerly.
func (d *decoder) step(id uint64) {
	if at := slices.Index(d.running, id); at >= 0 {
		d.running = d.running[:at]
	}
	d.running = append(d.running, id)
}

// stepEnds gives the loop back to who has started the task eagerly, if somebody has.
func (d *decoder) stepEnds(id uint64) {
	if n := len(d.running); n > 0 && d.running[n-1] == id {
		d.running = d.running[:n-1]
	}
}

// created returns the parent.
func (d *decoder) created(i item) uint64 {
	t := Task{ID: i.Task}
	if i.birth != nil {
		t.Name, t.Parent = i.birth.Name, i.birth.Parent
		t.Function, t.File, t.Line = i.birth.Site.Function, i.birth.Site.File, i.birth.Site.Line
	}
	d.name(t)
	return t.Parent
}

// name tells the name of a task, which may be its first.
func (d *decoder) name(t Task) {
	t.Name = Clean(t.Name)
	if t.Name == "" {
		t.Name = fmt.Sprintf("Task-%d", t.ID)
	}
	d.names[t.ID] = t.Name
	d.tasks = append(d.tasks, t)
}

// learn takes note of what later events need of one that is left out.
func (d *decoder) learn(i item) {
	switch i.Kind {
	case monitor.Created:
		d.created(i)
	case monitor.Renamed:
		d.name(Task{ID: i.Task, Name: i.text})
	case monitor.Done:
		delete(d.names, i.Task)
	}
}

// nameOf is how a task is called in a text.
func (d *decoder) nameOf(id uint64) string {
	if name, ok := d.names[id]; ok {
		return name
	}
	return fmt.Sprintf("Task-%d", id)
}

// woken says who has woken a task. It is the task that runs, and where none does, what
// the loop is at.
func (d *decoder) woken(i item, e *Event) {
	e.A = int64(i.Cause)
	if i.Cause == monitor.ByYield {
		d.stepEnds(i.Task)
		return
	}
	if n := len(d.running); n > 0 {
		by := d.running[n-1]
		e.B, e.C = int64(by), d.text(fmt.Sprintf("task %q", d.nameOf(by)))
		return
	}
	e.C = d.text(d.source())
}

// source is what the loop is at between two steps, in words.
func (d *decoder) source() string {
	switch d.phase {
	case monitor.IO:
		return "a descriptor"
	case monitor.Posts:
		return "another goroutine"
	case monitor.Timers:
		return "a timer"
	case monitor.Callback:
		if strings.HasPrefix(d.words, "callback ") {
			return "the " + d.words
		}
		return d.words
	}
	return "the loop"
}
