package asyncio

import (
	"context"
	"fmt"
)

// A Future is an outcome that somebody sets: the way from a callback, a signal or
// another library to a task that waits. Several tasks may await it; they are woken
// in the order in which they came.
type Future[T any] struct {
	promise
	loop  *Loop
	value T
}

// NewFuture makes a future of the loop that ctx comes from.
func NewFuture[T any](ctx context.Context) *Future[T] {
	return &Future[T]{loop: mustLoop(ctx)}
}

// SetResult gives the future its value. The second outcome of a future is refused
// with [ErrInvalidState].
func (f *Future[T]) SetResult(v T) error {
	f.loop.check("Future.SetResult")
	if f.done {
		return ErrInvalidState
	}
	f.value = v
	f.settle(nil)
	return nil
}

// SetError gives the future an error as its outcome.
func (f *Future[T]) SetError(err error) error {
	f.loop.check("Future.SetError")
	if err == nil {
		return fmt.Errorf("%w: SetError needs an error; use SetResult", ErrInvalidState)
	}
	if f.done {
		return ErrInvalidState
	}
	f.settle(err)
	f.loop.unseen.add(f)
	return nil
}

// Cancel makes a cancellation the outcome. It reports false where there is one
// already.
func (f *Future[T]) Cancel(cause error) bool {
	f.loop.check("Future.Cancel")
	if f.done {
		f.observed = true
		return false
	}
	f.settleCancelled("future", cause)
	return true
}

// Await waits for the outcome. If ctx ends first Await returns its error, and the
// future is as it was.
func (f *Future[T]) Await(ctx context.Context) (T, error) {
	if err := f.promise.await(ctx, f.loop, f); err != nil {
		var zero T
		return zero, err
	}
	return f.Result()
}

// Result is the outcome, or [ErrNotDone]. It does not wait.
func (f *Future[T]) Result() (T, error) {
	err := f.result()
	return f.value, err
}

// Done reports whether there is an outcome.
func (f *Future[T]) Done() bool { return f.done }

// Cancelled reports whether the outcome is a cancellation.
func (f *Future[T]) Cancelled() bool { return f.cancelled }

// Err is the error of the outcome: see [Awaitable].
func (f *Future[T]) Err() error {
	if !f.done {
		return ErrNotDone
	}
	f.observed = true
	return f.err
}

// AddDoneCallback calls fn on the loop after the outcome has come, in the order
// of the calls, through the queue and never at once. Cancel the handle to take it
// back.
func (f *Future[T]) AddDoneCallback(fn func(*Future[T])) *Handle {
	f.loop.check("Future.AddDoneCallback")
	return f.promise.onDone(f.loop, func() { fn(f) })
}

// String is what reports call the future.
func (f *Future[T]) String() string { return fmt.Sprintf("future %p", f) }

func (f *Future[T]) ending() *promise { return &f.promise }
func (f *Future[T]) home() *Loop      { return f.loop }
func (f *Future[T]) name() string     { return "future" }
