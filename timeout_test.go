package asyncio_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestTimeoutReschedule(t *testing.T) {
	at := func(ctx context.Context, d time.Duration) time.Time { return asyncio.Now(ctx).Add(d) }

	scene(t, "moves the deadline, later and earlier", func(t *testing.T, ctx context.Context) {
		for _, d := range []time.Duration{time.Hour, time.Second} {
			took := stopwatch(ctx)
			inner, timeout := asyncio.WithTimeout(ctx, time.Minute)
			expect(t, "rescheduled", timeout.Reschedule(at(ctx, d)), true)
			expectTimeout(t, asyncio.Sleep(inner, 24*time.Hour))
			expect(t, "time", took(), d)
			timeout.Cancel()
		}
	})
	scene(t, "from another task reaches a wait under way", func(t *testing.T, ctx context.Context) {
		took := stopwatch(ctx)
		inner, timeout := asyncio.WithTimeout(ctx, time.Minute)
		defer timeout.Cancel()
		asyncio.CallLater(ctx, 30*time.Second, func() { timeout.Reschedule(at(ctx, time.Minute)) })
		expectTimeout(t, asyncio.Sleep(inner, 24*time.Hour))
		expect(t, "time", took(), 90*time.Second)
	})
	scene(t, "to the zero time takes the deadline away, and it can come back", func(t *testing.T, ctx context.Context) {
		inner, timeout := asyncio.WithTimeout(ctx, time.Second)
		defer timeout.Cancel()
		expect(t, "taken away", timeout.Reschedule(time.Time{}), true)
		_, has := inner.Deadline()
		expect(t, "has a deadline", has, false)
		must(t, asyncio.Sleep(inner, time.Hour))
		expect(t, "set again", timeout.Reschedule(at(ctx, time.Second)), true)
		expectTimeout(t, asyncio.Sleep(inner, time.Hour))
	})
	scene(t, "to the past expires at the next wait", func(t *testing.T, ctx context.Context) {
		inner, timeout := asyncio.WithTimeout(ctx, time.Second)
		defer timeout.Cancel()
		expect(t, "rescheduled", timeout.Reschedule(at(ctx, -time.Hour)), true)
		must(t, inner.Err())
		expectTimeout(t, asyncio.Sleep(inner, time.Nanosecond))
	})
	scene(t, "saves a timeout of nothing before the first wait", func(t *testing.T, ctx context.Context) {
		inner, timeout := asyncio.WithTimeout(ctx, 0)
		defer timeout.Cancel()
		expect(t, "rescheduled", timeout.Reschedule(at(ctx, time.Minute)), true)
		must(t, asyncio.Sleep(inner, time.Second))
		expect(t, "expired", timeout.Expired(), false)
	})
	scene(t, "is refused after the end, whatever that was", func(t *testing.T, ctx context.Context) {
		inner, expired := asyncio.WithTimeout(ctx, time.Second)
		asyncio.Sleep(inner, time.Hour)
		_, cancelled := asyncio.WithTimeout(ctx, time.Second)
		cancelled.Cancel()
		_, orphan := asyncio.WithTimeout(ended(ctx), time.Second)
		for what, timeout := range map[string]*asyncio.Timeout{"expired": expired, "cancelled": cancelled, "under a context that has ended": orphan} {
			expect(t, what, timeout.Reschedule(at(ctx, time.Hour)), false)
			timeout.Cancel()
		}
	})
}

func TestTimeoutOfAnyLength(t *testing.T) {
	scene(t, "of nothing, or less, expires at the first wait that suspends", func(t *testing.T, ctx context.Context) {
		for _, d := range []time.Duration{0, -1, math.MinInt64} {
			inner, timeout := asyncio.WithTimeout(ctx, d)
			must(t, asyncio.Checkpoint(inner)) // what need not wait is still done
			expect(t, "expired", timeout.Expired(), false)
			err := asyncio.Sleep(inner, time.Hour)
			expectTimeout(t, err)
			expect(t, "caused", timeout.Caused(err), true)
			expect(t, "text", err, "asyncio: timeout expired: its deadline had passed when it was set")
			timeout.Cancel()
		}
	})
	scene(t, "with a deadline in the past is the same", func(t *testing.T, ctx context.Context) {
		for _, at := range []time.Time{{}, asyncio.Now(ctx).Add(-time.Hour)} {
			inner, timeout := asyncio.WithDeadline(ctx, at)
			expectTimeout(t, asyncio.Sleep(inner, time.Hour))
			timeout.Cancel()
		}
	})
	scene(t, "of for ever has no deadline", func(t *testing.T, ctx context.Context) {
		inner, timeout := asyncio.WithTimeout(ctx, math.MaxInt64)
		defer timeout.Cancel()
		_, has := inner.Deadline()
		expect(t, "has a deadline", has, false)
		must(t, asyncio.Sleep(inner, 10000*time.Hour))
	})
}

func TestTimeoutCancel(t *testing.T) {
	scene(t, "may be called twice, before and after the expiry", func(t *testing.T, ctx context.Context) {
		inner, timeout := asyncio.WithTimeout(ctx, time.Second)
		timeout.Cancel()
		timeout.Cancel()
		expect(t, "error", inner.Err(), context.Canceled)
		must(t, asyncio.Sleep(ctx, time.Hour))
		expect(t, "expired", timeout.Expired(), false)
		expect(t, "caused its own cancellation", timeout.Caused(inner.Err()), false)

		inner, timeout = asyncio.WithTimeout(ctx, time.Second)
		asyncio.Sleep(inner, time.Hour)
		timeout.Cancel()
		expect(t, "error", inner.Err(), context.DeadlineExceeded)
	})
	scene(t, "ends what was started under it", func(t *testing.T, ctx context.Context) {
		inner, timeout := asyncio.WithTimeout(ctx, time.Second)
		task := asyncio.CreateTask(inner, forever)
		timeout.Cancel()
		_, err := task.Await(ctx)
		expectIs(t, "the task", err, asyncio.ErrTaskCancelled)
	})
	t.Run("after Run has returned does nothing, also where the loop runs again", func(t *testing.T) {
		loop := asyncio.NewLoop()
		var stale *asyncio.Timeout
		var staleContext context.Context
		must(t, loop.Run(asynciotest.Context(context.Background()), func(ctx context.Context) error {
			staleContext, stale = asyncio.WithTimeout(ctx, time.Hour)
			return nil
		}))
		stale.Cancel()
		expect(t, "rescheduled", stale.Reschedule(time.Now()), false)
		expect(t, "its context", staleContext.Err(), context.Canceled)

		must(t, loop.Run(asynciotest.Context(context.Background()), func(ctx context.Context) error {
			_, stale = asyncio.WithTimeout(ctx, time.Hour)
			return nil
		}))
		must(t, loop.Run(asynciotest.Context(context.Background()), func(ctx context.Context) error {
			inner, timeout := asyncio.WithTimeout(ctx, time.Second)
			defer timeout.Cancel()
			stale.Cancel() // must not take the new timer for its own
			expectTimeout(t, asyncio.Sleep(inner, time.Minute))
			return nil
		}))
	})
}

func TestTimeoutsNest(t *testing.T) {
	scene(t, "Deadline is the earliest, also after a change further out", func(t *testing.T, ctx context.Context) {
		now := asyncio.Now(ctx)
		outer, far := asyncio.WithTimeout(ctx, time.Hour)
		defer far.Cancel()
		inner, near := asyncio.WithTimeout(outer, time.Minute)
		defer near.Cancel()
		deadline := func(ctx context.Context) time.Duration {
			at, _ := ctx.Deadline()
			return at.Sub(now)
		}
		expect(t, "inner", deadline(inner), time.Minute)
		expect(t, "outer", deadline(outer), time.Hour)
		far.Reschedule(now.Add(time.Second))
		expect(t, "inner, limited by the outer", deadline(inner), time.Second)
		far.Reschedule(time.Time{})
		near.Reschedule(now.Add(2 * time.Hour))
		expect(t, "inner, on its own", deadline(inner), 2*time.Hour)
		_, has := context.WithoutCancel(inner).Deadline()
		expect(t, "detached", has, false)
	})
	scene(t, "a task that is created under one has its deadline", func(t *testing.T, ctx context.Context) {
		inner, timeout := asyncio.WithTimeout(ctx, time.Minute)
		defer timeout.Cancel()
		want, _ := inner.Deadline()
		_, err := asyncio.Go(inner, func(ctx context.Context) error {
			got, _ := ctx.Deadline()
			expect(t, "deadline", got, want)
			return nil
		}).Await(ctx)
		must(t, err)
	})
	scene(t, "only the one that is the reason says so", func(t *testing.T, ctx context.Context) {
		outer, far := asyncio.WithTimeout(ctx, time.Hour)
		defer far.Cancel()
		inner, near := asyncio.WithTimeout(outer, time.Minute)
		defer near.Cancel()
		err := asyncio.Sleep(inner, 24*time.Hour)
		expect(t, "near, far", []bool{near.Caused(err), far.Caused(err)}, []bool{true, false})
		expect(t, "another error", near.Caused(errBoom), false)
		expect(t, "no error", near.Caused(nil), false)
		err = asyncio.Sleep(outer, 24*time.Hour)
		expect(t, "near, far", []bool{near.Caused(err), far.Caused(err)}, []bool{false, true})
	})
}

func TestTimeoutUnderContextsOfTheStandardLibrary(t *testing.T) {
	type key struct{}
	scene(t, "carries their values, and their cancellation", func(t *testing.T, ctx context.Context) {
		std, cancel := context.WithCancelCause(context.WithValue(ctx, key{}, "v"))
		inner, timeout := asyncio.WithTimeout(std, time.Hour)
		defer timeout.Cancel()
		expect(t, "value", inner.Value(key{}), "v")
		asyncio.CallLater(ctx, time.Second, func() { cancel(errWhy) })
		took := stopwatch(ctx)
		err := asyncio.Sleep(inner, 24*time.Hour)
		expectIs(t, "the wait", err, errWhy)
		expect(t, "caused", timeout.Caused(err), false)
		expect(t, "time", took(), time.Second)
	})
	scene(t, "expires inside them", func(t *testing.T, ctx context.Context) {
		inner, timeout := asyncio.WithTimeout(ctx, time.Second)
		defer timeout.Cancel()
		std, cancel := context.WithCancel(inner)
		defer cancel()
		err := asyncio.Sleep(context.WithValue(std, key{}, 1), time.Hour)
		expectTimeout(t, err)
		expect(t, "caused", timeout.Caused(err), true)
		expect(t, "cause", context.Cause(std), context.Cause(inner))
	})
	scene(t, "does not reach through WithoutCancel", func(t *testing.T, ctx context.Context) {
		inner, timeout := asyncio.WithTimeout(ctx, time.Second)
		defer timeout.Cancel()
		must(t, asyncio.Sleep(context.WithoutCancel(inner), time.Hour))
		expect(t, "expired meanwhile", timeout.Expired(), true)
	})
}

func TestWaitFor(t *testing.T) {
	scene(t, "with no time does not call, but meets a cancellation", func(t *testing.T, ctx context.Context) {
		called := false
		call := func(context.Context) (int, error) { called = true; return 1, nil }
		for _, d := range []time.Duration{0, -time.Second} {
			_, err := asyncio.WaitFor(ctx, d, call)
			expectTimeout(t, err)
			_, err = asyncio.WaitFor(ended(ctx), d, call)
			expectIs(t, "under a context that has ended", err, context.Canceled)
		}
		expect(t, "called", called, false)
	})
	scene(t, "with little time cancels a task that is joined", func(t *testing.T, ctx context.Context) {
		task := asyncio.CreateTask(ctx, forever)
		_, err := asyncio.WaitFor(ctx, time.Second, task.Join)
		expectTimeout(t, err)
		expect(t, "cancelled", task.Cancelled(), true)
	})
	scene(t, "inside another tells whose time it was", func(t *testing.T, ctx context.Context) {
		_, err := asyncio.WaitFor(ctx, time.Second, func(ctx context.Context) (int, error) {
			_, err := asyncio.WaitFor(ctx, time.Minute, forever)
			var timeout *asyncio.TimeoutError
			expect(t, "inside", errors.As(err, &timeout) && timeout.After == time.Second, true)
			return 0, err
		})
		expect(t, "outside", err, "asyncio: timeout of 1s expired")
	})
	scene(t, "leaves no timer behind when the call panics", func(t *testing.T, ctx context.Context) {
		v := recovered(func() {
			asyncio.WaitFor(ctx, time.Hour, func(context.Context) (int, error) { panic(errBoom) })
		})
		expect(t, "panic", v, errBoom)
	})
}
