package monitor_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// A loop is a Source of which nobody asks anything but its number.
type loop struct {
	monitor.Source
	number uint32
}

func (l *loop) Number() uint32 { return l.number }

// diary notes what a watcher is told.
type diary struct {
	mu     sync.Mutex
	lines  []string
	begins func(monitor.Source)
}

func (d *diary) note(what string, s monitor.Source) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, what+" "+string('a'+rune(s.Number())))
}

func (d *diary) LoopBegins(s monitor.Source) {
	if d.begins != nil {
		d.begins(s)
	}
	d.note("begins", s)
}

func (d *diary) LoopEnds(s monitor.Source, err error) {
	if err != nil {
		d.note(err.Error(), s)
	}
	d.note("ends", s)
}

func (d *diary) Reported(s monitor.Source, r monitor.Report) { d.note(r.Message, s) }

func expect(t *testing.T, d *diary, want ...string) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Equal(d.lines, want) {
		t.Errorf("a watcher was told %q, not %q", d.lines, want)
	}
}

func TestAWatcherIsTold(t *testing.T) {
	a, b, c := &loop{number: 0}, &loop{number: 1}, &loop{number: 2}
	monitor.Begin(a)
	d := &diary{}
	stop := monitor.Watch(d)
	monitor.Begin(b)
	monitor.Tell(b, monitor.Report{Message: "slow"})
	monitor.End(b, errors.New("boom"))
	if loops := monitor.Loops(); !slices.Contains(loops, monitor.Source(a)) || slices.Contains(loops, monitor.Source(b)) {
		t.Errorf("the loops that run are %v", loops)
	}
	monitor.End(a, nil)
	stop()
	stop()
	monitor.Begin(c)
	monitor.End(c, nil)
	expect(t, d, "begins a", "begins b", "slow b", "boom b", "ends b", "ends a")
	if monitor.Watched() {
		t.Error("somebody still watches")
	}
}

func TestOneWatcherGoesAndTheOthersStay(t *testing.T) {
	one, two := &diary{}, &diary{}
	stopOne, stopTwo := monitor.Watch(one), monitor.Watch(two)
	defer stopTwo()
	stopOne()
	if !monitor.Watched() {
		t.Error("nobody watches any more")
	}
	l := &loop{}
	monitor.Begin(l)
	monitor.End(l, nil)
	expect(t, one)
	expect(t, two, "begins a", "ends a")
}

// TestAWatcherHearsOfAnEndAfterTheBeginning: a loop may end while a watcher that has just
// come is told of it, and of the others. It would be taken for one that runs for ever.
func TestAWatcherHearsOfAnEndAfterTheBeginning(t *testing.T) {
	a, b := &loop{number: 0}, &loop{number: 1}
	monitor.Begin(a)
	monitor.Begin(b)
	ended := make(chan struct{})
	d := &diary{begins: func(s monitor.Source) {
		if s != a {
			return
		}
		go func() {
			defer close(ended)
			monitor.End(b, nil)
		}()
		select {
		case <-ended:
		case <-time.After(20 * time.Millisecond):
		}
	}}
	defer monitor.Watch(d)()
	<-ended
	monitor.End(a, nil)
	expect(t, d, "begins a", "begins b", "ends b", "ends a")
}

func TestWhoMustAskBeforeALoopSettlesIsCalledUntilHeStops(t *testing.T) {
	a, b := &loop{number: 0}, &loop{number: 1}
	var calls []string
	stop := monitor.Settling(a, func() { calls = append(calls, "first") })
	stopSecond := monitor.Settling(a, func() { calls = append(calls, "second") })
	defer stopSecond()
	monitor.Settle(b)
	monitor.Settle(a)
	stop()
	stop()
	monitor.Settle(a)
	if want := []string{"first", "second", "second"}; !slices.Equal(calls, want) {
		t.Errorf("called were %q, not %q", calls, want)
	}
}
