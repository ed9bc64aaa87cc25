package asyncio_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// Loops on different goroutines share nothing that one of them writes. The race
// detector looks at this test; without it, it sees that they all come through.
func TestLoopsOnDifferentGoroutinesDoNotDisturbEachOther(t *testing.T) {
	const loops, runs, tasks = 4, 100, 3
	var ended [loops]int
	var group sync.WaitGroup
	for i := range loops {
		group.Go(func() {
			for range runs {
				if err := runSleepers(tasks, &ended[i]); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	for i, n := range ended {
		if n != runs*tasks {
			t.Errorf("the runs of goroutine %d have ended %d tasks, want %d", i, n, runs*tasks)
		}
	}
}

// runSleepers is a program of n tasks that counts those which have ended.
func runSleepers(n int, ended *int) error {
	return asyncio.Run(asynciotest.Context(context.Background()), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(_ context.Context, g *asyncio.TaskGroup) error {
			for i := range n {
				g.Go(func(ctx context.Context) error {
					defer func() { *ended++ }()
					return asyncio.Sleep(ctx, time.Duration(i)*time.Second)
				})
			}
			return nil
		})
	})
}
