package asyncio_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestContextCauseTellsWhyATaskWasCancelled(t *testing.T) {
	why := errors.New("enough")
	asynciotest.Run(t, func(ctx context.Context) {
		inner := make(map[string]error)
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(_ context.Context, g *asyncio.TaskGroup) error {
				g.Go(func(ctx context.Context) error {
					asyncio.Sleep(ctx, time.Hour)
					derived, cancel := context.WithCancel(ctx)
					defer cancel()
					limited, timeout := asyncio.WithTimeout(ctx, time.Hour)
					defer timeout.Cancel()
					inner["in a task of its group"] = context.Cause(ctx)
					inner["in a context of the standard library"] = context.Cause(derived)
					inner["under a timeout"] = context.Cause(limited)
					return nil
				})
				return nil
			})
		})
		asyncio.Sleep(ctx, time.Second)
		task.Cancel(why)
		task.Await(ctx)
		for where, cause := range inner {
			if cause != why {
				t.Errorf("%s: cause %v, want %v", where, cause, why)
			}
		}
		if len(inner) != 3 {
			t.Errorf("asked in %d places, want 3", len(inner))
		}
	})
}
