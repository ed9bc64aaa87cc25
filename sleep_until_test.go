package asyncio_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// A sleep that is over already leaves no watch on its context behind: with one the
// loop would believe that somebody outside may still wake a task (rule L5).
func TestSleepUntilThePastUnderAContextOfTheStandardLibraryLeavesNothing(t *testing.T) {
	err := asynciotest.Main(t, func(ctx context.Context) error {
		bounded, cancel := context.WithCancel(ctx)
		defer cancel()
		for range 3 {
			if err := asyncio.SleepUntil(bounded, asyncio.Now(ctx).Add(-time.Hour)); err != nil {
				t.Error(err)
			}
		}
		if n := asyncio.Bridges(ctx); n != 0 {
			t.Errorf("%d contexts are still watched", n)
			return nil // and not for ever
		}
		_, err := asyncio.NewFuture[int](ctx).Await(ctx)
		return err
	})
	if !errors.Is(err, asyncio.ErrDeadlock) && !t.Failed() {
		t.Errorf("error %v, want a deadlock", err)
	}
}

func TestSleepUntilThePastYieldsOnce(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		for name, ctx := range map[string]context.Context{
			"a scope": ctx, "values": context.WithValue(ctx, valueKey(1), "v"), "no cancellation": context.WithoutCancel(ctx),
		} {
			ran := 0
			asyncio.CallSoon(ctx, func() {
				ran++
				asyncio.CallSoon(ctx, func() { ran++ })
			})
			if err := asyncio.SleepUntil(ctx, asyncio.Now(ctx)); err != nil || ran != 1 {
				t.Errorf("%s: error %v, %d callbacks ran, want 1", name, err, ran)
			}
			asyncio.Yield(ctx)
		}
		ended, cancel := asyncio.WithCancel(ctx)
		cancel(nil)
		if err := asyncio.SleepUntil(ended, asyncio.Now(ctx)); !errors.Is(err, context.Canceled) {
			t.Errorf("under a context that has ended: %v", err)
		}
	})
}
