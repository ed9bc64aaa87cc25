package asyncio

import (
	"context"
	"errors"
	"fmt"
)

// A TaskGroup is a set of tasks that end together: see [WithTaskGroup].
type TaskGroup struct {
	scope       scope
	ctx         context.Context // scope, as the children's parent
	loop        *Loop
	live        int       // children that have not ended
	exit        WaitQueue // the task that waits for them
	errs        []error   // of the children, in the order of their ends
	panics      []*PanicError
	ended       bool
	interrupted bool // the parent's context ended while the end was awaited
	limit       *Semaphore
	only        taskExtra // of children that have nothing but their group
}

// A GroupOption says how a group is to work.
type GroupOption func(*TaskGroup)

// MaxTasks bounds the children that are at work at a time. The others wait for
// their turn in the order of their creation; creating them never waits. A task that
// is cancelled while it waits for its turn is called out of turn: it meets the
// cancellation at its first wait, and closes what it was handed (rule C7). MaxTasks
// panics where n is less than one.
func MaxTasks(n int) GroupOption {
	if n < 1 {
		panic(fmt.Sprintf("asyncio: MaxTasks(%d): a group needs room for at least one task", n))
	}
	return func(g *TaskGroup) { g.limit = NewSemaphore(n) }
}

// WithTaskGroup calls body with a new group and returns when body has returned and
// every task of the group has ended, also those that were created meanwhile (rule
// L1). The context that body gets is the group's.
//
// The first error, of a task or of body, cancels the group's context: the other
// tasks, and body, if it has not returned. The errors come back as a [GroupError].
// A task that was cancelled by itself is no error. Where ctx ends, its error comes
// back, unless there are others, which are more important; the next wait of the
// caller meets the cancellation in any case. A panic of a task is raised here,
// after all others have ended.
func WithTaskGroup(ctx context.Context, body func(ctx context.Context, g *TaskGroup) error, opts ...GroupOption) error {
	if err := Checkpoint(ctx); err != nil && !isContextError(err) {
		return err
	}
	g := new(TaskGroup)
	g.scope.init(ctx)
	g.ctx, g.loop = &g.scope, g.scope.loop
	g.only = taskExtra{group: g, shared: true}
	for _, o := range opts {
		o(g)
	}
	returned := false
	defer func() {
		if !returned { // body panicked, or called Goexit
			g.scope.cancel(context.Canceled, errGroup)
			g.join(ctx)
			g.tellAll()
		}
	}()
	err := body(g.ctx, g)
	failed := err != nil && !g.wasAsked(ctx, err)
	returned = true
	if err != nil {
		g.scope.cancel(context.Canceled, errGroup)
	}
	g.join(ctx)
	if failed {
		g.errs = append(g.errs, err)
		err = nil
	}
	return g.verdict(ctx, err)
}

// errGroup is why a group cancels its tasks.
var errGroup = errors.New("asyncio: another task of the group, or its body, has failed")

// join waits until the last child has ended. It cannot be cancelled: what cancels
// the group's context makes the children end. It notes whether ctx, the parent's,
// has ended meanwhile: such a wait returns the cancellation.
func (g *TaskGroup) join(ctx context.Context) {
	t := g.loop.current
	before := ctx.Err()
	for g.live > 0 {
		s := &g.scope
		if s.state.Load() != nil {
			s = nil
		}
		g.exit.push(&t.coroutine.place)
		_ = t.park(s, g) // whatever woke it: the children count
	}
	g.interrupted = before == nil && ctx.Err() != nil
	g.ended = true
	g.scope.leave()
}

// Go creates a task of the group. It panics after the group's end.
func (g *TaskGroup) Go(fn func(ctx context.Context) error, opts ...TaskOption) *Task[struct{}] {
	if g.limit != nil {
		return CreateTaskIn(g, func(ctx context.Context) (struct{}, error) {
			return struct{}{}, fn(ctx)
		}, append(opts[:len(opts):len(opts)], writtenAs(fn))...)
	}
	return inGroup(g, Go(g.open(), fn, opts...))
}

// CreateTaskIn creates a task of the group that has a value. It panics after the
// group's end.
func CreateTaskIn[T any](g *TaskGroup, fn func(ctx context.Context) (T, error), opts ...TaskOption) *Task[T] {
	if g.limit != nil {
		opts = append(opts[:len(opts):len(opts)], writtenAs(fn))
		work := fn
		fn = func(ctx context.Context) (v T, err error) {
			if g.limit.Acquire(ctx) == nil {
				defer g.limit.Release()
			}
			return work(ctx)
		}
	}
	return inGroup(g, CreateTask(g.open(), fn, opts...))
}

// open is the parent of the context of a child that is about to be made.
func (g *TaskGroup) open() context.Context {
	if g.ended {
		panic("asyncio: CreateTaskIn or Go in a task group that has ended")
	}
	return g.ctx
}

// inGroup makes a task that was just created a child of the group. The group counts
// it only now: a creation that was refused must leave nothing to wait for.
func inGroup[T any](g *TaskGroup, t *Task[T]) *Task[T] {
	g.live++
	if t.extra == nil {
		t.extra = &g.only
	} else {
		t.extra.group = g
	}
	if t.done { // it was started eagerly
		g.loop.ready.push((*child)(&t.taskCore))
	}
	return t
}

// A child is a task of a group as the entry that tells the group of its end. It
// takes a turn in the queue, as the done callback does that CPython adds at the
// creation, before any other; a callback of its own would be two allocations.
type child taskCore

func (c *child) run()       { c.extra.group.childDone(&c.promise) }
func (c *child) rank() int8 { return 0 }

// childDone takes a child that has ended off the books.
func (g *TaskGroup) childDone(p *promise) {
	g.live--
	if g.live == 0 {
		g.exit.WakeAll()
	}
	if p.err == nil || p.cancelled {
		return
	}
	p.observed = true
	if e, ok := p.err.(*PanicError); ok {
		g.panics = append(g.panics, e)
	} else {
		g.errs = append(g.errs, p.err)
	}
	g.scope.cancel(context.Canceled, errGroup)
}

// Cancel ends the group early: its tasks and its body are cancelled, and
// WithTaskGroup returns without an error for that. It may be called twice, and by
// a task of the group.
func (g *TaskGroup) Cancel(cause error) {
	g.loop.check("TaskGroup.Cancel")
	g.scope.cancel(context.Canceled, cause)
}

// Context is the group's context, the parent of its tasks' contexts.
func (g *TaskGroup) Context() context.Context { return g.ctx }

// String is what reports call the group.
func (g *TaskGroup) String() string {
	switch g.live {
	case 0: // it is asked of a wait that is over
		return "the tasks of a group"
	case 1:
		return "the only task of a group"
	}
	return fmt.Sprintf("the %d tasks of a group", g.live)
}

// holders are the tasks for which the group waits.
func (g *TaskGroup) holders() []uint64 {
	var ids []uint64
	for _, s := range g.scope.below() {
		ids = s.tasksBelow(ids)
	}
	return ids
}
