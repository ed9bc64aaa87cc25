package asynciotest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestWaitIdle(t *testing.T) {
	t.Run("returns when every other task waits, and no time has passed", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			start, steps := asyncio.Now(ctx), 0
			asyncio.Go(ctx, func(ctx context.Context) error {
				for range 50 {
					steps++
					if err := asyncio.Yield(ctx); err != nil {
						return err
					}
				}
				return asyncio.Sleep(ctx, time.Hour)
			})
			if err := asynciotest.WaitIdle(ctx); err != nil || steps != 50 {
				t.Errorf("%v after %d steps; want 50", err, steps)
			}
			if passed := asyncio.Now(ctx).Sub(start); passed != 0 {
				t.Errorf("%v passed", passed)
			}
		})
	})

	t.Run("waits for callbacks and for what they start", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			ran := false
			asyncio.CallSoon(ctx, func() {
				asyncio.Go(ctx, func(ctx context.Context) error {
					defer func() { ran = true }()
					return asyncio.Yield(ctx)
				})
			})
			if err := asynciotest.WaitIdle(ctx); err != nil || !ran {
				t.Errorf("%v, ran: %v", err, ran)
			}
		})
	})

	t.Run("returns at once where there is no other task", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			if err := asynciotest.WaitIdle(ctx); err != nil {
				t.Error(err)
			}
		})
	})

	t.Run("several tasks that call it go on together, in order", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			var order []int
			idle := func(i int) *asyncio.Task[struct{}] {
				return asyncio.Go(ctx, func(ctx context.Context) error {
					err := asynciotest.WaitIdle(ctx)
					order = append(order, i)
					return err
				})
			}
			if _, err := asyncio.Gather(ctx, idle(0), idle(1)); err != nil || len(order) != 2 || order[0] != 0 {
				t.Errorf("order %v, %v", order, err)
			}
		})
	})

	t.Run("a cancelled WaitIdle returns the cancellation", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			ctx, cancel := asyncio.WithCancel(ctx)
			cancel(nil)
			if err := asynciotest.WaitIdle(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		})
	})

	t.Run("works in real time, where descriptors and posts are looked at first", func(t *testing.T) {
		err := asyncio.Run(context.Background(), func(ctx context.Context) error {
			h := asyncio.OpenHandle(ctx)
			defer h.Close()
			posted := false
			if err := h.CallSoonThreadsafe(func() { posted = true }); err != nil {
				return err
			}
			asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
			err := asynciotest.WaitIdle(ctx)
			if !posted {
				t.Error("idle before the post had run")
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}
