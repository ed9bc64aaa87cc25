package asyncio

import (
	"context"
	"fmt"
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
// nothing and raises nobody's error; its own error is ctx's, and what is done and
// what is not it tells in that case too. No arguments are done, at once.
func Wait[A Awaitable](ctx context.Context, when ReturnWhen, as ...A) (done, pending []A, err error) {
	return waitFor(ctx, when, nil, as)
}

// WaitUpTo is Wait that returns at the latest when d has passed. That is not an
// error.
func WaitUpTo[A Awaitable](ctx context.Context, d time.Duration, when ReturnWhen, as ...A) (done, pending []A, err error) {
	return waitFor(ctx, when, &d, as)
}

func waitFor[A Awaitable](ctx context.Context, when ReturnWhen, limit *time.Duration, as []A) (done, pending []A, err error) {
	if err = Checkpoint(ctx); err == nil && len(as) > 0 {
		err = (&several[A]{as: as}).wait(ctx, when, limit)
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

// several is tasks and futures that are waited for together.
type several[A Awaitable] struct {
	as      []A
	waiter  WaitQueue
	handles []*Handle
}

// watch calls f for each when it has its outcome, until forget.
func (s *several[A]) watch(l *Loop, f func(A)) error {
	if l == nil {
		return ErrNoLoop
	}
	for _, a := range s.as {
		h, err := watch(l, a, func() { f(a) })
		if err != nil {
			return err
		}
		s.handles = append(s.handles, h)
	}
	return nil
}

func (s *several[A]) forget() {
	for _, h := range s.handles {
		h.Cancel()
	}
}

// wait is what Wait suspends for.
func (s *several[A]) wait(ctx context.Context, when ReturnWhen, limit *time.Duration) error {
	defer s.forget()
	if limit != nil {
		s.handles = append(s.handles, CallLater(ctx, *limit, func() { s.waiter.WakeAll() }))
	}
	left := len(s.as)
	err := s.watch(RunningLoop(ctx), func(a A) {
		left--
		p := a.ending()
		failed := p.err != nil && !p.cancelled
		if left == 0 || when == FirstCompleted || when == FirstException && failed {
			s.waiter.WakeAll()
		}
	})
	if err == nil {
		_, err = s.waiter.Park(ctx, s)
	}
	return err
}

func (s *several[A]) String() string {
	return fmt.Sprintf("one or all of %d tasks and futures", len(s.as))
}

// holders are the tasks among them that have not ended.
func (s *several[A]) holders() (ids []uint64) {
	for _, a := range s.as {
		if t, ok := any(a).(AnyTask); ok && !a.Done() {
			ids = append(ids, t.ID())
		}
	}
	return ids
}

// AsCompleted yields the tasks and futures as they end, in this order. Where ctx
// ends it yields its error once, with the zero A, and stops. What is left when
// the loop is broken off goes on.
//
//	for t, err := range asyncio.AsCompleted(ctx, tasks...) {
func AsCompleted[A Awaitable](ctx context.Context, as ...A) iter.Seq2[A, error] {
	return func(yield func(A, error) bool) {
		var ended []A
		s := &several[A]{as: as}
		defer s.forget()
		err := s.watch(RunningLoop(ctx), func(a A) {
			ended = append(ended, a)
			s.waiter.Wake(1)
		})
		for range as {
			var a A
			if err == nil {
				a, err = s.next(ctx, &ended)
			}
			if !yield(a, err) || err != nil {
				return
			}
		}
	}
}

// next waits until one more has ended.
func (s *several[A]) next(ctx context.Context, ended *[]A) (a A, err error) {
	if err := Checkpoint(ctx); err != nil {
		return a, err
	}
	for len(*ended) == 0 {
		if _, err := s.waiter.Park(ctx, s); err != nil {
			return a, err
		}
	}
	a = (*ended)[0]
	*ended = (*ended)[1:]
	return a, nil
}
