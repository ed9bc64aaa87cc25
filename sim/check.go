package sim

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/goasyncio/asyncio"
)

// An invariant is checked after every step.
type invariant struct {
	name  string
	check func() error
}

// hold checks it, unless the world has failed already.
func (i *invariant) hold(w *World) {
	if w.over {
		return
	}
	var err error
	if panicked := capture(func() { err = i.check() }); panicked != nil {
		err = panicked
	}
	if err != nil {
		w.fail(w.running, fmt.Errorf("always %q: %w", i.name, err))
	}
}

// Always makes check a law of the world: it is called after every step of every host,
// and where it returns an error the test fails there. It must not wait.
func (w *World) Always(name string, check func() error) {
	w.always = append(w.always, invariant{name, check})
}

// Eventually waits until check returns nil, for at most d of the world's time, and fails
// the test where it does not. It is for liveness: what must come about once the faults
// are over, so call [World.Quiet] before it. Between two calls of check the world goes
// on for a hundredth of d.
func (w *World) Eventually(d time.Duration, name string, check func() error) {
	end := w.now.Add(d)
	pause := max(d/100, 1)
	for {
		err := check()
		if err == nil {
			return
		}
		if w.now >= end {
			w.Fatalf("eventually %q: not within %v: %v", name, d, err)
		}
		if asyncio.Sleep(w.ctx, pause) != nil {
			w.Fatalf("eventually %q: the test was cancelled while it waited: %v", name, context.Cause(w.ctx))
		}
	}
}

// Errorf makes the world a failure, for the reason given. The task goes on, for what is
// left of its step.
func (w *World) Errorf(format string, args ...any) {
	w.fail(w.running, fmt.Errorf(format, args...))
}

// Fatalf is Errorf, and ends the task that calls it.
func (w *World) Fatalf(format string, args ...any) {
	w.Errorf(format, args...)
	w.FailNow()
}

// FailNow makes the world a failure and ends the task that calls it.
func (w *World) FailNow() {
	w.fail(w.running, errFailNow)
	asyncio.Sleep(w.running.ctx, math.MaxInt64) // the world ends, and the task with it
	panic(errFailNow)                           // it was a callback
}

// Failed tells whether the world has failed.
func (w *World) Failed() bool { return w.failure != nil }

// Helper is there so that a World can be given to assertion libraries.
func (w *World) Helper() {}
