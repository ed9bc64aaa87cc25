package asyncio_test

import (
	"context"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestFutureHasOneOutcome(t *testing.T) {
	scene(t, "the second is refused, whatever the first was", func(t *testing.T, ctx context.Context) {
		for what, first := range map[string]func(*asyncio.Future[int]) error{
			"result":       func(f *asyncio.Future[int]) error { return f.SetResult(1) },
			"error":        func(f *asyncio.Future[int]) error { defer f.Err(); return f.SetError(errBoom) },
			"cancellation": func(f *asyncio.Future[int]) error { f.Cancel(errWhy); return nil },
		} {
			f := asyncio.NewFuture[int](ctx)
			must(t, first(f))
			before := outcomeOf(f.Result())
			expectIs(t, what+", then a result", f.SetResult(2), asyncio.ErrInvalidState)
			expectIs(t, what+", then an error", f.SetError(errWhy), asyncio.ErrInvalidState)
			expect(t, what+", then a cancellation", f.Cancel(errWhy), false)
			expect(t, what+" stands", outcomeOf(f.Result()), before)
		}
	})
	scene(t, "an error that is nil is none", func(t *testing.T, ctx context.Context) {
		f := asyncio.NewFuture[int](ctx)
		expectIs(t, "SetError(nil)", f.SetError(nil), asyncio.ErrInvalidState)
		expect(t, "done", f.Done(), false)
	})
	scene(t, "before it there is ErrNotDone", func(t *testing.T, ctx context.Context) {
		f := asyncio.NewFuture[int](ctx)
		_, err := f.Result()
		expect(t, "Result, Err, Done, Cancelled", []any{err, f.Err(), f.Done(), f.Cancelled()},
			[]any{asyncio.ErrNotDone, asyncio.ErrNotDone, false, false})
	})
	scene(t, "a cancellation without a cause says just that", func(t *testing.T, ctx context.Context) {
		f := asyncio.NewFuture[int](ctx)
		f.Cancel(nil)
		_, err := f.Await(ctx)
		expectIs(t, "error", err, asyncio.ErrTaskCancelled)
		expectNot(t, "error", err, context.Canceled)
		expect(t, "text, cancelled", []any{err, f.Cancelled()}, []any{"asyncio: future was cancelled", true})
	})
}

func TestFutureAwait(t *testing.T) {
	scene(t, "by several wakes them in the order in which they came, callbacks among them", func(t *testing.T, ctx context.Context) {
		f := asyncio.NewFuture[int](ctx)
		var tr trail
		await := func(name string) {
			asyncio.Go(ctx, func(ctx context.Context) error {
				v, err := f.Await(ctx)
				tr.log("%s %d %v", name, v, err)
				return nil
			})
			must(t, asyncio.Yield(ctx))
		}
		await("a")
		f.AddDoneCallback(func(f *asyncio.Future[int]) { tr.log("callback") })
		await("b")
		must(t, f.SetResult(7))
		tr.want(t)
		inRounds(ctx, t, 1)
		tr.want(t, "a 7 <nil>", "callback", "b 7 <nil>")
	})
	scene(t, "that is cancelled leaves the future as it was", func(t *testing.T, ctx context.Context) {
		f := asyncio.NewFuture[int](ctx)
		_, err := asyncio.WaitFor(ctx, time.Second, f.Await)
		expectTimeout(t, err)
		must(t, f.SetResult(1))
		expect(t, "value", value[int](t)(f.Await(ctx)), 1)
		_, err = f.Await(ended(ctx))
		expectIs(t, "under a context that has ended", err, context.Canceled)
	})
	scene(t, "that is cancelled in the round of the outcome leaves it in the future", func(t *testing.T, ctx context.Context) {
		f := asyncio.NewFuture[int](ctx)
		waiter := asyncio.Go(ctx, func(ctx context.Context) error { return second(f.Await(ctx)) })
		must(t, asyncio.Yield(ctx))
		must(t, f.SetResult(3))
		waiter.Cancel(errWhy)
		must(t, second(asyncio.GatherSettled(ctx, waiter)))
		expect(t, "the waiter is cancelled", waiter.Cancelled(), true)
		expect(t, "value", value[int](t)(f.Await(ctx)), 3)
	})
	t.Run("of a future that is never set is a deadlock that names it", func(t *testing.T) {
		err := asynciotest.Main(t, func(ctx context.Context) error {
			return second(asyncio.NewFuture[int](ctx).Await(ctx))
		})
		expectIs(t, "Run", err, asyncio.ErrDeadlock)
		expectContains(t, err, "the only task waits, and nothing is left that could wake it", `task "main" waiting for future 0x`)
	})
}

func TestFutureWhoseErrorNobodyLooksAt(t *testing.T) {
	var reports []asyncio.Report
	asynciotest.Run(t, func(ctx context.Context) {
		asyncio.NewFuture[int](ctx).SetError(errBoom)
		seen := asyncio.NewFuture[int](ctx)
		seen.SetError(errWhy)
		expect(t, "Err", seen.Err(), errWhy)
		asyncio.NewFuture[int](ctx).Cancel(nil) // whoever cancels it knows
	}, quiet(&reports))
	expect(t, "reports", messages(reports), []string{"an error that nobody looked at"})
	expect(t, "it", reports[0].Err, errBoom)
}

func TestFutureNeedsALoop(t *testing.T) {
	expect(t, "panic", recovered(func() { asyncio.NewFuture[int](context.Background()) }), asyncio.ErrNoLoop)
}
