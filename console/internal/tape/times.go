package tape

import (
	"time"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// A loop that records coarsely looks at the clock now and then. These say what happens
// to the time between two such looks.
const (
	// usual is what an event takes where nothing is known to have taken longer.
	usual = int64(time.Microsecond)
	// long is from when on a gap is not everybody's: the loop looks at the clock after
	// each step that its watchdog has found too long, so the last step before the look
	// is the one. A gap of many short steps is shorter: at least each eighth is looked at.
	long = int64(10 * time.Millisecond)
)

// times fills in the times of events.
type times struct {
	last int64 // of the last event: times never fall
	some bool  // there was one
	busy bool  // it was in the middle of a step, or began one
}

// fill gives each of events a time. until bounds those after the last stamp, where it
// is known; NoTime says that it is not.
func (t *times) fill(events []monitor.Event, until int64) {
	for len(events) > 0 {
		n := 0
		for n < len(events) && events[n].At == monitor.NoTime {
			n++
		}
		if n == len(events) {
			t.spread(events, until)
			return
		}
		stamp := events[n].At
		if !t.some { // what came before the first stamp cannot be told apart from it
			t.last, t.some = stamp-min(int64(n)*usual, max(stamp, 0)), true
		}
		t.spread(events[:n], stamp)
		t.last = max(t.last, stamp)
		events[n].At = t.last
		t.follow(events[n])
		events = events[n+1:]
	}
}

// spread shares the time up to until out among events, none of which has one.
func (t *times) spread(events []monitor.Event, until int64) {
	if len(events) == 0 {
		return
	}
	gap := int64(len(events)+1) * usual
	if until != monitor.NoTime {
		gap = max(until-t.last, 0)
	}
	each, slow := t.share(events, gap)
	t.some = true
	for i := range events {
		events[i].At = t.last + int64(i+1)*each
		if i > slow {
			events[i].At = t.last + gap - int64(len(events)-i)*each
		}
	}
	t.last = events[len(events)-1].At
	for _, e := range events {
		t.follow(e)
	}
}

// follow knows after each event whether a step is under way.
func (t *times) follow(e monitor.Event) {
	switch e.Kind {
	case monitor.Step, monitor.Callback:
		t.busy = true
	case monitor.Woken:
		t.busy = t.busy && e.Cause != monitor.ByYield
	case monitor.Created, monitor.Renamed:
	default:
		t.busy = false
	}
}

// share returns what each event takes, and the index of the one after which the rest of
// the gap lies: -1 where it lies before all of them. Time passes where the loop sleeps; a
// long gap is the last step's, which may have begun before these events; and everything
// else is spread evenly.
func (t *times) share(events []monitor.Event, gap int64) (each int64, slow int) {
	each, behind := gap/int64(len(events)+1), len(events)-1
	sleep, step, end := -1, -1, len(events)
	for i, e := range events {
		switch e.Kind {
		case monitor.Sleep:
			sleep = i
		case monitor.Step, monitor.Callback:
			step = i
		case monitor.Parked, monitor.Done:
			end = min(end, i)
		}
	}
	switch {
	case sleep >= 0:
		return min(each, usual), sleep
	case gap < long:
		return each, behind
	case step >= 0:
		return min(each, usual), step
	case t.busy: // the step has its stamp, and ends here
		return min(each, usual), end - 1
	}
	return min(each, usual), behind
}
