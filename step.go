package asyncio

import (
	"context"

	"github.com/goasyncio/asyncio/internal/coro"
)

// create puts a new task into the loop's list and into the ready queue.
func (t *taskCore) create(opts []TaskOption) {
	l := t.scope.loop
	l.checkOnLoop("CreateTask")
	t.scope.task = t
	l.lastTask++
	t.id = l.lastTask
	t.killed = l.killing
	eager := len(opts) > 0 && t.apply(opts)
	if l.debug {
		t.rememberCreation()
	}
	l.tasks.push(t)
	if l.told {
		l.tellCreated(t)
	}
	if l.forced > lastRounds {
		t.settleCancelled(t.Name(), errForced)
		t.end()
		return
	}
	if eager && l.current != nil {
		t.runEagerly()
		return
	}
	l.ready.push(t)
}

// tellCreated tells those who want to know it of a new task.
func (l *Loop) tellCreated(t *taskCore) {
	if l.observer != nil {
		l.observe(EventCreated, t)
	}
	if l.explored != nil {
		l.explored.Created(t.id, t.body.source())
	}
	if l.recorder != nil {
		l.recorder.created(t)
	}
}

// tellDone tells them of the end of a task.
func (l *Loop) tellDone(t *taskCore) {
	if l.observer != nil {
		l.observe(EventDone, t)
	}
	if l.recorder != nil {
		l.recorder.done(t)
	}
}

// apply sets the options and returns whether the task is to start at once.
func (t *taskCore) apply(opts []TaskOption) (eager bool) {
	l := t.scope.loop
	for _, o := range opts {
		o(&l.wanted)
	}
	cfg := l.wanted
	l.wanted = taskConfig{}
	if cfg.name != "" {
		t.scope.moreOf().setName(cfg.name)
	}
	if cfg.written != nil {
		t.moreOf().written = cfg.written
	}
	if cfg.priority != 0 {
		t.priority = cfg.priority
		l.ranked = true
	}
	return cfg.eager
}

// run is one step of the task: from where it is to its next wait, or its end.
func (t *taskCore) run() {
	l := t.scope.loop
	l.begin(t)
	if t.coroutine == nil {
		l.takeCoroutine(t)
	}
	if l.traced {
		l.tracedStep(t)
	} else {
		t.coroutine.Resume()
		t = l.current // t, or one that has followed it: see follow
	}
	l.current = nil
	if t.state == stateDone {
		l.giveBack(t)
	}
}

// runEagerly is the first step of a task inside a step of the one that creates it.
func (t *taskCore) runEagerly() {
	l := t.scope.loop
	creator, nested, budget := l.current, l.nested, l.budget
	l.nested = true
	if l.recorder != nil {
		l.recorder.entry(t, false)
	}
	t.run()
	l.current, l.nested, l.budget = creator, nested, budget
	if l.recorder != nil {
		l.recorder.entry(creator, false)
	}
}

// begin makes t the task that runs.
func (l *Loop) begin(t *taskCore) {
	l.current = t
	l.budget = l.freeWaits
	t.state = stateRunning
}

// follow is called on the coroutine of a task that has ended. Where the next
// entry of this round is a task that has not begun, the coroutine goes on with
// it at once: the order is the same, and tasks that never wait cost no switch. A
// task that was started eagerly has its starter behind it, and where steps are
// timed or observed each is to be one by itself.
func (l *Loop) follow() (next coro.Body, keep bool) {
	if l.left > 0 && !l.nested && !l.stepped {
		if t, ok := l.ready.front().(*taskCore); ok && t.coroutine == nil {
			l.left--
			if l.watch.probe.Load() != 0 {
				l.attendTo(t)
			}
			l.ready.pop()
			t.coroutine, l.current.coroutine = l.current.coroutine, nil
			t.coroutine.SetNumber(t.id)
			l.begin(t)
			return t.body, true
		}
	}
	if l.labels {
		unlabel()
	}
	return nil, len(l.idle) < maxIdle
}

// Run, Panicked and Exited make a task the body of its coroutine.

func (b *taskBody[T]) Run() {
	t := (*Task[T])(b)
	t.identify()
	value, err := t.fn(&t.scope)
	t.fn = nil
	t.value = value
	t.finish(err)
}

// plainTask is a task without a value. It holds the user's function itself, and not
// a function around it: that takes less memory, and reports can show where it is
// written.
type plainTask struct {
	taskBody[struct{}]
	plain func(context.Context) error
}

func (t *plainTask) Run() {
	t.identify()
	err := t.plain(&t.scope)
	t.plain = nil
	t.finish(err)
}

func (t *plainTask) source() any {
	if t.plain != nil && t.extra != nil && t.extra.written != nil {
		return t.extra.written
	}
	return t.plain
}

func (b *taskBody[T]) Panicked(value any, stack []byte) {
	t := (*Task[T])(b)
	t.fn = nil
	t.finish(&PanicError{Value: value, Stack: stack, Task: t.Name()})
}

// Exited: the task called runtime.Goexit, as t.FailNow does, or the loop did to
// end it by force.
func (b *taskBody[T]) Exited() {
	t := (*Task[T])(b)
	t.fn = nil
	if t.killed {
		t.tellGroup()
		t.settleCancelled(t.Name(), errForced)
		t.end()
		return
	}
	t.scope.loop.goexit = true
	t.scope.loop.stopping = true
	if t.state == stateDone {
		return // it was OnError that called it: see finish
	}
	t.observed = true
	t.finish(errGoexit)
}

// Ended lets the coroutine go on with the next task, or keeps it for a later one.
func (b *taskBody[T]) Ended(*coro.Coroutine) (coro.Body, bool) {
	return (*Task[T])(b).scope.loop.follow()
}

func (b *taskBody[T]) task() AnyTask { return (*Task[T])(b) }

// source is the function that the task runs, for reports.
func (b *taskBody[T]) source() any {
	if b.fn != nil && b.extra != nil && b.extra.written != nil {
		return b.extra.written
	}
	return b.fn
}

// finish ends the task with the outcome of its body. It is cancelled if it was
// asked to be and its error says so: a value, or another error, stands, and so does
// a panic, whatever its value (rule L3).
func (t *taskCore) finish(err error) {
	e := t.scope.state.Load()
	_, panicked := err.(*PanicError)
	cancelled := !panicked && e.explains(err) // first: the error's own Is may panic
	t.tellGroup()
	if cancelled {
		t.settleCancelled(t.Name(), e.cause)
	} else {
		t.settle(err)
	}
	t.end()
	if err != nil && !t.observed && !saysGoexit(err) {
		t.scope.loop.unseen.add(t.body.task()) // last: it may call the user's OnError
	}
}

// tellGroup queues the news for the task's group, before those who wait.
func (t *taskCore) tellGroup() {
	if t.extra != nil && t.extra.group != nil {
		t.scope.loop.ready.push((*child)(t))
	}
}

// end takes a task that has its outcome off the loop's books.
func (t *taskCore) end() {
	t.state = stateDone
	if t.followed {
		t.endFollowed()
	}
	if t.scope.loop.told {
		t.scope.loop.tellDone(t)
	}
	t.scope.leave()
	t.scope.loop.tasks.remove(t)
}
