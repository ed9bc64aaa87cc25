package asyncio_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/internal/driver"
)

// resultAndTimeout lets a wait's result and its timeout come in one round, in
// the order in which both calls them.
func resultAndTimeout(t *testing.T, both func(result, expire func())) (v string, err error) {
	asynciotest.Run(t, func(ctx context.Context) {
		f := asyncio.NewFuture[string](ctx)
		inner, timeout := asyncio.WithTimeout(ctx, time.Hour)
		defer timeout.Cancel()
		asyncio.CallSoon(ctx, func() {
			both(func() { must(t, f.SetResult("R")) }, func() { timeout.Reschedule(asyncio.Now(ctx)) })
		})
		v, err = f.Await(inner)
	})
	return v, err
}

// Whichever is queued first wins.
func TestD18_AResultAndATimeoutInOneRound(t *testing.T) {
	t.Run("result, then timeout", func(t *testing.T) {
		v, err := resultAndTimeout(t, func(result, expire func()) { result(); expire() })
		expect(t, "outcome", []any{v, err}, []any{"R", nil})
	})
	t.Run("timeout, then result", func(t *testing.T) {
		_, err := resultAndTimeout(t, func(result, expire func()) { expire(); result() })
		expectTimeout(t, err)
	})
}

// The step that sets the result blocks the loop until the deadline is over: the
// waiter's wake-up is in the queue already when the timeout joins it.
func TestD17_AResultThatIsQueuedBeforeTheTimeoutWins(t *testing.T) {
	clock := driver.NewVirtual()
	ctx := driver.NewContext(t.Context(), func() driver.Driver { return clock })
	must(t, asyncio.Run(ctx, func(ctx context.Context) error {
		f := asyncio.NewFuture[string](ctx)
		asyncio.CallSoon(ctx, func() {
			must(t, f.SetResult("R"))
			clock.Advance(time.Minute)
		})
		v, err := asyncio.WaitFor(ctx, time.Second, f.Await)
		expect(t, "outcome", []any{v, err}, []any{"R", nil})
		return asyncio.Sleep(ctx, time.Hour) // the timeout does not come later either
	}))
}

// Timers of one instant run in one round. The one that sets the result goes
// first, but the waiter has not resumed when the timeout cancels it: its wait did
// not happen, and the result stays where it is (rule C3).
func TestD17_AResultAndATimeoutOfOneInstant(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		f := asyncio.NewFuture[string](ctx)
		asyncio.CallLater(ctx, time.Second, func() { must(t, f.SetResult("R")) })
		_, err := asyncio.WaitFor(ctx, time.Second, f.Await)
		expectTimeout(t, err)
		expect(t, "still there", value[string](t)(f.Result()), "R")
	})
}

func TestD51_SubmitFromAnotherGoroutine(t *testing.T) {
	// outside runs f on another goroutine and waits for it.
	outside := func(ctx context.Context, f func(h *asyncio.LoopHandle)) error {
		h := asyncio.OpenHandle(ctx)
		defer h.Close()
		_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) { f(h); return 0, nil })
		return err
	}
	t.Run("a value and an error", func(t *testing.T) {
		must(t, asyncio.Run(t.Context(), func(ctx context.Context) error {
			return outside(ctx, func(h *asyncio.LoopHandle) {
				v, err := asyncio.Submit(context.Background(), h, sleeps(time.Millisecond, "v"))
				expect(t, "value", []any{v, err}, []any{"v", nil})
				_, err = asyncio.Submit(context.Background(), h, fails(0, errBoom))
				expectIs(t, "error", err, errBoom)
			})
		}))
	})
	t.Run("a cancellation from outside ends the task", func(t *testing.T) {
		var seen error
		must(t, asyncio.Run(t.Context(), func(ctx context.Context) error {
			return outside(ctx, func(h *asyncio.LoopHandle) {
				mine, cancel := context.WithCancel(context.Background())
				_, err := asyncio.Submit(mine, h, func(ctx context.Context) (int, error) {
					cancel()
					seen = asyncio.Sleep(ctx, time.Hour)
					return 0, seen
				})
				expect(t, "submit failed", err != nil, true)
			})
		}))
		expect(t, "the task's wait was cancelled", errors.Is(seen, context.Canceled), true)
	})
}

// asyncio's timeout() needs a task; here a context is made anywhere on the loop,
// and only waits need a task.
func TestD52_ATimeoutMadeInACallback(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var inner context.Context
		var timeout *asyncio.Timeout
		asyncio.CallSoon(ctx, func() {
			inner, timeout = asyncio.WithTimeout(ctx, time.Second)
			expect(t, "a wait in a callback", errors.Is(asyncio.Yield(inner), asyncio.ErrNotInTask), true)
		})
		must(t, asyncio.Yield(ctx))
		defer timeout.Cancel()
		expectTimeout(t, asyncio.Sleep(inner, time.Hour))
	})
}

func TestD62_AStaggeredRaceThatEverybodyLoses(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		start := asyncio.Now(ctx)
		other := errors.New("other")
		_, err := asyncio.StaggeredRace(ctx, time.Hour, fails(time.Second, errBoom), fails(time.Second, other))
		expectIs(t, "first", err, errBoom)
		expectIs(t, "second", err, other)
		expect(t, "the second starts when the first has failed", asyncio.Now(ctx).Sub(start), 2*time.Second)
	})
}
