package asyncio_test

import (
	"context"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestCallbacksOfTheLastTasksRunBeforeRunReturns(t *testing.T) {
	t.Run("a Submit whose task the end of main has cancelled comes back", func(t *testing.T) {
		back := make(chan error, 1)
		asynciotest.Run(t, func(ctx context.Context) {
			h := asyncio.OpenHandle(ctx)
			defer h.Close()
			started := asyncio.NewFuture[struct{}](ctx)
			go func() {
				_, err := asyncio.Submit(context.Background(), h, func(ctx context.Context) (int, error) {
					started.SetResult(struct{}{})
					return 0, asyncio.Sleep(ctx, time.Hour)
				})
				back <- err
			}()
			started.Await(ctx)
		})
		select {
		case err := <-back:
			if err == nil {
				t.Error("Submit reported success for a cancelled task")
			}
		case <-time.After(10 * time.Second):
			t.Fatal("Submit never returned")
		}
	})

	t.Run("the done callback of a task that the end of main has cancelled runs", func(t *testing.T) {
		called := false
		asynciotest.Run(t, func(ctx context.Context) {
			task := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
			task.AddDoneCallback(func(*asyncio.Task[struct{}]) { called = true })
		})
		if !called {
			t.Error("it was forgotten")
		}
	})

	t.Run("a task that such a callback creates runs to its end", func(t *testing.T) {
		ended := false
		asynciotest.Run(t, func(ctx context.Context) {
			task := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
			task.AddDoneCallback(func(*asyncio.Task[struct{}]) {
				asyncio.Go(context.WithoutCancel(ctx), func(ctx context.Context) error {
					defer func() { ended = true }()
					return asyncio.Sleep(ctx, time.Second)
				})
			})
		})
		if !ended {
			t.Error("it was dropped in the middle")
		}
	})

	t.Run("a callback that calls itself for ever does not keep Run from returning", func(t *testing.T) {
		calls := 0
		asynciotest.Run(t, func(ctx context.Context) {
			var again func()
			again = func() {
				calls++
				asyncio.CallSoon(ctx, again)
			}
			asyncio.CallSoon(ctx, again)
		})
		if calls == 0 {
			t.Error("it never ran")
		}
	})

	t.Run("what other goroutines have posted runs, and the tasks that it creates", func(t *testing.T) {
		ended := false
		asynciotest.Run(t, func(ctx context.Context) {
			h := asyncio.OpenHandle(ctx)
			asyncio.Go(ctx, func(ctx context.Context) error {
				defer h.CallSoonThreadsafe(func() {
					asyncio.Go(context.WithoutCancel(ctx), func(ctx context.Context) error {
						defer func() { ended = true }()
						return asyncio.Sleep(ctx, time.Second)
					})
				})
				return asyncio.Sleep(ctx, time.Hour)
			})
			asyncio.Yield(ctx)
		})
		if !ended {
			t.Error("the task was dropped")
		}
	})
}
