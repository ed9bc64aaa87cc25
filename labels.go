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

// labelled is the context of the values of a task that has labels. It carries them, so
// that pprof.Do inside the task adds to them and comes back to them.
type labelled struct {
	context.Context
	bare context.Context // without them: the labels of a chain of tasks must not pile up
}

// label gives the task's goroutine the task's labels. It is called before the task's
// function is: nobody else has its context yet.
func (t *taskCore) label() {
	s := &t.scope
	bare := s.values
	if above, ok := bare.(*labelled); ok {
		bare = above.bare
	}
	s.values = &labelled{pprof.WithLabels(bare, pprof.Labels(labelTask, t.Name(), labelLoop, s.loop.name)), bare}
	pprof.SetGoroutineLabels(s.values)
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
