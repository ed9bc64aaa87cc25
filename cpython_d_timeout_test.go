package asyncio_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestD13_WaitForWaitsUntilTheLateTaskHasEnded(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var tr trail
		start := asyncio.Now(ctx)
		inner := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
			err := asyncio.Sleep(ctx, time.Hour)
			must(t, asyncio.Sleep(context.WithoutCancel(ctx), 3*time.Second))
			tr.log("inner cleaned")
			return 0, err
		})
		_, err := asyncio.WaitFor(ctx, time.Second, inner.Join)
		tr.want(t, "inner cleaned")
		expectTimeout(t, err)
		expect(t, "took", asyncio.Now(ctx).Sub(start), 4*time.Second)
	})
}

func TestD14_WaitForGivesALateValue(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		inner := asyncio.CreateTask(ctx, func(ctx context.Context) (string, error) {
			_ = asyncio.Sleep(ctx, time.Hour)
			return "late value", nil
		})
		expect(t, "value", value[string](t)(asyncio.WaitFor(ctx, time.Second, inner.Join)), "late value")
	})
}

func TestD15_WaitForGivesAnErrorOfTheCleanup(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		_, err := asyncio.WaitFor(ctx, time.Second, func(ctx context.Context) (int, error) {
			_ = asyncio.Sleep(ctx, time.Hour)
			return 0, errBoom
		})
		expectIs(t, "outcome", err, errBoom)
	})
}

// asyncio looks whether what it was given is done already; here that is a
// function, which is not called without time to run.
func TestD16_WaitForWithNoTimeDoesNotStart(t *testing.T) {
	for _, d := range []time.Duration{0, -time.Second} {
		asynciotest.Run(t, func(ctx context.Context) {
			started := false
			_, err := asyncio.WaitFor(ctx, d, func(context.Context) (int, error) { started = true; return 1, nil })
			expectTimeout(t, err)
			expect(t, "started", started, false)
		})
	}
}

func TestD19_CancellingTheCallerOfWaitForIsNoTimeout(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		inner := asyncio.CreateTask(ctx, forever)
		var seen error
		outer := asyncio.Go(ctx, func(ctx context.Context) error {
			_, seen = asyncio.WaitFor(ctx, time.Hour, inner.Join)
			return seen
		})
		must(t, asyncio.Yield(ctx))
		outer.Cancel(nil)
		_, err := outer.Await(ctx)
		expectIs(t, "outer", err, asyncio.ErrTaskCancelled)
		expect(t, "inner cancelled", inner.Cancelled(), true)
		expectIs(t, "seen", seen, context.Canceled)
		expectNot(t, "seen", seen, context.DeadlineExceeded)
	})
}

func TestD20_WaitForRunsInTheCallersTask(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		id := asyncio.CurrentTask(ctx).ID()
		inside := value[uint64](t)(asyncio.WaitFor(ctx, time.Second, func(ctx context.Context) (uint64, error) {
			return asyncio.CurrentTask(ctx).ID(), nil
		}))
		expect(t, "task", inside, id)
	})
}

func TestD21_ATimeoutIsACancellationInsideAndATimeoutOutside(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		inner, timeout := asyncio.WithTimeout(ctx, time.Second)
		defer timeout.Cancel()
		err := asyncio.Sleep(inner, time.Hour)
		expectTimeout(t, err)
		expect(t, "expired, caused", []bool{timeout.Expired(), timeout.Caused(err)}, []bool{true, true})
		must(t, asyncio.Yield(ctx)) // outside, waits work
	})
}

// nested runs a sleep under two timeouts and tells whose expiry it was.
func nested(t *testing.T, outer, inner time.Duration) (outerCaused, innerCaused bool) {
	asynciotest.Run(t, func(ctx context.Context) {
		ctx1, t1 := asyncio.WithTimeout(ctx, outer)
		defer t1.Cancel()
		ctx2, t2 := asyncio.WithTimeout(ctx1, inner)
		defer t2.Cancel()
		err := asyncio.Sleep(ctx2, time.Hour)
		innerCaused = t2.Caused(err)
		if innerCaused {
			err = asyncio.Sleep(ctx1, time.Hour) // the outer block goes on
		}
		outerCaused = t1.Caused(err)
	})
	return outerCaused, innerCaused
}

func TestD22_TheOuterTimeoutIsShorter(t *testing.T) {
	outer, inner := nested(t, time.Second, 2*time.Second)
	expect(t, "outer, inner", []bool{outer, inner}, []bool{true, false})
}

func TestD23_TheInnerTimeoutIsShorter(t *testing.T) {
	outer, inner := nested(t, 2*time.Second, time.Second)
	expect(t, "inner, then outer", []bool{inner, outer}, []bool{true, true})
}

func TestD24_TimeoutsThatExpireTogetherBelongToTheOuter(t *testing.T) {
	outer, inner := nested(t, time.Second, time.Second)
	expect(t, "outer, inner", []bool{outer, inner}, []bool{true, false})
}

func TestD25_ACancellationFromOutsideBeatsATimeout(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var caused bool
		var task *asyncio.Task[struct{}]
		task = asyncio.Go(ctx, func(ctx context.Context) error {
			inner, timeout := asyncio.WithTimeout(ctx, time.Second)
			defer timeout.Cancel()
			asyncio.CallLater(ctx, time.Second, func() { task.Cancel(nil) })
			err := asyncio.Sleep(inner, time.Hour)
			caused = timeout.Caused(err)
			return err
		})
		_, err := task.Await(ctx)
		expectIs(t, "outcome", err, asyncio.ErrTaskCancelled)
		expect(t, "caused by the timeout", caused, false)
	})
}

func TestD26_ABlockThatKeepsTheTimeoutToItself(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		inner, timeout := asyncio.WithTimeout(ctx, time.Second)
		defer timeout.Cancel()
		_ = asyncio.Sleep(inner, time.Hour)
		expect(t, "caused no error", timeout.Caused(nil), false)
		expect(t, "expired", timeout.Expired(), true)
	})
}

func TestD27_AnotherErrorBecauseOfATimeout(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		inner, timeout := asyncio.WithTimeout(ctx, time.Second)
		defer timeout.Cancel()
		_ = asyncio.Sleep(inner, time.Hour)
		expect(t, "caused", timeout.Caused(errBoom), false)
	})
}

// asyncio lets the body run to its first suspension; here it runs to there as
// well, and a body that does not wait is through.
func TestD28_ATimeoutOfNothing(t *testing.T) {
	for _, d := range []time.Duration{0, -time.Second} {
		asynciotest.Run(t, func(ctx context.Context) {
			inner, timeout := asyncio.WithTimeout(ctx, d)
			defer timeout.Cancel()
			expect(t, "the body begins", timeout.Expired(), false)
			f := asyncio.NewFuture[int](ctx)
			must(t, f.SetResult(1))
			_, err := f.Await(inner)
			must(t, err) // a wait that does not suspend
			expectTimeout(t, asyncio.Sleep(inner, time.Hour))
		})
	}
}

func TestD29_ATimeoutIsRescheduled(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		start := asyncio.Now(ctx)
		inner, timeout := asyncio.WithTimeout(ctx, time.Second)
		defer timeout.Cancel()
		timeout.Reschedule(start.Add(3 * time.Second))
		must(t, asyncio.Sleep(inner, 2*time.Second))
		timeout.Reschedule(time.Time{}) // never
		must(t, asyncio.Sleep(inner, time.Hour))
		timeout.Reschedule(asyncio.Now(ctx).Add(time.Second))
		expectTimeout(t, asyncio.Sleep(inner, time.Hour))
		expect(t, "at", asyncio.Now(ctx).Sub(start), time.Hour+3*time.Second)
	})
}

func TestD30_ACancelledWaiterLeavesItsTaskAlone(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		inner := asyncio.CreateTask(ctx, sleeps(time.Second, "inner"))
		waiter := asyncio.CreateTask(ctx, inner.Await)
		must(t, asyncio.Yield(ctx))
		waiter.Cancel(nil)
		expect(t, "inner", value[string](t)(inner.Await(ctx)), "inner")
		expect(t, "waiter cancelled", waiter.Cancelled(), true)
	})
}

func TestD53_ACancelledSleepLeavesNoTimer(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		start := asyncio.Now(ctx)
		task := asyncio.CreateTask(ctx, forever)
		must(t, asyncio.Yield(ctx))
		task.Cancel(nil)
		_, err := task.Await(ctx)
		expectIs(t, "outcome", err, asyncio.ErrTaskCancelled)
		expect(t, "time passed", asyncio.Now(ctx).Sub(start), time.Duration(0))
	})
}

func expectTimeout(t testing.TB, err error) {
	t.Helper()
	var timeout *asyncio.TimeoutError
	if !errors.As(err, &timeout) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want a timeout", err)
	}
}
