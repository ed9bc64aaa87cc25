package asyncio

import (
	"context"
	"runtime/trace"
	"strings"
)

// While the Go runtime writes an execution trace each task is a task of the trace, and
// each wait a region in it. The loop looks whether there is one where it looks at the
// world anyway, and where its watchdog asks for an answer: nothing is done for each step
// while there is none.

// A tracer writes what tasks do to an execution trace.
type tracer struct {
	tasks map[uint64]tracedTask // by their numbers
}

type tracedTask struct {
	ctx  context.Context // for regions of the task
	task *trace.Task
}

// traceType is the type of a task in a trace, by which its readers put tasks together.
// The name is a message of the task.
const traceType, traceName = "asyncio.task", "asyncio.name"

// traceTurns tells whether a trace has begun or ended since the last look.
func (l *Loop) traceTurns() bool { return trace.IsEnabled() != (l.tracer != nil) }

// turnTrace begins to write to the trace, or ceases to.
func (l *Loop) turnTrace() {
	l.tracer = nil
	if trace.IsEnabled() {
		l.tracer = &tracer{tasks: map[uint64]tracedTask{}}
	}
	l.setFlags()
}

// setFlags sets the flags by which the loop is quick where nobody wants to know anything.
func (l *Loop) setFlags() {
	l.stepped = l.traced || l.explored != nil || l.tracer != nil
	l.told = l.stepped || l.recorder != nil
	l.identifies = l.debug || l.labels || l.tracer != nil
}

// of is what the tracer knows of t. A task that began before the trace begins in it here.
func (r *tracer) of(t *taskCore) tracedTask {
	traced, ok := r.tasks[t.id]
	if !ok {
		traced.ctx, traced.task = trace.NewTask(r.above(t), traceType)
		trace.Log(traced.ctx, traceName, t.Name())
		r.tasks[t.id] = traced
		t.followed = true
	}
	return traced
}

// above is the context of the task of the trace below which t stands: that of its values,
// or that of the task that created it, where that began before the trace.
func (r *tracer) above(t *taskCore) context.Context {
	ctx := t.scope.values
	if p := t.parent(); p != nil && traceKey != nil && ctx.Value(traceKey) == nil {
		if traced, ok := r.tasks[p.id]; ok {
			return traced.ctx
		}
	}
	return ctx
}

// carry is ctx with t's task of the trace, so that what the program writes to the trace
// is below it.
func (r *tracer) carry(ctx context.Context, t *taskCore) context.Context {
	traced := r.of(t)
	if traceKey == nil {
		return traced.ctx
	}
	return context.WithValue(ctx, traceKey, traced.task)
}

// wait begins a region that ends when t goes on. It is called on t's goroutine, when t is
// about to give way.
func (r *tracer) wait(t *taskCore, on any) {
	what, _, _ := strings.Cut(describeSafely(on), " 0x") // an address would make each a type of its own
	t.coroutine.glance = &glance{region: trace.StartRegion(r.of(t).ctx, what)}
}

// end ends the task of the trace.
func (r *tracer) end(t *taskCore) {
	if traced, ok := r.tasks[t.id]; ok {
		traced.task.End()
		delete(r.tasks, t.id)
	}
}

// traceKey is the key by which package runtime/trace finds a task in a context. It is
// not exported, but whoever is asked sees it; should a later Go ask in another way it is
// nil, and the tasks of a chain are below each other while there is a trace.
var traceKey = func() any {
	var probe keyProbe
	trace.Log(&probe, "", "")
	return probe.key
}()
