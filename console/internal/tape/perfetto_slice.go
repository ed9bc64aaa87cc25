package tape

import "github.com/goasyncio/asyncio/internal/monitor"

// prepare is what must be known before the model goes on.
func (p *perfetto) prepare(e Event) {
	switch e.Kind {
	case Exists:
		if !p.model.listing { // what was known before it counts no more
			p.close()
		}
		p.track(e.Task)
	case monitor.Created:
		p.track(e.Task)
	case monitor.Woken:
		p.woken(e)
	case monitor.Step, monitor.Callback, monitor.Sleep, monitor.Awake, monitor.IO, monitor.Posts, monitor.Timers, monitor.Round:
		p.idle(e.At)
	}
}

// woken notes where an arrow begins: on the track of the task that has done it, or on
// that of the loop while a callback runs.
func (p *perfetto) woken(e Event) {
	switch {
	case e.B != 0 && p.model.Tasks[uint64(e.B)] != nil:
		p.wakers[e.Task] = flow{p.track(uint64(e.B)), e.At}
	case e.B == 0 && p.callback >= 0:
		p.wakers[e.Task] = flow{loopTrack, e.At}
	}
}

// arrives draws the arrow to a task that runs. It ends at the slice that begins next on
// the task's track, which is this step: all slices before it have been written.
func (p *perfetto) arrives(e Event) {
	f, ok := p.wakers[e.Task]
	if !ok {
		return
	}
	delete(p.wakers, e.Task)
	p.flows++
	p.write(record{Name: "wakes", Category: "wake", Phase: "s", Time: micros(f.at), Thread: f.from, ID: p.flows})
	p.write(record{Name: "wakes", Category: "wake", Phase: "f", Time: micros(e.At), Thread: p.track(e.Task), ID: p.flows})
}

// idle ends what the loop itself does.
func (p *perfetto) idle(at int64) {
	if p.callback >= 0 {
		p.span("callback "+p.what, loopTrack, p.callback, at, nil)
	}
	if p.asleep >= 0 {
		p.span("asleep", loopTrack, p.asleep, at, nil)
	}
	p.callback, p.asleep = -1, -1
}

// slice is the time that a task has spent in a state.
func (p *perfetto) slice(t *Life, until int64) {
	name, args := t.State.String(), map[string]any{"task": t.ID}
	if t.State == Waiting {
		if on := p.text(t.On); on != "" {
			name = "waiting for " + on
		}
		if t.Stack > 0 && t.Stack <= int64(len(p.stacks)) {
			args["stack"] = p.stacks[t.Stack-1]
		}
	}
	p.span(name, p.track(t.ID), t.Since, until, args)
}

func (p *perfetto) span(name string, track int, from, to int64, args map[string]any) {
	from = max(from, p.floor)
	took := micros(max(0, to-from))
	p.write(record{Name: name, Category: "task", Phase: "X", Time: micros(from), Duration: &took, Thread: track, Args: args})
}
