package asyncio

import "context"

// Join waits for the outcome as Await does, but if ctx ends first the future is
// cancelled, for all who wait for it: what asyncio's await always does. It is for
// the one who owns the future. The error is ctx's then; an outcome that came
// before stays in the future.
func (f *Future[T]) Join(ctx context.Context) (T, error) {
	var zero T
	if err := f.promise.await(ctx, f.loop, (*joinedFuture)(&f.promise)); err != nil {
		if ctx.Err() != nil && !f.done && RunningLoop(ctx) == f.loop {
			f.Cancel(context.Cause(ctx)) // ctx had ended before there was a wait
		}
		return zero, err
	}
	return f.Result()
}

// joinedFuture is a future as something to wait for that is cancelled with the
// wait. That happens at the moment of the cancellation, and not when the waiter
// resumes, so that all who wait are woken in the order in which they came.
type joinedFuture promise

// abort cancels the future, which wakes the one who waits with the others.
func (j *joinedFuture) abort(_ *taskCore, e *ended) bool {
	p := (*promise)(j)
	if !p.done {
		p.settleCancelled("future", e.cause)
	}
	return false
}

func (j *joinedFuture) String() string { return "future" }
