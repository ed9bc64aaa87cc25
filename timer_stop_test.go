package asyncio_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestATimerThatTakesThePlaceOfAStoppedOneFiresInItsTurn(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var fired []int
		var stopped *asyncio.Handle
		// The last one is early, and takes the place of one that stands below a late one.
		for _, ms := range []int{1, 100, 2, 50, 60, 200, 201, 202, 203, 3} {
			h := asyncio.CallLater(ctx, time.Duration(ms)*time.Millisecond, func() { fired = append(fired, ms) })
			if ms == 200 {
				stopped = h
			}
		}
		stopped.Cancel()
		asyncio.Sleep(ctx, time.Second)
		if want := []int{1, 2, 3, 50, 60, 100, 201, 202, 203}; !slices.Equal(fired, want) {
			t.Errorf("they fired in the order %v, want %v", fired, want)
		}
	})
}

func TestASleepThatIsCancelledWhenItIsDueDisturbsNoOther(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var victim *asyncio.Task[struct{}]
		asyncio.CallLater(ctx, time.Millisecond, func() { victim.Cancel(nil) }) // comes first at that time
		victim = asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Millisecond) })
		asyncio.Sleep(ctx, 0)
		victim.Await(ctx)
		asyncio.Yield(ctx) // the timer's turn is over
		start := asyncio.Now(ctx)
		var took [2]time.Duration
		asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			for i := range took {
				g.Go(func(ctx context.Context) error {
					err := asyncio.Sleep(ctx, time.Duration(i+1)*time.Millisecond)
					took[i] = asyncio.Now(ctx).Sub(start)
					return err
				})
			}
			return nil
		})
		if want := [2]time.Duration{time.Millisecond, 2 * time.Millisecond}; took != want {
			t.Errorf("two sleeps took %v, want %v", took, want)
		}
	})
}
