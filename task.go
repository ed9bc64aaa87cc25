package asyncio

import (
	"context"
	"fmt"
	"strconv"

	"github.com/goasyncio/asyncio/internal/coro"
)

// A Task is a function that runs on a loop, as a coroutine beside the others, and
// its outcome. The loop holds it until it has ended; you may forget it.
//
// All methods are for the loop's tasks and callbacks; only those that take a ctx
// may wait.
type Task[T any] struct {
	taskCore
	value T // not last: a value without size would take room there
	fn    func(context.Context) (T, error)
}

// taskCore is the part of a task that does not depend on the type of its value.
type taskCore struct {
	// What each step touches comes first, on one cache line.
	state     taskState
	priority  int8
	woken     bool       // a Wake ended the last wait
	killed    bool       // its waits call Goexit: the loop ends it by force
	slot      uint32     // in the loop's list
	coroutine *coroutine // from its first step to its end
	scope     scope

	promise
	id    uint64
	body  body
	extra *taskExtra
}

// taskExtra is what few tasks have. The children of a group that have nothing but
// their group share one.
type taskExtra struct {
	group   *TaskGroup // that is told of the end
	shared  bool
	written any       // the user's function, where fn is one of ours around it
	created []uintptr // in debug mode: the stack of its creation
	goid    uint64    // in debug mode: the number of its goroutine
}

type taskState uint8

const (
	stateReady taskState = iota
	stateRunning
	stateParked
	stateDone
)

// body is a task seen by its coroutine. It is a type of its own so that what the
// coroutine calls is not in the method set of Task.
type body interface {
	coro.Body
	task() AnyTask
	source() any
}

type taskBody[T any] Task[T]

// CreateTask makes a task that runs fn. Its first step comes in the next round,
// in the order of creation (rule S3), even if it is cancelled before: fn then
// meets the cancellation at its first wait (rule C7).
//
// The context that fn gets is a child of ctx: what ends ctx ends the task's waits
// (rule C6). With context.WithoutCancel(ctx) the task stands alone. CreateTask
// panics where ctx does not come from a running loop.
func CreateTask[T any](ctx context.Context, fn func(ctx context.Context) (T, error), opts ...TaskOption) *Task[T] {
	t := &Task[T]{fn: fn}
	t.scope.init(ctx)
	t.body = (*taskBody[T])(t)
	t.create(opts)
	return t
}

// Go is [CreateTask] for a function without a value.
func Go(ctx context.Context, fn func(ctx context.Context) error, opts ...TaskOption) *Task[struct{}] {
	t := &plainTask{plain: fn}
	t.scope.init(ctx)
	t.body = t
	t.create(opts)
	return (*Task[struct{}])(&t.taskBody)
}

// Await waits for the end of the task and returns its value and error. Where the
// task was cancelled the error is an [ErrTaskCancelled]; a panic of the task is
// raised again, as a [PanicError]. If ctx ends first Await returns its error, and
// the task goes on: a context bounds the wait and nothing else (rule C5).
func (t *Task[T]) Await(ctx context.Context) (T, error) {
	if err := t.await(ctx, &t.taskCore); err != nil {
		var zero T
		return zero, err
	}
	return t.Result()
}

// Join is Await, but if ctx ends first the task is cancelled, and Join goes on to
// wait for its end and returns that.
func (t *Task[T]) Join(ctx context.Context) (T, error) {
	var zero T
	err := t.await(ctx, (*joined)(&t.taskCore))
	if err != nil && ctx.Err() != nil && !t.done && RunningLoop(ctx) == t.home() {
		t.Cancel(context.Cause(ctx))
		t.await(context.WithoutCancel(ctx), &t.taskCore)
	}
	if !t.done || err != nil && t.cancelled {
		return zero, err
	}
	return t.Result()
}

// Result is the task's value and error, or [ErrNotDone]. It does not wait.
func (t *Task[T]) Result() (T, error) {
	err := t.result()
	return t.value, err
}

// AddDoneCallback calls f on the loop after the task has ended, in the order of
// the calls, through the queue and never at once. Cancel the handle to take it
// back.
func (t *Task[T]) AddDoneCallback(f func(*Task[T])) *Handle {
	t.scope.loop.check("Task.AddDoneCallback")
	return t.onDone(func() { f(t) })
}

// Done reports whether the task has ended.
func (t *taskCore) Done() bool { return t.done }

// Cancelled reports whether the task has ended because it was cancelled.
func (t *taskCore) Cancelled() bool { return t.cancelled }

// Err is the error with which the task has ended: see [Awaitable].
func (t *taskCore) Err() error {
	if !t.done {
		return ErrNotDone
	}
	t.observed = true
	return t.err
}

// Cancel ends the task's context: the wait that the task is in returns an error at
// once, and so does every later one (rule C1). context.Cause tells cause there;
// nil is context.Canceled. It reports false where the task has ended already.
func (t *taskCore) Cancel(cause error) bool {
	t.scope.loop.check("Task.Cancel")
	if t.done {
		t.observed = true
		return false
	}
	t.scope.cancel(context.Canceled, cause)
	return true
}

// ID is the number of the task: the tasks of one Run are numbered as they are made.
func (t *taskCore) ID() uint64 { return t.id }

// Name is the name given by [TaskName] or SetName, else "Task-" and the ID.
func (t *taskCore) Name() string {
	if name := t.givenName(); name != "" {
		return name
	}
	return "Task-" + strconv.FormatUint(t.id, 10)
}

// SetName gives the task a name; the empty one brings "Task-" and the ID back.
func (t *taskCore) SetName(name string) {
	t.scope.moreOf().setName(name)
	if r := t.scope.loop.recorder; r != nil {
		r.renamed(t)
	}
}

// givenName is the name that the task was given, or "".
func (t *taskCore) givenName() string {
	if m := t.scope.more.Load(); m != nil {
		return m.readName()
	}
	return ""
}

func (t *taskCore) moreOf() *taskExtra {
	switch {
	case t.extra == nil:
		t.extra = new(taskExtra)
	case t.extra.shared:
		t.extra = &taskExtra{group: t.extra.group}
	}
	return t.extra
}

// String is what reports call the task.
func (t *taskCore) String() string { return fmt.Sprintf("task %q", t.Name()) }

func (t *taskCore) ending() *promise { return &t.promise }
func (t *taskCore) home() *Loop      { return t.scope.loop }

func (t *taskCore) await(ctx context.Context, on any) error {
	return t.promise.await(ctx, t.scope.loop, on)
}

func (t *taskCore) onDone(f func()) *Handle { return t.promise.onDone(t.scope.loop, f) }
func (t *taskCore) name() string            { return t.Name() }
func (t *taskCore) core() *taskCore         { return t }
func (t *taskCore) rank() int8              { return t.priority }

// joined is a task as something to wait for that is cancelled with the wait.
type joined taskCore

// abort passes the cancellation on; the one who waits stays until the task ends.
func (j *joined) abort(_ *taskCore, e *ended) bool {
	(*taskCore)(j).Cancel(e.cause)
	return false
}

func (j *joined) String() string { return (*taskCore)(j).String() }

// AnyTask is a [Task] of whatever type.
type AnyTask interface {
	Awaitable
	ID() uint64
	Name() string
	SetName(string)
	Info() TaskInfo

	core() *taskCore
}
