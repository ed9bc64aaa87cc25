package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// A stage is one test's loop: tasks that note what they see, and a director, the
// test itself, that decides what happens in which step.
type stage struct {
	t     *testing.T
	ctx   context.Context
	notes []string
}

// onStage runs direct as the main task of a loop with a virtual clock.
func onStage(t *testing.T, direct func(s *stage)) {
	t.Helper()
	asynciotest.Run(t, func(ctx context.Context) { direct(&stage{t: t, ctx: ctx}) })
}

// note records what happened.
func (s *stage) note(format string, args ...any) {
	s.notes = append(s.notes, fmt.Sprintf(format, args...))
}

// task starts a task. It runs in the next round.
func (s *stage) task(name string, fn func(ctx context.Context) error) *asyncio.Task[struct{}] {
	return asyncio.Go(s.ctx, fn, asyncio.TaskName(name))
}

// waiter starts a task that calls wait and notes its name, with the error where
// there is one. The task ends cancelled where the wait was, and else without an
// error, because the note tells it already.
func (s *stage) waiter(name string, wait func(ctx context.Context) error) *asyncio.Task[struct{}] {
	return s.task(name, func(ctx context.Context) error {
		err := wait(ctx)
		s.note("%s", outcome(name, err))
		return ctx.Err()
	})
}

func outcome(name string, err error) string {
	switch {
	case err == nil:
		return name
	case errors.Is(err, context.Canceled):
		return name + " cancelled"
	default:
		return name + ": " + err.Error()
	}
}

// round lets each task that can run make one step.
func (s *stage) round() { s.must(asyncio.Yield(s.ctx)) }

// settle gives all tasks the rounds that any hand-over in these tests takes.
func (s *stage) settle() {
	for range 10 {
		s.round()
	}
}

// saw settles, and compares what was noted since the last time.
func (s *stage) saw(want ...string) {
	s.t.Helper()
	s.settle()
	if !slices.Equal(s.notes, want) {
		s.t.Errorf("noted %q, want %q", s.notes, want)
	}
	s.notes = nil
}

func (s *stage) must(err error) {
	if err != nil {
		s.t.Helper()
		s.t.Errorf("unexpected error: %v", err)
	}
}

// check compares one value.
func check[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// panics runs f, which must panic with the given text.
func panics(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got := recover(); got != want {
			t.Errorf("panicked with %v, want %q", got, want)
		}
	}()
	f()
}

// refusedOnSecondLoop starts use on one loop, and while it waits there, calls it on
// a second loop.
func refusedOnSecondLoop(t *testing.T, use func(ctx context.Context) error) {
	t.Helper()
	var err error
	onStage(t, func(s *stage) {
		s.waiter("first loop", use)
		s.settle()
		done := make(chan error, 1)
		go func() { done <- asyncio.Run(context.Background(), use) }()
		err = <-done // blocks this loop, so that nothing of it runs beside the other one
	})
	if !errors.Is(err, asyncio.ErrOtherLoop) {
		t.Errorf("the second loop was told %v, want ErrOtherLoop", err)
	}
}

// A rivalry is one hand-over in which the winner is cancelled before it runs.
type rivalry struct {
	wait func(ctx context.Context) error // what the waiters do
	free func()                          // wakes one of them
}

// handsOn checks that what a cancelled waiter was woken for goes to the next one,
// and that order is kept (B2). The waiters are a, b and c; a is woken, and cancelled
// in the same step, before or after.
func handsOn(t *testing.T, start func(s *stage) rivalry) {
	t.Run("woken, then cancelled in the same step", func(t *testing.T) {
		onStage(t, func(s *stage) {
			r := start(s)
			a, _, _ := s.waiter("a", r.wait), s.waiter("b", r.wait), s.waiter("c", r.wait)
			s.settle()
			r.free()
			a.Cancel(nil)
			s.saw("a cancelled", "b")
			r.free()
			s.saw("c")
		})
	})
	t.Run("cancelled, then the next is woken in the same step", func(t *testing.T) {
		onStage(t, func(s *stage) {
			r := start(s)
			a, _, _ := s.waiter("a", r.wait), s.waiter("b", r.wait), s.waiter("c", r.wait)
			s.settle()
			a.Cancel(nil)
			r.free()
			s.saw("a cancelled", "b")
			r.free()
			s.saw("c")
		})
	})
	t.Run("all that are woken in turn are cancelled in one step", func(t *testing.T) {
		onStage(t, func(s *stage) {
			r := start(s)
			a, b := s.waiter("a", r.wait), s.waiter("b", r.wait)
			s.waiter("c", r.wait)
			s.settle()
			r.free()
			b.Cancel(nil)
			a.Cancel(nil)
			s.settle()
			slices.Sort(s.notes) // who of a and b runs first is no part of this rule
			s.saw("a cancelled", "b cancelled", "c")
		})
	})
	t.Run("the last waiter is cancelled, and a newcomer gets it at once", func(t *testing.T) {
		onStage(t, func(s *stage) {
			r := start(s)
			a := s.waiter("a", r.wait)
			s.settle()
			r.free()
			a.Cancel(nil)
			s.saw("a cancelled")
			s.waiter("newcomer", r.wait)
			s.saw("newcomer")
		})
	})
}
