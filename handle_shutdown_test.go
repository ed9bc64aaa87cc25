package asyncio_test

import (
	"context"
	"errors"
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

func TestATaskThatTheLastCallbackCreatesMayUseAThread(t *testing.T) {
	ended := make(chan error, 1)
	over := make(chan struct{})
	go func() {
		defer close(over)
		asynciotest.Run(t, func(ctx context.Context) {
			task := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
			task.AddDoneCallback(func(*asyncio.Task[struct{}]) {
				ctx := context.WithoutCancel(ctx)
				asyncio.Go(ctx, func(ctx context.Context) error {
					_, err := asyncio.ToThread(context.WithoutCancel(ctx), func(context.Context) (int, error) { return 0, nil })
					ended <- err
					return err
				})
			})
		})
	}()
	select {
	case <-over:
	case <-time.After(10 * time.Second):
		t.Fatal("Run never returned")
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestSubmitWithAContextThatHasEndedThroughAClosedHandle(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		h := asyncio.OpenHandle(ctx)
		h.Close()
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
			for range 50 { // which of the two it notices first is a matter of chance
				_, err := asyncio.Submit(ended, h, func(context.Context) (int, error) { return 0, nil })
				if !errors.Is(err, asyncio.ErrLoopClosed) {
					return 0, err
				}
			}
			return 0, nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}
