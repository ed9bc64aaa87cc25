package console

import (
	"cmp"
	"maps"
	"slices"

	"github.com/goasyncio/asyncio/console/internal/tape"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// A past is what a client must know that begins to follow a feed in the middle: the
// tables that events point to, and what each task is doing.
type past struct {
	tables tape.Batch // without events
	tasks  map[uint64]tape.Task
	model  *tape.Model
	size   int    // about, in bytes
	lines  []byte // the opening, nil where something has happened since it was made
}

func newPast() *past { return &past{tasks: map[uint64]tape.Task{}, model: tape.NewModel()} }

func (p *past) add(b *tape.Batch) {
	if b.Empty() && b.Now <= p.model.Now {
		return
	}
	p.lines = nil
	p.tables.Strings = append(p.tables.Strings, b.Strings...)
	p.tables.Frames = append(p.tables.Frames, b.Frames...)
	p.tables.Stacks = append(p.tables.Stacks, b.Stacks...)
	for _, s := range b.Strings {
		p.size += 16 + len(s)
	}
	p.size += 64*len(b.Frames) + 128*len(b.Stacks)
	for _, t := range b.Tasks {
		p.tasks[t.ID] = t
	}
	if b.Lost > 0 {
		p.model.Gap(b.Lost)
	}
	for _, e := range b.Events {
		_ = p.model.Apply(e) // it goes on after what cannot be, as well as it can
		if e.Kind == monitor.Done {
			delete(p.tasks, e.Task)
		}
	}
	p.model.Now = max(p.model.Now, b.Now)
	switch {
	case b.Blocked != nil:
		p.tables.Blocked = b.Blocked
	case b.Freed:
		p.tables.Blocked = nil
	}
}

// opening is how the stream of such a client begins, in the form of [events]. Those who
// come at about the same time share it.
func (p *past) opening(h tape.Header) []byte {
	if p.lines == nil {
		b := p.tables
		b.Now = p.model.Now
		for _, life := range slices.SortedFunc(maps.Values(p.model.Tasks), func(a, b *tape.Life) int { return cmp.Compare(a.ID, b.ID) }) {
			if t, ok := p.tasks[life.ID]; ok {
				b.Tasks = append(b.Tasks, t)
			}
			b.Events = append(b.Events, tape.Event{At: b.Now, Kind: tape.Exists, Task: life.ID, A: int64(life.State), B: life.On, C: life.Since})
		}
		p.lines = events(b.Append(tape.AppendHeader(nil, h)))
	}
	return p.lines
}
