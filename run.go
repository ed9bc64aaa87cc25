package asyncio

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/goasyncio/asyncio/internal/coro"
	"github.com/goasyncio/asyncio/internal/driver"
)

// Run runs main as the first task of a new loop, on the calling goroutine, and
// returns main's error when everything has ended: after main it cancels the tasks
// that are left, again and again until nothing is left, and waits for them (rule
// L1). After Run there is no goroutine, descriptor or timer of the loop (rule L4).
//
// ctx bounds main: if it ends main is cancelled. A ctx that comes from a running
// loop is refused with [ErrLoopRunning].
//
// Run's error is main's, and joined to it a [DeadlockError] where nobody could ever
// be woken again, and [ErrNotEnded] where a task had to be ended by force. A panic
// in a task that nobody awaited is raised by Run, and where a task called
// runtime.Goexit, as t.FailNow does, Run's goroutine ends too.
func Run(ctx context.Context, main func(ctx context.Context) error, opts ...Option) error {
	return NewLoop(opts...).Run(ctx, main)
}

// RunValue is [Run] for a main that returns a value.
func RunValue[T any](ctx context.Context, main func(ctx context.Context) (T, error), opts ...Option) (T, error) {
	return runOn(NewLoop(opts...), ctx, main, main)
}

// Run runs main on l as the function [Run] does on a new loop.
func (l *Loop) Run(ctx context.Context, main func(ctx context.Context) error) error {
	_, err := runOn(l, ctx, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, main(ctx)
	}, main)
	return err
}

// runOn is Run; written is the user's function.
func runOn[T any](l *Loop, ctx context.Context, main func(context.Context) (T, error), written any) (T, error) {
	var zero T
	if err := l.open(ctx); err != nil {
		return zero, err
	}
	ended, stop := false, func() {}
	defer func() {
		if !ended {
			l.abandon(stop)
		}
	}()
	var mainErr error // as main returned it, where the task's would say "cancelled"
	m := CreateTask(&l.root, func(ctx context.Context) (value T, err error) {
		value, mainErr = main(ctx)
		return value, mainErr
	}, TaskName("main"), writtenAs(written))
	m.observed = true
	m.onDone(func() { l.stopping = true })
	stop = l.handleSignals(m)
	coro.Mark(l.number, func() {
		l.drive(func() bool { return l.stopping })
		l.shutDown()
	})
	l.closeSignals() // while HandleSignals still counts as somebody who has received them too
	stop()
	ended = true
	l.foresee(m)
	l.shut()
	l.raise(m)
	if m.cancelled && l.failure != nil {
		mainErr = nil // the end of the loop was the reason
	}
	return m.value, errors.Join(l.failure, mainErr, l.notEnded)
}

// open prepares the loop for a run.
func (l *Loop) open(ctx context.Context) error {
	if s, _ := ctx.Value(scopeKey{}).(*scope); s != nil {
		if !s.loop.running.Load() {
			return fmt.Errorf("%w: Run was given the context of a task of loop %q, which has ended; pass one that does not come from a loop", ErrLoopClosed, s.loop.name)
		}
		return fmt.Errorf("%w: Run was given the context of a task of loop %q; await a task there instead, or pass a context that does not come from it", ErrLoopRunning, s.loop.name)
	}
	if l.closed.Load() {
		return ErrLoopClosed
	}
	if l.onError == nil {
		panic("asyncio: Run of a Loop that NewLoop has not made")
	}
	if !l.running.CompareAndSwap(false, true) {
		return fmt.Errorf("%w: loop %q", ErrLoopRunning, l.name)
	}
	d := driver.FromContext(ctx)
	if d == nil {
		var err error
		if d, err = driver.New(); err != nil {
			l.running.Store(false)
			return err
		}
	}
	if l.explored == nil || l.number == 0 { // the idle coroutines of an explored loop have the old one
		l.number = lastLoop.Add(1)
	}
	l.driver = d
	l.base = d.Wall().Add(-d.Now().Sub(0))
	l.now = d.Now()
	l.explore()
	l.turnTrace()
	l.stopping, l.killing, l.goexit, l.failure = false, false, false, nil
	l.stepwise, l.leading, l.nested = false, false, false
	l.forced = 0
	l.threads, l.handles, l.descriptors, l.lastTask, l.cancelled = 0, 0, 0, 0, 0
	if l.debug {
		l.home = coro.GoroutineID()
	}
	l.posts = &postbox{loop: l}
	l.calls, l.counts = callList{}, counts{}
	l.meter, l.timers.lag = nil, nil
	l.ready.rounds, l.ready.entries = 0, 0
	l.source.Store(nil)
	l.limiter = nil // a thread that an earlier run has left behind holds its token for ever
	l.root = scope{loop: l, values: ctx}
	if ctx.Done() != nil {
		l.root.watch(ctx)
	}
	if l.labels {
		l.labelHome()
	}
	l.watch.start(l)
	l.announce()
	return nil
}

// abandon ends a run in the middle of which a callback has called runtime.Goexit, which
// goes on after this. The next callback may do the same and end this call: the rest is
// done by another one.
func (l *Loop) abandon(stop func()) {
	ended := false
	defer func() {
		if !ended {
			l.abandon(stop)
		}
	}()
	l.shutDown()
	ended = true
	l.closeSignals() // while HandleSignals still counts as somebody who has received them too
	stop()
	l.shut()
	if first := l.unseen.report(); first != nil {
		tell(first)
	}
}

// loopClosed is how the contexts end that are left at the end of a run.
var loopClosed = newEnded(context.Canceled, ErrLoopClosed)

// shut gives everything back at the end of a run.
func (l *Loop) shut() {
	l.posts.close()
	l.root.unwatch()
	if l.labels {
		l.unlabelHome()
	}
	l.audit()
	l.root.end(loopClosed)
	for _, s := range l.root.below() {
		s.detach() // the next run has a tree of its own
	}
	l.remnants = remnants{}
	for b := l.bridges.head; b != nil; b = l.bridges.head {
		b.scope.unwatch()
	}
	l.watch.end()
	l.timers.clear()
	l.ready.clear()
	if l.explored == nil {
		l.forget()
	}
	l.owners.end()
	l.locals, l.random = nil, nil
	if err := l.driver.Close(); err != nil {
		l.report(Report{Message: "closing the driver", Err: err})
	}
	l.conclude()
	l.running.Store(false)
}

// raise does with the goroutine of Run what a task did that nobody awaited: it
// called runtime.Goexit, or it panicked. What else nobody has looked at is reported
// (rule L2).
func (l *Loop) raise(main AnyTask) {
	first := l.unseen.report()
	m := main.core()
	e, panicked := m.err.(*PanicError)
	switch {
	case l.goexit:
		if first != nil {
			tell(first)
		}
		if m.err != nil && !saysGoexit(m.err) && !m.cancelled {
			tell(main)
		}
		runtime.Goexit()
	case panicked:
		if first != nil {
			tell(first)
		}
		panic(e)
	case first != nil:
		panic(first.ending().err)
	}
}
