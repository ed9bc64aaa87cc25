package recording

import (
	"slices"
	"time"
)

// builder turns a stream of events into lanes. It knows nothing of the loop's
// event type, so that each rule here can be tested by a call.
type builder struct {
	limit   int // of spans that are kept
	kept    int
	dropped int
	started bool
	start   time.Time
	last    time.Time
	open    map[uint64]*openLane
	order   []*openLane
}

// openLane is a lane and the span that has not ended yet.
type openLane struct {
	Lane
	state  State
	since  time.Duration
	on     string
	parked bool // in this step: the step's end begins a wait
}

// event starts the recording at the first event and moves its end.
func (b *builder) event(at time.Time) time.Duration {
	if !b.started {
		b.started, b.start, b.last = true, at, at
		b.open = make(map[uint64]*openLane)
	}
	if at.After(b.last) {
		b.last = at
	}
	return b.last.Sub(b.start)
}

func (b *builder) created(at time.Time, task uint64, name string) {
	now := b.event(at)
	l := &openLane{Lane: Lane{Task: task, Name: name}, state: Ready, since: now}
	if b.open[task] != nil || !b.room() {
		return
	}
	b.open[task] = l
	b.order = append(b.order, l)
}

// lane finds a task, also one that was created before the recording started.
func (b *builder) lane(at time.Time, task uint64, name string) (*openLane, time.Duration) {
	now := b.event(at)
	if b.open[task] == nil {
		b.created(at, task, name)
	}
	l := b.open[task]
	if l != nil && name != "" {
		l.Name = name // a task can be renamed: the last name is the one people know
	}
	return l, now
}

func (b *builder) stepBegin(at time.Time, task uint64, name string) {
	if l, now := b.lane(at, task, name); l != nil && !l.Done {
		l.parked = false
		b.become(l, Running, now)
	}
}

func (b *builder) stepEnd(at time.Time, task uint64, name string) {
	l, now := b.lane(at, task, name)
	if l == nil || l.Done || l.state != Running {
		return
	}
	if l.parked {
		b.become(l, Waiting, now)
		return
	}
	b.become(l, Ready, now)
}

func (b *builder) taskParked(at time.Time, task uint64, name, on string) {
	l, now := b.lane(at, task, name)
	if l == nil || l.Done {
		return
	}
	l.parked = true
	if l.state == Running { // the step has not ended yet: stepEnd begins the wait
		l.on = on
		return
	}
	b.become(l, Waiting, now)
	l.on = on
}

func (b *builder) taskWoken(at time.Time, task uint64, name string) {
	l, now := b.lane(at, task, name)
	if l == nil || l.Done {
		return
	}
	l.parked = false
	if l.state == Waiting {
		b.become(l, Ready, now)
	}
}

func (b *builder) taskDone(at time.Time, task uint64, name string) {
	if l, now := b.lane(at, task, name); l != nil && !l.Done {
		b.close(l, now)
		l.Done = true
	}
}

// become ends the lane's open span and starts one in another state.
func (b *builder) become(l *openLane, state State, now time.Duration) {
	b.close(l, now)
	l.state, l.since = state, now
}

// close keeps the open span. One without length says something only where the
// task ran.
func (b *builder) close(l *openLane, now time.Duration) {
	span := Span{State: l.state, Begin: l.since, End: now}
	if span.Length() == 0 && l.state != Running {
		return
	}
	if l.state == Waiting {
		span.On = l.on
	}
	if b.room() {
		l.Spans = append(l.Spans, span)
	}
}

// room counts what is kept and what is dropped: a recording is bounded.
func (b *builder) room() bool {
	if b.kept >= b.limit {
		b.dropped++
		return false
	}
	b.kept++
	return true
}

// recording is what is known so far; what is still open ends at the last event.
func (b *builder) recording() Recording {
	r := Recording{Start: b.start, Length: b.last.Sub(b.start), Dropped: b.dropped}
	for _, l := range b.order {
		lane := l.Lane
		lane.Spans = slices.Clone(l.Spans)
		if open := (Span{State: l.state, Begin: l.since, End: r.Length}); !l.Done && open.Length() > 0 {
			if l.state == Waiting {
				open.On = l.on
			}
			lane.Spans = append(lane.Spans, open)
		}
		r.Lanes = append(r.Lanes, lane)
	}
	return r
}
