package tape

import (
	"time"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// A loop does not look at the clock for each event. These say what becomes of the time
// between two looks.
const (
	// usual is what an event takes where nothing is known at all.
	usual = int64(time.Microsecond)
	// between is what the loop takes from the end of one step to the next, and between
	// what it does there.
	between = int64(100 * time.Nanosecond)
	// long is from when on a gap is not shared. The loop looks at the clock after each
	// step that its watchdog has found too long: the last step before the look is the
	// one. A gap of many steps is shorter, since the loop looks the more often the
	// longer they are.
	long = int64(10 * time.Millisecond)
)

// times fills in the times of events.
type times struct {
	last   int64 // of the last event: times never fall
	some   bool  // there was one
	inside bool  // it is in the middle of a step
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
			if !t.some && until != monitor.NoTime {
				t.last = max(t.last, until-int64(n+1)*usual)
			}
			t.spread(events, until)
			return
		}
		stamp := events[n].At
		if !t.some { // what came before the first stamp cannot be told apart from it
			t.last, t.some = max(t.last, stamp-min(int64(n)*usual, max(stamp, 0))), true
		}
		t.spread(events[:n], stamp)
		t.last = max(t.last, stamp)
		events[n].At = t.last
		t.inside = goesOn(events[n], t.inside)
		events = events[n+1:]
	}
}

// tear takes note that events are missing before the next one. The time in which they
// were is nobody's that is known: what follows begins shortly before its first stamp.
func (t *times) tear() { t.some, t.inside = false, false }

// goesOn tells whether a step is under way after e, where inside tells that of before.
func goesOn(e monitor.Event, inside bool) bool {
	switch e.Kind {
	case monitor.Step, monitor.Callback:
		return true
	case monitor.Created, monitor.Renamed:
		return inside
	case monitor.Woken:
		return inside && e.Cause != monitor.ByYield
	}
	return false
}

// spread shares the time up to until out among events, none of which has one. The time
// is that of the steps, in equal parts, but for a little between them.
func (t *times) spread(events []monitor.Event, until int64) {
	if len(events) == 0 {
		return
	}
	gap := int64(len(events)+1) * usual
	if until != monitor.NoTime {
		gap = max(until-t.last, 0)
	}
	t.some = true
	from := t.last
	parts := t.share(events, gap)
	for i := range events {
		from += parts[i]
		events[i].At = from
	}
	t.last = from
}

// share returns the time before each event, and that between the last and the end of the
// gap.
func (t *times) share(events []monitor.Event, gap int64) []int64 {
	in, sizes, slow := t.segments(events)
	number := int64(len(sizes) - 1)
	little := gap / int64(10*len(in))
	outside, inside := min(between, little), int64(0)
	rest := gap - outside*int64(sizes[0])
	switch {
	case number == 0 && gap < long:
		outside = gap / int64(len(in))
	case number == 0: // nobody's
		outside = min(usual, little)
	case slow == 0 && gap >= long:
		slow = int(number)
		fallthrough
	case slow > 0:
		inside = min(usual, little)
		rest -= inside * (number - 1)
	default:
		inside = rest / number
	}
	parts := make([]int64, len(in))
	for i, segment := range in {
		switch {
		case segment == 0:
			parts[i] = outside
		case segment == slow:
			parts[i] = rest / int64(sizes[segment])
		default:
			parts[i] = inside / int64(sizes[segment])
		}
	}
	return parts
}

// segments tells for the time before each event, and for that after the last, which step
// it is a part of: they are counted from 1, and 0 is none. sizes are the numbers of such
// parts. A sleep of the loop counts as a step, and is the slow one.
func (t *times) segments(events []monitor.Event) (in, sizes []int, slow int) {
	sizes = []int{0}
	if t.inside {
		sizes = append(sizes, 0)
	}
	add := func() {
		segment := 0
		if t.inside {
			segment = len(sizes) - 1
		}
		in = append(in, segment)
		sizes[segment]++
	}
	for _, e := range events {
		add()
		t.inside = goesOn(e, t.inside)
		switch e.Kind {
		case monitor.Step, monitor.Callback:
			sizes = append(sizes, 0)
		case monitor.Sleep:
			sizes = append(sizes, 0)
			slow, t.inside = len(sizes)-1, true
		}
	}
	add()
	return in, sizes, slow
}
