package asynciotest_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestInsideSynctest(t *testing.T) {
	tasks := func(ctx context.Context) error {
		a := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
		_, err := a.Await(ctx)
		return err
	}

	t.Run("a virtual run works in a bubble and keeps a clock of its own", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			asynciotest.Run(t, func(ctx context.Context) {
				loop := asyncio.Now(ctx)
				if err := tasks(ctx); err != nil {
					t.Error(err)
				}
				if d := asyncio.Now(ctx).Sub(loop); d != time.Hour {
					t.Errorf("the loop's clock moved by %v", d)
				}
			})
			if d := time.Since(start); d != 0 {
				t.Errorf("the bubble's clock moved by %v", d)
			}
		})
	})

	t.Run("a thread of a virtual run sleeps on the bubble's clock", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			asynciotest.Run(t, func(ctx context.Context) {
				_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
					time.Sleep(time.Hour)
					return 0, nil
				})
				if err != nil {
					t.Error(err)
				}
			})
			if d := time.Since(start); d != time.Hour {
				t.Errorf("the bubble's clock moved by %v; want 1h", d)
			}
		})
	})

	t.Run("asyncio.Run works in a bubble on the bubble's clock", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			err := asyncio.Run(context.Background(), func(ctx context.Context) error {
				loop := asyncio.Now(ctx)
				if !loop.Equal(start) {
					t.Errorf("the loop's clock shows %v, the bubble's %v", loop, start)
				}
				if err := tasks(ctx); err != nil {
					return err
				}
				if d := asyncio.Now(ctx).Sub(loop); d != time.Hour {
					t.Errorf("the loop's clock moved by %v", d)
				}
				ctx, timeout := asyncio.WithTimeout(ctx, time.Minute)
				defer timeout.Cancel()
				_, _, err := asyncio.Receive(ctx, make(chan int))
				if !timeout.Caused(err) {
					t.Errorf("a wait for a Go channel ended with %v", err)
				}
				return nil
			})
			if d := time.Since(start); err != nil || d != time.Hour+time.Minute {
				t.Errorf("%v after %v on the bubble's clock", err, d)
			}
		})
	})
}
