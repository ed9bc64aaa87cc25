package asyncio

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/goasyncio/asyncio/internal/driver"
)

// A Timeout is a context that ends at a time on the loop's clock. Its error is
// context.DeadlineExceeded, its cause a [TimeoutError].
type Timeout struct {
	scope    scope
	parent   context.Context
	above    context.Context // of the values: see timeoutValues
	timer    timer
	made     driver.Instant
	deadline atomic.Int64 // a driver.Instant; Forever where there is none
	expired  bool
}

// WithTimeout returns a child of ctx that ends when d has passed. Always call
// Cancel on the timeout, usually deferred: it gives the timer back. With a d of 0
// or less the timeout expires as soon as the task waits, as in asyncio: what does
// not have to wait is still done.
//
//	ctx, timeout := asyncio.WithTimeout(ctx, time.Second)
//	defer timeout.Cancel()
//	err := fetch(ctx)
//	if timeout.Caused(err) { … }
func WithTimeout(ctx context.Context, d time.Duration) (context.Context, *Timeout) {
	t, now := newTimeout(ctx)
	t.arm(now.Add(d), now)
	return &t.scope, t
}

// WithDeadline is [WithTimeout] for a time on the loop's clock; see [Now].
func WithDeadline(ctx context.Context, at time.Time) (context.Context, *Timeout) {
	t, now := newTimeout(ctx)
	t.arm(t.scope.loop.instantOf(at), now)
	return &t.scope, t
}

func newTimeout(ctx context.Context) (*Timeout, driver.Instant) {
	mustLoop(ctx)
	t := &Timeout{parent: ctx}
	t.scope.init(ctx)
	t.above = t.scope.values
	t.scope.values = (*timeoutValues)(t)
	t.timer.due = t
	t.made = t.scope.loop.driver.Now()
	return t, t.made
}

func (t *Timeout) arm(at, now driver.Instant) {
	l := t.scope.loop
	t.deadline.Store(int64(at))
	switch {
	case at == driver.Forever:
	case at <= now:
		t.timer.queued = true
		l.ready.push(t)
	default:
		l.timers.start(&t.timer, at)
	}
}

// Cancel ends the timeout and its context. What still waits under it, such as a
// task that was created with its context, is cancelled. It may be called twice.
func (t *Timeout) Cancel() {
	t.scope.loop.check("Timeout.Cancel")
	t.scope.loop.timers.stop(&t.timer)
	t.scope.cancel(context.Canceled, nil)
	t.scope.detach()
}

// Reschedule moves the deadline; the zero time takes it away. It reports false
// where the timeout has expired or was cancelled, or Run has returned.
func (t *Timeout) Reschedule(at time.Time) bool {
	l := t.scope.loop
	l.check("Timeout.Reschedule")
	if t.expired || t.scope.state.Load() != nil || !l.running.Load() {
		return false
	}
	l.timers.stop(&t.timer)
	when := driver.Forever
	if !at.IsZero() {
		when = l.instantOf(at)
	}
	t.arm(when, l.driver.Now())
	return true
}

// Expired reports whether the time has passed, whatever came of it.
func (t *Timeout) Expired() bool { return t.expired }

// Caused reports whether err is there because this timeout has expired: it is a
// cancellation, the timeout has expired, and nothing further out was cancelled
// as well. Of two timeouts that expire together it is the outer one, as in
// asyncio.
func (t *Timeout) Caused(err error) bool {
	return t.expired && err != nil && isContextError(err) && t.parent.Err() == nil
}

// run is the timer's turn in the queue.
func (t *Timeout) run() {
	if !t.timer.queued {
		return
	}
	t.timer.queued = false
	t.expired = true
	at := driver.Instant(t.deadline.Load())
	t.scope.cancel(context.DeadlineExceeded, &TimeoutError{After: at.Sub(t.made), by: t})
}

func (t *Timeout) rank() int8 { return 0 }

// WaitFor calls f, in this task, with a context that ends when d has passed, and
// returns f's value and error; where the reason of the error is that d has passed
// it is a [TimeoutError]. f is waited for to its end, which may be later: a value
// or another error that it returns then stands. Where d is 0 or less f is not
// called.
//
// To wait at most so long for a task and then cancel it, pass task.Join.
func WaitFor[T any](ctx context.Context, d time.Duration, f func(ctx context.Context) (T, error)) (T, error) {
	if d <= 0 {
		var zero T
		if err := Checkpoint(ctx); err != nil {
			return zero, err
		}
		return zero, &TimeoutError{After: d}
	}
	ctx, t := WithTimeout(ctx, d)
	defer t.Cancel()
	v, err := f(ctx)
	if t.Caused(err) {
		at := driver.Instant(t.deadline.Load())
		err = &TimeoutError{After: at.Sub(t.made), by: t}
	}
	return v, err
}

// timeoutValues is a timeout in the chain of contexts that carry values: there it is
// what tells the deadline to those below.
type timeoutValues Timeout

// Deadline is the timeout's, or an earlier one from above.
func (v *timeoutValues) Deadline() (time.Time, bool) {
	at, ok := v.above.Deadline()
	own := driver.Instant(v.deadline.Load())
	if own == driver.Forever {
		return at, ok
	}
	if mine := v.scope.loop.timeOf(own); !ok || mine.Before(at) {
		return mine, true
	}
	return at, ok
}

func (v *timeoutValues) Value(key any) any     { return v.above.Value(key) }
func (v *timeoutValues) Done() <-chan struct{} { return v.scope.Done() }
func (v *timeoutValues) Err() error            { return v.scope.Err() }
