package asyncio

import (
	"context"
	"errors"
)

// ErrNotStarted is the error of [StartIn] where the task has ended without having
// called started.
var ErrNotStarted = errors.New("asyncio: the task ended before it called started")

// StartIn creates a task of the group and waits until it says that it is ready: for
// a server, when it listens. It returns what the task gave to started. If the task
// ends before, with an error, that is StartIn's error, and not the group's. If ctx
// ends first the task is cancelled and its end awaited.
func StartIn[T any](ctx context.Context, g *TaskGroup, fn func(ctx context.Context, started func(T)) error, opts ...TaskOption) (T, error) {
	var zero T
	ready := NewFuture[T](ctx)
	var early error
	t := CreateTaskIn(g, func(ctx context.Context) (struct{}, error) {
		err := fn(ctx, func(v T) { ready.SetResult(v) })
		if !ready.done {
			early = err
			err = nil
		}
		return struct{}{}, err
	}, opts...)
	over := t.onDone(func() {
		switch {
		case ready.done:
		case early != nil && !t.cancelled:
			ready.SetError(early)
		default:
			ready.SetError(ErrNotStarted)
		}
	})
	defer over.Cancel()
	v, err := ready.Await(ctx)
	if err != nil && !ready.done {
		t.Cancel(context.Cause(ctx))
		t.await(context.WithoutCancel(ctx), &t.taskCore)
		return zero, err
	}
	return v, err
}
