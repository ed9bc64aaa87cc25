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
	if len(tasks) == 0 {
		return Checkpoint(ctx)
	}
	over := NewFuture[struct{}](ctx)
	left := len(tasks)
	ended := func(t *Task[T]) {
		left--
		switch {
		case over.done:
		case first && t.err != nil:
			t.observed = true
			over.observed = true // it carries the error, and the task has it too
			over.settle(t.err)
		case left == 0:
			over.settle(nil)
		}
	}
	handles := make([]*Handle, 0, len(tasks))
	for _, t := range tasks {
		if !t.done {
			handles = append(handles, t.AddDoneCallback(ended))
		}
	}
	for _, t := range tasks {
		if t.done {
			ended(t)
		}
	}
	_, err := over.Await(ctx)
	for _, h := range handles {
		h.Cancel()
	}
	return err
}
