package asyncio

import (
	"context"
)

// promise is what a task and a future have in common: an outcome that comes once,
// and those who wait for it, tasks and callbacks mixed, in the order in which
// they came.
type promise struct {
	waiters   WaitQueue
	err       error
	done      bool
	cancelled bool
	observed  bool // somebody has seen the error (rule L2)
	followed  bool // of a task: a follower or a trace is told of its end
}

// An Awaitable is a [Task] or a [Future]: something that ends once. Wait and
// AsCompleted take any mixture of them.
type Awaitable interface {
	// Done reports whether there is an outcome.
	Done() bool
	// Cancelled reports whether the outcome is a cancellation.
	Cancelled() bool
	// Err is the error of the outcome: nil after a success, ErrNotDone before
	// there is an outcome. An error that Err has returned counts as looked at.
	Err() error
	// Cancel asks for a cancellation, and reports false where it comes too late.
	Cancel(cause error) bool

	ending() *promise
	home() *Loop
	name() string
}

// settle gives the outcome and calls those who wait, in order, through the queue.
func (p *promise) settle(err error) {
	p.done = true
	p.err = err
	p.waiters.WakeAll()
}

// settleCancelled makes the outcome a cancellation.
func (p *promise) settleCancelled(name string, cause error) {
	p.cancelled = true
	p.observed = true // whoever cancelled it knows
	p.settle(&TaskCancelledError{Name: name, Cause: cause})
}

// result is the error of the outcome. A panic is raised again (rule L3).
func (p *promise) result() error {
	if !p.done {
		return ErrNotDone
	}
	p.observed = true
	if e, ok := p.err.(*PanicError); ok {
		e.raised = true
		panic(e)
	}
	return p.err
}

// await waits for the outcome; on is shown as what is waited for.
func (p *promise) await(ctx context.Context, l *Loop, on any) error {
	t, err := checkpoint(ctx)
	if err != nil {
		return err
	}
	if p.done {
		return nil
	}
	if t == nil || l != t.scope.loop {
		return errOtherLoop
	}
	if &t.promise == p {
		return errSelfAwait
	}
	_, err = p.waiters.Park(ctx, on)
	return err
}

// onDone calls f through the queue when the outcome is there.
func (p *promise) onDone(l *Loop, f func()) *Handle {
	l.check("AddDoneCallback")
	h := &Handle{loop: l, f: f}
	if p.done {
		l.ready.push(h)
		return h
	}
	h.place.callback = h
	p.waiters.push(&h.place)
	return h
}

// watch is whenDone on the loop l of the one who waits. Where a belongs to another
// loop it must have its outcome: nothing here is safe beside that loop.
func watch(l *Loop, a Awaitable, f func()) (*Handle, error) {
	if p := a.ending(); p.done || a.home() == l {
		return p.onDone(l, f), nil
	}
	return nil, errOtherLoop
}

func whenDone(a Awaitable, f func()) *Handle { return a.ending().onDone(a.home(), f) }
