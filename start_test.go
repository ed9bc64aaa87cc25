package asyncio_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
)

// starter is a body of StartIn.
type starter = func(ctx context.Context, started func(int)) error

// startIn calls StartIn in a group of its own, with start for the caller's context.
func startIn(ctx, start context.Context, fn starter) (n int, err, group error) {
	group = asyncio.WithTaskGroup(ctx, func(_ context.Context, g *asyncio.TaskGroup) error {
		n, err = asyncio.StartIn(start, g, fn)
		g.Cancel(nil)
		return nil
	})
	return n, err, group
}

func TestStartInReturnsWhatTheTaskSays(t *testing.T) {
	scene(t, "when it says so, and the task goes on", func(t *testing.T, ctx context.Context) {
		took := stopwatch(ctx)
		must(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			n, err := asyncio.StartIn(ctx, g, func(ctx context.Context, started func(int)) error {
				must(t, asyncio.Sleep(ctx, time.Second))
				started(80)
				started(81) // the first counts
				return asyncio.Sleep(ctx, time.Minute)
			})
			must(t, err)
			expect(t, "value", n, 80)
			expect(t, "ready after", took(), time.Second)
			return nil
		}))
		expect(t, "the group ends after", took(), time.Second+time.Minute)
	})
	scene(t, "also where the task ends in the same step", func(t *testing.T, ctx context.Context) {
		n, err, group := startIn(ctx, ctx, func(_ context.Context, started func(int)) error {
			started(1)
			return nil
		})
		expect(t, "result", []any{n, err, group}, []any{1, nil, nil})
	})
	scene(t, "also where the caller is cancelled in that round (C3)", func(t *testing.T, ctx context.Context) {
		caller, cancel := asyncio.WithCancel(ctx)
		n, err, group := startIn(ctx, caller, func(_ context.Context, started func(int)) error {
			started(7)
			cancel(errWhy)
			return nil
		})
		expect(t, "result", []any{n, err, group}, []any{7, nil, nil})
		expectIs(t, "the next wait", asyncio.Yield(caller), context.Canceled)
	})
}

func TestStartInOfATaskThatDoesNotStart(t *testing.T) {
	scene(t, "returns its error, which is not the group's", func(t *testing.T, ctx context.Context) {
		_, err, group := startIn(ctx, ctx, func(context.Context, func(int)) error { return errBoom })
		expect(t, "errors", []any{err, group}, []any{errBoom, nil})
	})
	scene(t, "says so where it has no error", func(t *testing.T, ctx context.Context) {
		_, err, group := startIn(ctx, ctx, func(context.Context, func(int)) error { return nil })
		expect(t, "errors", []any{err, group}, []any{asyncio.ErrNotStarted, nil})
	})
	scene(t, "tells a cancellation of the task from one of the caller (C5)", func(t *testing.T, ctx context.Context) {
		must(t, asyncio.WithTaskGroup(ctx, func(_ context.Context, g *asyncio.TaskGroup) error {
			asyncio.CallLater(ctx, time.Second, func() { g.Cancel(errWhy) })
			_, err := asyncio.StartIn(ctx, g, func(ctx context.Context, _ func(int)) error {
				return asyncio.Sleep(ctx, time.Hour)
			})
			expectIs(t, "what was awaited", err, asyncio.ErrTaskCancelled)
			expectIs(t, "the cause", err, errWhy)
			expectNot(t, "the caller", err, context.Canceled)
			return nil
		}))
	})
	scene(t, "leaves its panic to the group", func(t *testing.T, ctx context.Context) {
		v := recovered(func() {
			asyncio.WithTaskGroup(ctx, func(_ context.Context, g *asyncio.TaskGroup) error {
				_, err := asyncio.StartIn(ctx, g, func(context.Context, func(int)) error { panic(errBoom) })
				expect(t, "the caller", err, asyncio.ErrNotStarted)
				return nil
			})
		})
		e, ok := v.(*asyncio.PanicError)
		expect(t, "the group's panic", ok && errors.Is(e, errBoom), true)
	})
	scene(t, "leaves an error after the start to the group", func(t *testing.T, ctx context.Context) {
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			_, err := asyncio.StartIn(ctx, g, func(ctx context.Context, started func(int)) error {
				started(1)
				return failing(time.Second, errBoom)(ctx)
			})
			return err
		})
		expect(t, "errors", members(t, err), []error{errBoom})
	})
}

func TestStartInWhoseCallerIsCancelled(t *testing.T) {
	scene(t, "cancels the task and waits for its end", func(t *testing.T, ctx context.Context) {
		caller, cancel := asyncio.WithCancel(ctx)
		asyncio.CallLater(ctx, time.Second, func() { cancel(errWhy) })
		took := stopwatch(ctx)
		_, err, group := startIn(ctx, caller, func(ctx context.Context, _ func(int)) error {
			err := asyncio.Sleep(ctx, time.Hour)
			expect(t, "the task's cause", context.Cause(ctx), errWhy)
			must(t, asyncio.Sleep(context.WithoutCancel(ctx), time.Second))
			return err
		})
		expectIs(t, "the caller", err, context.Canceled)
		expectNot(t, "the caller", err, asyncio.ErrTaskCancelled)
		must(t, group)
		expect(t, "time", took(), 2*time.Second)
	})
	scene(t, "before the call does the same, so that the task can clean up (C7)", func(t *testing.T, ctx context.Context) {
		cleaned := false
		_, err, group := startIn(ctx, ended(ctx), func(ctx context.Context, _ func(int)) error {
			defer func() { cleaned = true }()
			return asyncio.Sleep(ctx, time.Hour)
		})
		expectIs(t, "the caller", err, context.Canceled)
		must(t, group)
		expect(t, "cleaned up", cleaned, true)
	})
	scene(t, "still gets the error of a task that fails in its clean-up (L2)", func(t *testing.T, ctx context.Context) {
		caller, cancel := asyncio.WithCancel(ctx)
		asyncio.CallLater(ctx, time.Second, func() { cancel(errWhy) })
		_, err, group := startIn(ctx, caller, func(ctx context.Context, _ func(int)) error {
			asyncio.Sleep(ctx, time.Hour)
			return errBoom
		})
		expectIs(t, "the task's error", err, errBoom)
		must(t, group)
	})
	scene(t, "is not told of a start that comes too late", func(t *testing.T, ctx context.Context) {
		caller, cancel := asyncio.WithCancel(ctx)
		asyncio.CallLater(ctx, time.Second, func() { cancel(errWhy) })
		n, err, group := startIn(ctx, caller, func(ctx context.Context, started func(int)) error {
			asyncio.Sleep(ctx, time.Hour)
			started(5)
			return nil
		})
		expectIs(t, "the caller", err, context.Canceled)
		must(t, group)
		expect(t, "value", n, 0)
	})
}
