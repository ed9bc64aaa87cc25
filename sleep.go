package asyncio

import (
	"context"
	"time"

	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// Sleep waits for at least d. As in asyncio a d of 0 or less is the bare
// [Yield]. The clock is the loop's: under a virtual one an hour takes no time.
// A cancelled Sleep leaves no timer behind.
func Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return Yield(ctx)
	}
	t, s, err := admitWait(ctx)
	if err != nil {
		return err
	}
	return t.sleepUntil(s, t.scope.loop.driver.Now().Add(d))
}

// SleepUntil waits until the loop's clock shows at; see [Now]. A time that is over is
// the bare [Yield].
func SleepUntil(ctx context.Context, at time.Time) error {
	l := RunningLoop(ctx)
	if l == nil {
		return ErrNoLoop
	}
	when := l.instantOf(at)
	if when <= l.driver.Now() {
		return Yield(ctx)
	}
	t, s, err := admitWait(ctx)
	if err != nil {
		return err
	}
	return t.sleepUntil(s, when)
}

// Yield lets every other task that is ready run once.
func Yield(ctx context.Context) error {
	s, ok := ctx.(*scope)
	if !ok {
		return yieldOther(ctx)
	}
	l := s.loop
	t := l.current
	if t == nil || l.debug && !l.onLoop() {
		return l.notInTask()
	}
	if e := s.state.Load(); e != nil {
		return Checkpoint(ctx)
	}
	t.giveWay()
	return s.err()
}

// yieldOther is Yield for a context that is not a scope itself. It gives way once, like
// Yield: under simulation a checkpoint would be a second and a third time.
func yieldOther(ctx context.Context) error {
	s, kind := resolve(ctx)
	if kind == noScope {
		return ErrNoLoop
	}
	l := s.loop
	t := l.current
	if t == nil || l.debug && !l.onLoop() {
		return l.notInTask()
	}
	if endOf(ctx, s, kind) != nil {
		return Checkpoint(ctx) // it counts towards the limit of S4
	}
	t.giveWay()
	return endOf(ctx, s, kind)
}

// admitWait is admit behind a checkpoint, for waits that always suspend.
func admitWait(ctx context.Context) (*taskCore, *scope, error) {
	t, s, err := admit(ctx)
	if err != nil {
		if _, err := checkpoint(ctx); err != nil {
			return nil, nil, err // and it counts towards the limit of S4
		}
	}
	return t, s, err
}

func (t *taskCore) sleepUntil(s *scope, when driver.Instant) error {
	return t.park(s, t.startSleep(min(when, driver.Forever-1)))
}

// startSleep arms a timer that wakes t. The loop keeps as many as have been in use
// at a time, so that a sleep allocates nothing and a task that does not sleep
// carries none.
func (t *taskCore) startSleep(when driver.Instant) *sleeper {
	l := t.scope.loop
	s := l.sleepers
	if s == nil {
		s = &sleeper{loop: l}
		s.timer.due = s
	} else {
		l.sleepers = s.spare
	}
	s.task, s.spare = t, nil
	l.timers.start(&s.timer, when)
	return s
}

// stop disarms the timer of a sleep that was cancelled.
func (s *sleeper) stop() {
	s.task = nil
	queued := s.timer.queued
	s.loop.timers.stop(&s.timer)
	if !queued {
		s.giveBack(s.loop)
	} // else its turn in the queue is still to come
}

// sleeper is the timer of a sleep, and the entry that ends it. It takes a turn of
// its own in the queue, and the task another, as in CPython, where the timer
// completes a future and the future wakes the task.
type sleeper struct {
	timer timer
	loop  *Loop
	task  *taskCore // nil if it was stopped
	spare *sleeper  // the next of those that are not in use
}

func (s *sleeper) run() {
	s.timer.queued = false
	if t := s.task; t != nil {
		s.task = nil
		t.makeReady(monitor.ByWake)
	}
	s.giveBack(s.loop)
}

func (s *sleeper) giveBack(l *Loop) {
	s.spare = l.sleepers
	l.sleepers = s
}

// String is what reports say that a sleeping task waits for.
func (s *sleeper) String() string { return "sleep" }

func (s *sleeper) rank() int8 {
	if s.task == nil {
		return 0
	}
	return s.task.priority
}

// waitReason is a thing to wait for that is nothing but a word.
type waitReason string

func (r waitReason) String() string { return string(r) }

// Now is the time on the loop's clock, as a time of day: the base for SleepUntil,
// CallAt and WithDeadline. It goes on steadily even if the system's clock is set.
func Now(ctx context.Context) time.Time {
	l := mustLoop(ctx)
	return l.timeOf(l.driver.Now())
}
