package asyncio_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestWithCancel(t *testing.T) {
	scene(t, "counts the first call; later ones do nothing", func(t *testing.T, ctx context.Context) {
		inner, cancel := asyncio.WithCancel(ctx)
		cancel(errWhy)
		cancel(errBoom)
		cancel(nil)
		expect(t, "cause", context.Cause(inner), errWhy)
		must(t, ctx.Err())
	})
	scene(t, "without a cause has the context's error as its cause", func(t *testing.T, ctx context.Context) {
		inner, cancel := asyncio.WithCancel(ctx)
		cancel(nil)
		expect(t, "cause", context.Cause(inner), context.Canceled)
		expect(t, "wait", asyncio.Yield(inner), context.Canceled)
	})
	scene(t, "under a context that has ended keeps that one's reason", func(t *testing.T, ctx context.Context) {
		inner, cancel := asyncio.WithCancel(ended(ctx))
		cancel(errBoom)
		expect(t, "cause", context.Cause(inner), errWhy)
	})
	scene(t, "reaches what was made under it after the call", func(t *testing.T, ctx context.Context) {
		inner, cancel := asyncio.WithCancel(ctx)
		cancel(errWhy)
		below, stop := asyncio.WithCancel(inner)
		defer stop(nil)
		expectIs(t, "a wait below", asyncio.Yield(below), errWhy)
		_, err := asyncio.CreateTask(below, forever).Await(ctx)
		expectIs(t, "a task below", err, asyncio.ErrTaskCancelled)
	})
	scene(t, "reaches all waits in the order in which they began, in one step", func(t *testing.T, ctx context.Context) {
		inner, cancel := asyncio.WithCancel(ctx)
		var tr trail
		for i := range 3 {
			asyncio.Go(context.WithoutCancel(inner), func(context.Context) error {
				asyncio.Sleep(inner, time.Hour)
				tr.log("%d", i)
				return nil
			})
		}
		must(t, asyncio.Yield(ctx))
		cancel(errWhy)
		must(t, asyncio.Yield(ctx))
		tr.want(t, "0", "1", "2")
	})
	scene(t, "by a task of itself is met at its next wait", func(t *testing.T, ctx context.Context) {
		inner, cancel := asyncio.WithCancel(ctx)
		task := asyncio.Go(inner, func(ctx context.Context) error {
			cancel(errWhy)
			expect(t, "ended at once", ctx.Err(), context.Canceled)
			return asyncio.Yield(ctx)
		})
		_, err := task.Await(ctx)
		expectIs(t, "the task", err, asyncio.ErrTaskCancelled)
	})
	t.Run("after Run has returned does nothing", func(t *testing.T) {
		var stale asyncio.CancelFunc
		var inner context.Context
		must(t, asynciotest.Main(t, func(ctx context.Context) error {
			inner, stale = asyncio.WithCancel(ctx)
			return nil
		}))
		stale(errWhy)
		expect(t, "cause", context.Cause(inner), asyncio.ErrLoopClosed)
	})
}

func TestShield(t *testing.T) {
	scene(t, "counts from the cancellation where that comes later", func(t *testing.T, ctx context.Context) {
		outer, cancel := asyncio.WithCancel(ctx)
		shielded, stop := asyncio.Shield(outer, time.Second)
		defer stop()
		asyncio.CallLater(ctx, time.Hour, func() { cancel(errWhy) })
		took := stopwatch(ctx)
		expectIs(t, "the wait", asyncio.Sleep(shielded, 24*time.Hour), context.DeadlineExceeded)
		expect(t, "time", took(), time.Hour+time.Second)
	})
	scene(t, "counts from the call where ctx has ended before", func(t *testing.T, ctx context.Context) {
		shielded, stop := asyncio.Shield(ended(ctx), time.Second)
		defer stop()
		must(t, asyncio.Sleep(shielded, time.Second/2))
		took := stopwatch(ctx)
		expectIs(t, "the wait", asyncio.Sleep(shielded, time.Hour), context.DeadlineExceeded)
		expect(t, "time", took(), time.Second/2)
	})
	scene(t, "without grace ends with ctx", func(t *testing.T, ctx context.Context) {
		for _, grace := range []time.Duration{0, -time.Hour} {
			outer, cancel := asyncio.WithCancel(ctx)
			shielded, stop := asyncio.Shield(outer, grace)
			asyncio.CallLater(ctx, time.Minute, func() { cancel(errWhy) })
			took := stopwatch(ctx)
			expectIs(t, "the wait", asyncio.Sleep(shielded, time.Hour), context.DeadlineExceeded)
			expect(t, "time", took(), time.Minute)
			stop()
		}
	})
	scene(t, "with endless grace does not end", func(t *testing.T, ctx context.Context) {
		outer, cancel := asyncio.WithCancel(ctx)
		shielded, stop := asyncio.Shield(outer, math.MaxInt64)
		defer stop()
		cancel(errWhy)
		must(t, asyncio.Sleep(shielded, 10000*time.Hour))
	})
	scene(t, "that was given back ends, and may be given back twice", func(t *testing.T, ctx context.Context) {
		outer, cancel := asyncio.WithCancel(ctx)
		shielded, stop := asyncio.Shield(outer, time.Second)
		stop()
		stop()
		expect(t, "error", shielded.Err(), context.Canceled)
		cancel(errWhy)
		stop()
		must(t, asyncio.Sleep(ctx, time.Minute))
		expect(t, "error", shielded.Err(), context.Canceled)
	})
	scene(t, "inside another adds its grace", func(t *testing.T, ctx context.Context) {
		outer, cancel := asyncio.WithCancel(ctx)
		first, stopFirst := asyncio.Shield(outer, 2*time.Second)
		defer stopFirst()
		second, stopSecond := asyncio.Shield(first, 5*time.Second)
		defer stopSecond()
		cancel(errWhy)
		took := stopwatch(ctx)
		expectIs(t, "the wait", asyncio.Sleep(second, time.Hour), context.DeadlineExceeded)
		expect(t, "time", took(), 7*time.Second)
	})
	scene(t, "keeps the values, and hides the deadline", func(t *testing.T, ctx context.Context) {
		type key struct{}
		inner, timeout := asyncio.WithTimeout(context.WithValue(ctx, key{}, "v"), time.Second)
		defer timeout.Cancel()
		shielded, stop := asyncio.Shield(inner, time.Minute)
		defer stop()
		_, has := shielded.Deadline()
		expect(t, "value, has a deadline", []any{shielded.Value(key{}), has}, []any{"v", false})
		asyncio.Sleep(inner, time.Hour)
		_, has = shielded.Deadline()
		expect(t, "has a deadline after the expiry", has, true)
		must(t, asyncio.Sleep(shielded, 59*time.Second))
	})
	scene(t, "works over a context of the standard library", func(t *testing.T, ctx context.Context) {
		std, cancel := context.WithCancel(ctx)
		shielded, stop := asyncio.Shield(std, time.Second)
		defer stop()
		asyncio.CallLater(ctx, time.Minute, cancel)
		took := stopwatch(ctx)
		expectIs(t, "the wait", asyncio.Sleep(shielded, time.Hour), context.DeadlineExceeded)
		expect(t, "time", took(), time.Minute+time.Second)
	})
	t.Run("bounds the clean-up of a task after main has ended", func(t *testing.T) {
		var took time.Duration
		must(t, asynciotest.Main(t, func(ctx context.Context) error {
			asyncio.Go(ctx, func(ctx context.Context) error {
				asyncio.Sleep(ctx, time.Hour)
				since := stopwatch(context.WithoutCancel(ctx))
				shielded, stop := asyncio.Shield(ctx, 3*time.Second)
				defer stop()
				err := asyncio.Sleep(shielded, time.Hour)
				took = since()
				expectIs(t, "the clean-up", err, context.DeadlineExceeded)
				return nil
			})
			return asyncio.Yield(ctx)
		}))
		expect(t, "time", took, 3*time.Second)
	})
}
