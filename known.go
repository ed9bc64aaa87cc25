package asyncio

import (
	"context"
	"runtime/debug"
	"runtime/pprof"

	"github.com/goasyncio/asyncio/internal/coro"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// known is the context of the values of a task that was made known to others than the
// loop: it carries its labels and what a follower has given it. Those of the task above
// are not below it: in a chain of tasks, each started by the one before, they would pile
// up.
type known struct {
	context.Context
	bare     context.Context  // what is below
	follower monitor.Follower // that wants to hear of the end, or nil
}

// identify is called on the task's goroutine before its function is: nobody else has
// its context yet.
func (t *taskCore) identify() {
	if t.scope.loop.identifies || monitor.Following() != nil {
		t.makeKnown()
	}
}

// makeKnown notes, in debug mode, on which goroutine the task runs, and tells a
// follower, profiles and a trace of the task.
func (t *taskCore) makeKnown() {
	l := t.scope.loop
	if l.debug {
		t.moreOf().goid = coro.GoroutineID()
	}
	f := monitor.Following()
	if f == nil && !l.labels && l.tracer == nil {
		return
	}
	above := t.scope.values
	k := &known{bare: above}
	if a, ok := above.(*known); ok {
		k.bare = a.bare
	}
	k.Context = k.bare
	if f != nil {
		t.beginFollowed(k, *f, above)
	}
	if l.tracer != nil {
		k.Context = l.tracer.carry(k.Context, t)
	}
	if l.labels {
		k.Context = t.labelled(k.Context)
		pprof.SetGoroutineLabels(k)
	}
	t.scope.values = k
}

// beginFollowed tells the follower that the task begins.
func (t *taskCore) beginFollowed(k *known, f monitor.Follower, above context.Context) {
	l := t.scope.loop
	defer l.surviveFollower()
	file, line, function := t.site()
	ctx, ends := f.Begins(monitor.Beginning{
		Loop: l.name, Number: l.number, ID: t.id, Name: t.Name(),
		Site:  monitor.Site{Function: function, File: file, Line: line},
		Above: above, Bare: k.bare,
	})
	k.Context = ctx
	if ends {
		k.follower, t.followed = f, true
	}
}

// endFollowed tells the follower, and a trace, of a task that has its outcome.
func (t *taskCore) endFollowed() {
	if r := t.scope.loop.tracer; r != nil {
		r.end(t)
	}
	defer t.scope.loop.surviveFollower()
	if k, ok := t.scope.values.(*known); ok && k.follower != nil {
		k.follower.Ends(k, monitor.Ending{Number: t.scope.loop.number, ID: t.id, Name: t.Name(), How: t.outcome(), Err: t.err})
	}
}

// surviveFollower is deferred around calls of a follower: the loop is in the middle of
// a step, which must not be lost.
func (l *Loop) surviveFollower() {
	if v := recover(); v != nil {
		l.report(Report{
			Message: "panic in what follows the tasks",
			Err:     &PanicError{Value: v, Stack: debug.Stack(), Task: "follower"},
		})
	}
}

// outcome is how a task has ended.
func (t *taskCore) outcome() monitor.Cause {
	_, panicked := t.err.(*PanicError)
	switch {
	case t.cancelled:
		return monitor.Cancelled
	case t.err == nil:
		return monitor.Returned
	case panicked:
		return monitor.Panicked
	case saysGoexit(t.err):
		return monitor.Exited
	}
	return monitor.Failed
}
