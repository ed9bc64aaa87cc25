package asyncio

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/goasyncio/asyncio/internal/coro"
)

// watchdog reports, from a goroutine of its own, what blocks the loop while it
// blocks it (rule T3). It costs the loop one load per step: it raises a flag,
// every entry of the queue takes it down, and where it is still up after the time
// that a step may take, the loop has been in one entry all along. While the loop
// sleeps the watchdog sleeps too.
type watchdog struct {
	probe  atomic.Uint32 // what the loop must attend to before its next entry
	moves  atomic.Uint64 // how often it has taken felt down
	asleep atomic.Bool   // the loop waits in the driver
	parked atomic.Bool   // the watchdog waits for kick
	kick   chan struct{}
	stop   chan struct{}
	done   sync.WaitGroup
}

// start begins to watch, unless the clock is virtual: a virtual world may take
// its time.
func (w *watchdog) start(l *Loop) {
	if l.slowStep < 0 || l.driver.Virtual() {
		return
	}
	w.kick, w.stop = make(chan struct{}, 1), make(chan struct{})
	w.probe.Store(0)
	w.asleep.Store(false)
	w.done.Go(func() { w.watch(l) })
}

func (w *watchdog) end() {
	if w.stop != nil {
		close(w.stop)
		w.done.Wait()
		w.stop = nil
	}
}

// What the loop must attend to.
const (
	probed    = 1 << iota // raised by the watchdog, taken down by the loop
	recording             // somebody wants a recording
	felt                  // a console wants to know whether the loop moves; the loop takes it down
)

// wake tells the watchdog that the loop is at work again.
func (w *watchdog) wake() {
	w.asleep.Store(false)
	w.probe.And(^uint32(probed))
	if w.parked.Load() {
		select {
		case w.kick <- struct{}{}:
		default:
		}
	}
}

// watch is the watchdog's goroutine.
func (w *watchdog) watch(l *Loop) {
	timer := time.NewTimer(l.slowStep)
	defer timer.Stop()
	told, period := false, time.Duration(0)
	var stuck time.Duration // for how long the probe has been up
	for {
		if w.asleep.Load() {
			told, stuck = false, 0
			if !w.park() {
				return
			}
		}
		if w.probe.Or(probed)&probed == 0 {
			told, stuck = false, 0
		} else if stuck += period; stuck >= l.slowStep && !told && !w.asleep.Load() {
			told = true // once for each step
			w.bark(l)
		}
		period = w.period(l)
		timer.Reset(period)
		select {
		case <-timer.C:
		case <-w.stop:
			return
		}
	}
}

// period is how long it takes until the watchdog looks again. Where the loop is recorded
// it looks more often than it would have to: the end of a step during which it has looked
// gets its time.
func (w *watchdog) period(l *Loop) time.Duration {
	if w.probe.Load()&recording != 0 {
		return min(l.slowStep, recordedPeriod)
	}
	return l.slowStep
}

const recordedPeriod = 10 * time.Millisecond

// park waits until the loop is at work again. It returns false at the end.
func (w *watchdog) park() bool {
	w.parked.Store(true)
	defer w.parked.Store(false)
	for w.asleep.Load() {
		select {
		case <-w.kick:
		case <-w.stop:
			return false
		}
	}
	return true
}

// bark reports the stack of what runs on the loop now.
func (w *watchdog) bark(l *Loop) {
	r := Report{Message: fmt.Sprintf("loop %q is blocked: one step has taken more than %v", l.name, l.slowStep), slow: true}
	r.Stack = coro.Running(l.number)
	l.report(r)
}
