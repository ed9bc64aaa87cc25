package asyncio

import (
	"context"
	"runtime/pprof"
)

// The labels of profiles. They are not set again at each step: a label belongs to a
// goroutine, and a task keeps its coroutine, which is one, from its first step to its
// end.
const (
	labelTask = "asyncio_task"
	labelLoop = "asyncio_loop"
)

// labelled is a context with the labels of the task: it carries them, so that pprof.Do
// inside the task adds to them and comes back to them.
func (t *taskCore) labelled(ctx context.Context) context.Context {
	return pprof.WithLabels(ctx, pprof.Labels(labelTask, t.Name(), labelLoop, t.scope.loop.name))
}

// unlabel takes the labels off a coroutine whose task has ended.
func unlabel() { pprof.SetGoroutineLabels(context.Background()) }

// labelHome gives the goroutine of Run the label of the loop; shut takes it away.
func (l *Loop) labelHome() {
	pprof.SetGoroutineLabels(pprof.WithLabels(l.root.values, pprof.Labels(labelLoop, l.name)))
}

// unlabelHome gives the goroutine of Run what labels the context has that Run was given,
// as pprof.Do does at its end.
func (l *Loop) unlabelHome() { pprof.SetGoroutineLabels(l.root.values) }
