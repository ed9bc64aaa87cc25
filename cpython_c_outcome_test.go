package asyncio_test

import (
	"context"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestC29_CancellingWhatIsDone(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		done := asyncio.CreateTask(ctx, sleeps(0, 1))
		gone := asyncio.CreateTask(ctx, forever)
		must(t, asyncio.Yield(ctx))
		gone.Cancel(nil)
		must(t, asyncio.Sleep(ctx, time.Second))
		expect(t, "cancel of a finished task", done.Cancel(nil), false)
		expect(t, "cancelled", gone.Cancelled(), true)
		expectIs(t, "error of a cancelled task", gone.Err(), asyncio.ErrTaskCancelled)
	})
}

// asyncio takes the exception's word for it; here a task is cancelled if its own
// context has ended, and an error that looks like it is an error (rule C5).
func TestC30_ACancellationThatNobodyAskedForIsAnError(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		task := asyncio.Go(ctx, func(context.Context) error { return context.Canceled })
		_, err := task.Await(ctx)
		expect(t, "cancelled", task.Cancelled(), false)
		expect(t, "error", err, context.Canceled)
	})
}

func TestC32_ATaskMayKeepItsValueInSpiteOfACancellation(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		task := asyncio.CreateTask(ctx, func(ctx context.Context) (string, error) {
			_ = asyncio.Sleep(ctx, time.Second)
			return "kept", nil
		})
		must(t, asyncio.Yield(ctx))
		expect(t, "cancel", task.Cancel(nil), true)
		expect(t, "value", value[string](t)(task.Await(ctx)), "kept")
		expect(t, "cancelled", task.Cancelled(), false)
	})
}

// asyncio ends the awaiter as cancelled; here the two are different errors (C5).
func TestC36_AwaitingACancelledTaskDoesNotCancelTheAwaiter(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		inner := asyncio.CreateTask(ctx, forever)
		awaiter := asyncio.CreateTask(ctx, inner.Await)
		must(t, asyncio.Yield(ctx))
		inner.Cancel(nil)
		_, err := awaiter.Await(ctx)
		expect(t, "awaiter cancelled", awaiter.Cancelled(), false)
		expectIs(t, "its error", err, asyncio.ErrTaskCancelled)
		expectNot(t, "its error", err, context.Canceled)
	})
}

func TestC40_ACancellationKeepsItsPlaceInTheQueue(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var tr trail
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			err := asyncio.Sleep(ctx, time.Second)
			tr.log("t1")
			return err
		})
		must(t, asyncio.Yield(ctx))
		task.Cancel(nil)
		asyncio.CallSoon(ctx, tr.logger("x"))
		must(t, asyncio.Yield(ctx))
		tr.want(t, "t1", "x")
	})
}
