package asyncio_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestFutureJoin(t *testing.T) {
	// scene has two tasks wait for a future, one of them by Join; then act does
	// something, and the outcomes are logged as the tasks resume.
	scene := func(t *testing.T, act func(ctx context.Context, f *asyncio.Future[int], joining *asyncio.Task[int]), want ...string) {
		asynciotest.Run(t, func(ctx context.Context) {
			var tr trail
			f := asyncio.NewFuture[int](ctx)
			waits := func(name string, wait func(context.Context) (int, error)) *asyncio.Task[int] {
				return asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
					v, err := wait(ctx)
					tr.log("%s %d %t %t", name, v, errors.Is(err, context.Canceled), errors.Is(err, asyncio.ErrTaskCancelled))
					return v, nil
				})
			}
			waits("first", f.Await)
			joining := waits("joining", f.Join)
			waits("last", f.Await)
			must(t, asyncio.Yield(ctx))
			act(ctx, f, joining)
			must(t, asyncio.Sleep(ctx, time.Second))
			tr.want(t, want...)
		})
	}
	t.Run("gives the outcome", func(t *testing.T) {
		scene(t, func(_ context.Context, f *asyncio.Future[int], _ *asyncio.Task[int]) {
			must(t, f.SetResult(5))
		}, "first 5 false false", "joining 5 false false", "last 5 false false")
	})
	t.Run("takes the future along, and everybody wakes in order", func(t *testing.T) {
		scene(t, func(_ context.Context, f *asyncio.Future[int], joining *asyncio.Task[int]) {
			joining.Cancel(nil)
			expect(t, "cancelled at once", f.Cancelled(), true)
		}, "first 0 false true", "joining 0 true false", "last 0 false true")
	})
	t.Run("leaves an outcome that came first", func(t *testing.T) {
		scene(t, func(_ context.Context, f *asyncio.Future[int], joining *asyncio.Task[int]) {
			must(t, f.SetResult(5))
			joining.Cancel(nil)
			expect(t, "cancelled", f.Cancelled(), false)
		}, "first 5 false false", "joining 0 true false", "last 5 false false")
	})
	t.Run("under a context that has ended cancels it too", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			why := errors.New("why")
			ended, cancel := asyncio.WithCancel(ctx)
			cancel(why)
			f := asyncio.NewFuture[int](ctx)
			_, err := f.Join(ended)
			expectIs(t, "its error", err, context.Canceled)
			expectIs(t, "the future's", f.Err(), why)
		})
	})
	t.Run("of a done future does not wait", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			must(t, f.SetResult(3))
			ran := othersRan(ctx, func() { expect(t, "value", value[int](t)(f.Join(ctx)), 3) })
			expect(t, "others ran", ran, false)
		})
	})
}
