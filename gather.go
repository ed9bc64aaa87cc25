package asyncio

import (
	"context"
)

// Settled is the outcome of one task in [GatherSettled].
type Settled[T any] struct {
	Value T
	Err   error
}

// Gather waits for the tasks and returns their values in the order of the
// arguments. The first error ends the wait and is returned; the other tasks go
// on, and so they do if ctx ends (rule C5): for tasks that end together use a
// [TaskGroup]. A task may be given more than once. No tasks give no values, at
// once.
func Gather[T any](ctx context.Context, tasks ...*Task[T]) ([]T, error) {
	if err := gather(ctx, tasks, true); err != nil {
		return nil, err
	}
	values := make([]T, len(tasks))
	for i, t := range tasks {
		v, err := t.Result()
		if err != nil {
			return nil, err
		}
		values[i] = v
	}
	return values, nil
}

// GatherSettled waits for the end of all tasks and returns their outcomes in the
// order of the arguments; the error is ctx's.
func GatherSettled[T any](ctx context.Context, tasks ...*Task[T]) ([]Settled[T], error) {
	if err := gather(ctx, tasks, false); err != nil {
		return nil, err
	}
	all := make([]Settled[T], len(tasks))
	for i, t := range tasks {
		all[i].Value, all[i].Err = t.Result()
	}
	return all, nil
}

// gather waits until all tasks have ended, or one with an error if first is set:
// then it returns that error. As in asyncio, tasks that have ended already count
// at once: where nothing is left to wait for, gather does not suspend.
func gather[T any](ctx context.Context, tasks []*Task[T], first bool) error {
	if err := Checkpoint(ctx); err != nil || len(tasks) == 0 {
		return err
	}
	g := gathering[T]{several: several[*Task[T]]{as: tasks}, left: len(tasks), first: first}
	defer g.forget()
	for _, t := range tasks {
		if t.done {
			continue
		}
		h, err := watch(RunningLoop(ctx), t, func() { g.ended(t) })
		if err != nil {
			return err
		}
		g.handles = append(g.handles, h)
	}
	for _, t := range tasks {
		if t.done {
			g.ended(t)
		}
	}
	if !g.over {
		if _, err := g.waiter.Park(ctx, &g); err != nil {
			return err // an error that has come meanwhile stays with its task
		}
	}
	if g.failed != nil {
		_, err := g.failed.Result()
		return err
	}
	return nil
}

// gathering is a Gather under way.
type gathering[T any] struct {
	several[*Task[T]]
	left   int
	first  bool
	over   bool
	failed *Task[T]
}

func (g *gathering[T]) ended(t *Task[T]) {
	g.left--
	failed := g.first && t.err != nil
	if g.over || !failed && g.left > 0 {
		return
	}
	g.over = true
	if failed {
		g.failed = t
	}
	g.waiter.WakeAll()
}
