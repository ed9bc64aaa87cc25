package tape

import (
	"cmp"
	"math"
	"slices"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// A Note is what a task has said of itself in the middle of a step.
type Note struct {
	At    int64 // nanoseconds since the start of the recording
	Task  uint64
	Text  string // "" where it only tells the place
	Frame monitor.Frame
}

// Annotate puts notes where they belong among the events of a whole recording: into the
// step of their task in which they were made. What fits nowhere is left out. The tables
// go into the first batch, where all events can use them.
func Annotate(batches []*Batch, notes []Note) []*Batch {
	tables := &Batch{}
	for _, b := range batches {
		tables.Tasks = append(tables.Tasks, b.Tasks...)
		tables.Strings = append(tables.Strings, b.Strings...)
		tables.Frames = append(tables.Frames, b.Frames...)
		tables.Stacks = append(tables.Stacks, b.Stacks...)
	}
	a := newAnnotator(tables)
	for _, b := range batches {
		for _, e := range b.Events {
			if e.Kind == monitor.Step {
				a.steps[e.Task] = append(a.steps[e.Task], e.At)
			}
		}
	}
	notes = slices.Clone(notes)
	slices.SortStableFunc(notes, func(x, y Note) int { return cmp.Compare(x.At, y.At) })
	for _, n := range notes {
		a.waiting[n.Task] = append(a.waiting[n.Task], n)
	}
	out := []*Batch{tables}
	for _, b := range batches {
		copied := *b
		copied.Tasks, copied.Strings, copied.Frames, copied.Stacks = nil, nil, nil, nil
		copied.Events = a.annotate(b.Events)
		out = append(out, &copied)
	}
	return out
}

type annotator struct {
	tables  *Batch
	strings map[string]int64        // their indexes
	places  map[monitor.Frame]int64 // of stacks of one frame, plus one
	waiting map[uint64][]Note       // by their tasks, in the order of time
	steps   map[uint64][]int64      // when those begin that are still to come, by tasks
	open    []uint64                // tasks in the middle of a step: each has started the next
	last    int64
}

func newAnnotator(tables *Batch) *annotator {
	a := &annotator{tables: tables, strings: map[string]int64{"": 0}, places: map[monitor.Frame]int64{}, waiting: map[uint64][]Note{}, steps: map[uint64][]int64{}}
	for i, s := range tables.Strings {
		a.strings[s] = int64(i) + 1
	}
	for i, s := range tables.Stacks {
		if len(s) == 1 {
			a.places[tables.Frames[s[0]]] = int64(i) + 1
		}
	}
	return a
}

func (a *annotator) annotate(events []Event) (all []Event) {
	for _, e := range events {
		for _, task := range a.open {
			all = a.before(all, task, e)
		}
		e.At = max(e.At, a.last) // a note has an exact time, the end of a step may have a guessed one
		all = append(all, e)
		a.last = e.At
		switch {
		case e.Kind == monitor.Step:
			a.open = append(a.open, e.Task)
			a.steps[e.Task] = a.steps[e.Task][1:]
		case endsStep(e):
			a.open = slices.DeleteFunc(a.open, func(t uint64) bool { return t == e.Task })
		}
	}
	return all
}

// before adds the notes of a task in the middle of a step that come before e: those that
// are older. Where e ends the step they are all up to the task's next one.
func (a *annotator) before(all []Event, task uint64, e Event) []Event {
	ends := e.Task == task && endsStep(e)
	for len(a.waiting[task]) > 0 {
		n := a.waiting[task][0]
		if n.At >= e.At && !(ends && (n.At == e.At || n.At < a.next(task))) {
			break
		}
		a.waiting[task] = a.waiting[task][1:]
		a.last = max(a.last, n.At)
		all = append(all, Event{At: a.last, Kind: Said, Task: task, A: a.text(n.Text), B: a.place(n.Frame)})
	}
	return all
}

// next is when the task's next step begins.
func (a *annotator) next(task uint64) int64 {
	if steps := a.steps[task]; len(steps) > 0 {
		return steps[0]
	}
	return math.MaxInt64
}

func endsStep(e Event) bool {
	return e.Kind == monitor.Parked || e.Kind == monitor.Done || e.Kind == monitor.Woken && monitor.Cause(e.A) == monitor.ByYield
}

// text is the index of s.
func (a *annotator) text(s string) int64 {
	s = Clean(s)
	i, ok := a.strings[s]
	if !ok {
		a.tables.Strings = append(a.tables.Strings, s)
		i = int64(len(a.tables.Strings))
		a.strings[s] = i
	}
	return i
}

// place is the index of a stack of one frame, plus one.
func (a *annotator) place(f monitor.Frame) int64 {
	i, ok := a.places[f]
	if !ok {
		a.tables.Frames = append(a.tables.Frames, f)
		a.tables.Stacks = append(a.tables.Stacks, []int{len(a.tables.Frames) - 1})
		i = int64(len(a.tables.Stacks))
		a.places[f] = i
	}
	return i
}
