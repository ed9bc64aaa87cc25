package asyncio

import (
	"context"
	"errors"
)

// ErrNotStarted is the error of [StartIn] where the task has ended without having
// called started.
var ErrNotStarted = errors.New("asyncio: the task ended before it called started")

// StartIn creates a task of the group and waits until it says that it is ready: for
// a server, when it listens. It returns what the task gave to started; only the first
// call of started counts. If the task ends before, with an error, that is StartIn's
// error, and not the group's. If ctx ends first the task is cancelled and its end
// awaited; a value that came at the same time is returned, and the next wait meets
// the cancellation (rule C3).
func StartIn[T any](ctx context.Context, g *TaskGroup, fn func(ctx context.Context, started func(T)) error, opts ...TaskOption) (T, error) {
	var zero T
	s := starting[T]{ready: NewFuture[T](ctx)}
	t := CreateTaskIn(g, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, s.run(ctx, fn)
	}, append(opts[:len(opts):len(opts)], writtenAs(fn))...)
	over := t.onDone(func() { s.ended(&t.promise) })
	defer over.Cancel()
	_, err := s.ready.Await(ctx)
	switch {
	case s.ready.done && s.ready.err == nil:
		return s.ready.value, nil
	case ctx.Err() == nil:
		return zero, err // the task's
	}
	t.Cancel(context.Cause(ctx))
	t.await(context.WithoutCancel(ctx), &t.taskCore)
	s.ready.observed = true
	if s.early != nil {
		return zero, s.early // as in a group, an error is more than a cancellation
	}
	return zero, err
}

// starting is a StartIn under way.
type starting[T any] struct {
	ready *Future[T]
	early error // with which the task has failed before it was ready
}

// run is the task. An error before the start is kept from the group, unless it is
// the task's cancellation, which is no error there.
func (s *starting[T]) run(ctx context.Context, fn func(context.Context, func(T)) error) error {
	err := fn(ctx, func(v T) { s.ready.SetResult(v) })
	if s.ready.done || ctx.(*scope).state.Load().explains(err) {
		return err
	}
	s.early = err
	return nil
}

// ended tells who waits that the task has ended.
func (s *starting[T]) ended(task *promise) {
	switch {
	case s.ready.done:
	case task.cancelled:
		s.ready.SetError(task.err)
	case s.early != nil:
		s.ready.SetError(s.early)
	default:
		s.ready.SetError(ErrNotStarted)
	}
}
