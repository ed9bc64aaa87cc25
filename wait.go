package asyncio

import (
	"context"
	"iter"
	"time"
)

// ReturnWhen says when [Wait] returns.
type ReturnWhen uint8

const (
	AllCompleted   ReturnWhen = iota // when all have ended
	FirstCompleted                   // when one has ended
	FirstException                   // when one has ended with an error that is not a cancellation, or all have
)

// Wait waits for some or all of the tasks and futures, and returns those that are
// done and those that are not, both in the order of the arguments. It cancels
// nothing and raises nobody's error; its own error is ctx's. No arguments are
// done, at once.
func Wait[A Awaitable](ctx context.Context, when ReturnWhen, as ...A) (done, pending []A, err error) {
	return waitFor(ctx, when, nil, as)
}

// WaitUpTo is Wait that returns at the latest when d has passed. That is not an
// error.
func WaitUpTo[A Awaitable](ctx context.Context, d time.Duration, when ReturnWhen, as ...A) (done, pending []A, err error) {
	return waitFor(ctx, when, &d, as)
}

func waitFor[A Awaitable](ctx context.Context, when ReturnWhen, limit *time.Duration, as []A) (done, pending []A, err error) {
	if err := Checkpoint(ctx); err != nil || len(as) == 0 {
		return nil, as, err
	}
	over := NewFuture[struct{}](ctx)
	handles := make([]*Handle, 0, len(as)+1)
	if limit != nil {
		handles = append(handles, CallLater(ctx, *limit, func() { over.SetResult(struct{}{}) }))
	}
	left := len(as)
	for _, a := range as {
		handles = append(handles, whenDone(a, func() {
			left--
			p := a.ending()
			failed := p.err != nil && !p.cancelled
			if left == 0 || when == FirstCompleted || when == FirstException && failed {
				over.SetResult(struct{}{})
			}
		}))
	}
	_, err = over.Await(ctx)
	for _, h := range handles {
		h.Cancel()
	}
	for _, a := range as {
		if a.Done() {
			done = append(done, a)
		} else {
			pending = append(pending, a)
		}
	}
	return done, pending, err
}

// AsCompleted yields the tasks and futures as they end, in this order. Where ctx
// ends it yields its error once, with the zero A, and stops. What is left when
// the loop is broken off goes on.
//
//	for t, err := range asyncio.AsCompleted(ctx, tasks...) {
func AsCompleted[A Awaitable](ctx context.Context, as ...A) iter.Seq2[A, error] {
	return func(yield func(A, error) bool) {
		var (
			ended   []A
			waiters WaitQueue
			handles = make([]*Handle, 0, len(as))
		)
		for _, a := range as {
			handles = append(handles, whenDone(a, func() {
				ended = append(ended, a)
				waiters.Wake(1)
			}))
		}
		defer func() {
			for _, h := range handles {
				h.Cancel()
			}
		}()
		for range as {
			a, err := nextEnded(ctx, &ended, &waiters)
			if !yield(a, err) || err != nil {
				return
			}
		}
	}
}

func nextEnded[A Awaitable](ctx context.Context, ended *[]A, waiters *WaitQueue) (a A, err error) {
	if err := Checkpoint(ctx); err != nil {
		return a, err
	}
	for len(*ended) == 0 {
		if _, err := waiters.Park(ctx, waitReason("the next of several tasks")); err != nil {
			return a, err
		}
	}
	a = (*ended)[0]
	*ended = (*ended)[1:]
	return a, nil
}
