package asyncio_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// asyncio reports it at some garbage collection; here the end of Run is the
// fixed point (rule L2).
func TestC17_AFailedTaskThatNobodyAwaitedIsReportedAtTheEnd(t *testing.T) {
	var reports []asyncio.Report
	asynciotest.Run(t, func(ctx context.Context) {
		asyncio.CreateTask(ctx, fails(0, errBoom), asyncio.TaskName("lost"))
		must(t, asyncio.Sleep(ctx, time.Hour))
		runtime.GC()
		expect(t, "reports before the end", len(reports), 0)
	}, quiet(&reports))
	if expect(t, "reports", len(reports), 1) {
		expectIs(t, "the error", reports[0].Err, errBoom)
		expect(t, "the task", reports[0].Task, "lost")
	}
}

func TestC19_APanicIsRaisedWhereTheTaskIsAwaited(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		task := asyncio.Go(ctx, func(context.Context) error { panic(errBoom) })
		must(t, asyncio.Yield(ctx)) // main goes on: asyncio's SystemExit would have ended it here
		raised := recovered(func() { _, _ = task.Await(ctx) })
		err, _ := raised.(error)
		var p *asyncio.PanicError
		expect(t, "a panic with its stack", errors.As(err, &p) && len(p.Stack) > 0, true)
		expectIs(t, "its value", err, errBoom)
	})
}

func TestC19_APanicThatNobodyAwaitedIsRaisedByRun(t *testing.T) {
	var tr trail
	raised := recovered(func() {
		_ = asyncio.Run(t.Context(), func(ctx context.Context) error {
			asyncio.Go(ctx, func(context.Context) error { panic(errBoom) })
			defer tr.log("main ended")
			return asyncio.Yield(ctx)
		})
	})
	err, _ := raised.(error)
	expectIs(t, "raised", err, errBoom)
	tr.want(t, "main ended")
}

// recovered is what f panics with.
func recovered(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}

// C18 is the same scenario with the report that asyncio makes.
func TestC33_TheLoopHoldsTasksThatNobodyElseHolds(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := asyncio.NewFuture[int](ctx).Await(ctx)
			return err
		})
		must(t, asyncio.Yield(ctx))
		runtime.GC()
		must(t, asyncio.Yield(ctx))
		expect(t, "tasks", len(asyncio.AllTasks(ctx)), 2)
	})
}

func TestC34_CancellingAFailedTaskMeansThatItsErrorIsKnown(t *testing.T) {
	var reports []asyncio.Report
	asynciotest.Run(t, func(ctx context.Context) {
		task := asyncio.CreateTask(ctx, fails(0, errBoom))
		must(t, asyncio.Sleep(ctx, time.Second))
		expect(t, "cancel", task.Cancel(nil), false)
	}, quiet(&reports))
	expect(t, "reports", len(reports), 0)
}

// D31 is the same with shield in between: asyncio's waiter is cancelled, the task
// fails later, and the report comes at some garbage collection.
func TestD31_ATaskThatFailsAfterItsWaiterHasGoneIsReported(t *testing.T) {
	var reports []asyncio.Report
	asynciotest.Run(t, func(ctx context.Context) {
		inner := asyncio.CreateTask(ctx, fails(time.Second, errBoom))
		waiter := asyncio.CreateTask(ctx, inner.Await)
		must(t, asyncio.Yield(ctx))
		waiter.Cancel(nil)
		must(t, asyncio.Sleep(ctx, time.Hour))
		expect(t, "waiter cancelled", waiter.Cancelled(), true)
	}, quiet(&reports))
	if expect(t, "reports", len(reports), 1) {
		expectIs(t, "the report", reports[0].Err, errBoom)
	}
}
