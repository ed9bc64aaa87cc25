package asyncio_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestTasksThatHaveEndedAreCollectedWhileTheirParentGoesOn(t *testing.T) {
	for name, work := range map[string]func(ctx context.Context) error{
		"after waits under their own context": steps,
		"after waits under a timeout of the standard library": func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, time.Hour)
			defer cancel()
			return steps(ctx)
		},
		"after a thread": func(ctx context.Context) error {
			_, err := asyncio.ToThread(ctx, func(ctx context.Context) (int, error) {
				ctx, cancel := context.WithCancel(ctx)
				defer cancel()
				return 0, ctx.Err()
			})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			const n = 100
			var collected atomic.Int64
			asynciotest.Run(t, func(ctx context.Context) {
				for range n {
					asyncio.CreateTask(ctx, func(ctx context.Context) (*[1000]int, error) {
						v := new([1000]int)
						runtime.AddCleanup(v, func(int) { collected.Add(1) }, 0)
						return v, work(ctx)
					})
				}
				asyncio.Sleep(ctx, time.Minute)
				for range 100 {
					collectGarbage()
					if collected.Load() >= n*9/10 { // a few may lie in the loop's hands
						return
					}
				}
				t.Errorf("of %d tasks %d were collected", n, collected.Load())
			})
		})
	}
}

func TestWhoeverWatchesTheContextOfATaskThatHasEndedHearsOfACancellation(t *testing.T) {
	told := make(chan string, 2)
	asynciotest.Run(t, func(ctx context.Context) {
		parent, cancel := asyncio.WithCancel(ctx)
		task := asyncio.Go(parent, func(ctx context.Context) error {
			done := ctx.Done()
			go func() { <-done; told <- "the channel" }()
			derived, end := context.WithCancel(ctx)
			t.Cleanup(end)
			context.AfterFunc(derived, func() { told <- "the derived context" })
			return nil
		})
		if _, err := task.Await(ctx); err != nil {
			t.Error(err)
		}
		cancel(nil)
	})
	for range 2 {
		select {
		case <-told:
		case <-time.After(10 * time.Second):
			t.Fatal("not everybody was told")
		}
	}
}
