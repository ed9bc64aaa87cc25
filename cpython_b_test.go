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

func TestB01_DoneCallbacksRunInTheNextRoundInOrder(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var tr trail
		f := asyncio.NewFuture[int](ctx)
		for _, name := range []string{"a", "b", "c"} {
			f.AddDoneCallback(func(*asyncio.Future[int]) { tr.log("%s", name) })
		}
		must(t, f.SetResult(1))
		tr.want(t)
		must(t, asyncio.Yield(ctx))
		tr.want(t, "a", "b", "c")
	})
}

func TestB02_ACallbackOfADoneFutureRunsInTheNextRoundToo(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var tr trail
		f := asyncio.NewFuture[int](ctx)
		must(t, f.SetResult(1))
		f.AddDoneCallback(func(*asyncio.Future[int]) { tr.log("cb") })
		tr.want(t)
		must(t, asyncio.Yield(ctx))
		tr.want(t, "cb")
	})
}

// Go cannot compare functions, so a callback is removed by its handle, and each
// adding has one of its own.
func TestB03_OneHandleRemovesOneCallback(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		calls := 0
		f := asyncio.NewFuture[int](ctx)
		count := func(*asyncio.Future[int]) { calls++ }
		first := f.AddDoneCallback(count)
		f.AddDoneCallback(count)
		f.AddDoneCallback(count)
		expect(t, "cancelled", first.Cancel(), true)
		expect(t, "cancelled again", first.Cancel(), false)
		must(t, f.SetResult(1))
		must(t, asyncio.Yield(ctx))
		expect(t, "calls", calls, 2)
	})
}

func TestB04_AFutureIsSetOnceAndAskedWhenDone(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		f := asyncio.NewFuture[int](ctx)
		_, err := f.Result()
		expectIs(t, "result while pending", err, asyncio.ErrNotDone)
		expectIs(t, "error while pending", f.Err(), asyncio.ErrNotDone)
		must(t, f.SetResult(1))
		expectIs(t, "second result", f.SetResult(2), asyncio.ErrInvalidState)
		expectIs(t, "error after a result", f.SetError(errBoom), asyncio.ErrInvalidState)
		expect(t, "result", value[int](t)(f.Result()), 1)

		c := asyncio.NewFuture[int](ctx)
		c.Cancel(nil)
		expectIs(t, "result after a cancellation", c.SetResult(1), asyncio.ErrInvalidState)
	})
}

func TestB06_CancellingAFuture(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		why := errors.New("why")
		f := asyncio.NewFuture[int](ctx)
		expect(t, "pending", f.Cancel(why), true)
		expect(t, "twice", f.Cancel(why), false)
		_, err := f.Result()
		expectIs(t, "result", err, asyncio.ErrTaskCancelled)
		expectIs(t, "its cause", err, why)
		expect(t, "cancelled", f.Cancelled(), true)

		done := asyncio.NewFuture[int](ctx)
		must(t, done.SetResult(1))
		expect(t, "done", done.Cancel(why), false)
		expect(t, "still its result", value[int](t)(done.Result()), 1)
	})
}

func TestB07_AwaitingADoneFutureDoesNotYield(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		f := asyncio.NewFuture[int](ctx)
		must(t, f.SetResult(7))
		ran := othersRan(ctx, func() { expect(t, "value", value[int](t)(f.Await(ctx)), 7) })
		expect(t, "others ran", ran, false)
	})
}

func TestB08_WaitersOfAFutureWakeInOrder(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var tr trail
		f := asyncio.NewFuture[int](ctx)
		for _, name := range []string{"0", "1", "2"} {
			asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := f.Await(ctx)
				tr.log("%s", name)
				return err
			})
		}
		must(t, asyncio.Yield(ctx))
		must(t, f.SetResult(1))
		must(t, asyncio.Sleep(ctx, time.Second))
		tr.want(t, "0", "1", "2")
	})
}

func TestB12_AResultFromOutsideArrivesOnTheLoop(t *testing.T) {
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		results := make(chan int, 1)
		go func() { results <- 5 }()
		v, ok, err := asyncio.Receive(ctx, results)
		expect(t, "received", []any{v, ok}, []any{5, true})
		return err
	})
	must(t, err)
}

// asyncio reports it when the garbage collector finds it; here the end of Run is
// the fixed point (rule L2).
func TestB09_AnErrorNobodyLookedAtIsReportedAtTheEnd(t *testing.T) {
	var reports []asyncio.Report
	asynciotest.Run(t, func(ctx context.Context) {
		must(t, asyncio.NewFuture[int](ctx).SetError(errBoom))
		must(t, asyncio.Sleep(ctx, time.Hour))
		expect(t, "reports before the end", len(reports), 0)
	}, quiet(&reports))
	if expect(t, "reports", len(reports), 1) {
		expectIs(t, "the report", reports[0].Err, errBoom)
	}
}

func TestB10_APanicInADoneCallbackStopsNoOther(t *testing.T) {
	var tr trail
	var reports []asyncio.Report
	asynciotest.Run(t, func(ctx context.Context) {
		f := asyncio.NewFuture[int](ctx)
		f.AddDoneCallback(func(*asyncio.Future[int]) { panic(errBoom) })
		f.AddDoneCallback(func(*asyncio.Future[int]) { tr.log("second") })
		must(t, f.SetResult(1))
		must(t, asyncio.Yield(ctx))
	}, quiet(&reports))
	tr.want(t, "second")
	if expect(t, "reports", len(reports), 1) {
		expectIs(t, "the report", reports[0].Err, errBoom)
	}
}

func TestB11_AFutureOfAnotherLoopIsRefused(t *testing.T) {
	var f *asyncio.Future[int]
	asynciotest.Run(t, func(ctx context.Context) { f = asyncio.NewFuture[int](ctx) })
	asynciotest.Run(t, func(ctx context.Context) {
		if _, err := f.Await(ctx); err == nil || !strings.Contains(err.Error(), "another loop") {
			t.Errorf("error %v, want one that tells of another loop", err)
		}
	})
}
