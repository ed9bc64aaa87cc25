package asyncio_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// A task that nothing can wake any more is not given its grace period: nothing
// would come of it. It is ended by force at once, and Run says why.
func TestRuleL1AWaitThatNobodyCanEndDoesNotLastForTheGracePeriod(t *testing.T) {
	var seen reports
	forced := time.Time{}
	err := asyncio.Run(asynciotest.Context(context.Background()), func(ctx context.Context) error {
		asyncio.Go(ctx, func(ctx context.Context) error {
			defer func() { forced = asyncio.Now(ctx) }()
			return new(asyncio.Event).Wait(context.WithoutCancel(ctx))
		})
		return asyncio.Sleep(ctx, time.Second)
	}, seen.option(), asyncio.GracePeriod(time.Hour))
	if !errors.Is(err, asyncio.ErrNotEnded) || len(seen) != 1 || !strings.Contains(seen[0].Message, "nothing is left that could wake it") {
		t.Errorf("error %v, and %d reports", err, len(seen))
	}
	if at := forced.UTC().Format(time.TimeOnly); at != "00:00:01" {
		t.Errorf("the task was ended at %s, want 00:00:01, when main has ended", at)
	}
}

// One that something may still wake is given it.
func TestRuleL1AWaitThatMayStillEndLastsForTheGracePeriod(t *testing.T) {
	var seen reports
	err := asyncio.Run(asynciotest.Context(context.Background()), func(ctx context.Context) error {
		asyncio.Go(ctx, func(ctx context.Context) error {
			return asyncio.Sleep(context.WithoutCancel(ctx), time.Minute)
		})
		return asyncio.Sleep(ctx, time.Second)
	}, seen.option(), asyncio.GracePeriod(time.Hour))
	if err != nil || len(seen) != 0 {
		t.Errorf("error %v, and %d reports", err, len(seen))
	}
}

// The grace period is for tasks and threads. Where none is left, what remains to be
// run, such as posts of other goroutines, is finite, and nobody failed to end.
func TestRuleL1CallbacksThatAreLeftHaveNoGracePeriodToMiss(t *testing.T) {
	var seen reports
	ran := 0
	err := asyncio.Run(asynciotest.Context(context.Background()), func(ctx context.Context) error {
		h := asyncio.OpenHandle(ctx)
		for range 5000 {
			if err := h.CallSoonThreadsafe(func() { ran++ }); err != nil {
				return err
			}
		}
		return h.Close()
	}, seen.option(), asyncio.GracePeriod(0))
	if err != nil || len(seen) != 0 || ran != 5000 {
		t.Errorf("error %v, %d reports, %d callbacks ran", err, len(seen), ran)
	}
}
