package asyncio_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// asyncio never runs the body; here it runs and meets the cancellation at its
// first wait (rule C7), so that what it was handed is closed.
func TestC05_ATaskThatIsCancelledBeforeItsStartStillStarts(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var tr trail
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			defer tr.log("closed what it was handed")
			tr.log("start")
			return asyncio.Sleep(ctx, time.Second)
		})
		expect(t, "cancel", task.Cancel(nil), true)
		expect(t, "done at once", task.Done(), false)
		must(t, asyncio.Yield(ctx))
		expect(t, "done after a yield", task.Done(), true)
		expect(t, "cancelled", task.Cancelled(), true)
		tr.want(t, "start", "closed what it was handed")
	})
}

// asyncio cancels the future that the task waits for, also under its other
// waiters; here a context bounds the wait and nothing else (rule C5).
func TestC06_CancellingAWaiterLeavesTheFutureAlone(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		f := asyncio.NewFuture[int](ctx)
		task := asyncio.CreateTask(ctx, f.Await)
		other := asyncio.CreateTask(ctx, f.Await)
		must(t, asyncio.Yield(ctx))
		task.Cancel(nil)
		expect(t, "future cancelled, task done at once", []bool{f.Cancelled(), task.Done()}, []bool{false, false})
		must(t, asyncio.Yield(ctx))
		expect(t, "task cancelled after a yield", task.Cancelled(), true)
		must(t, f.SetResult(1))
		expect(t, "the other waiter's value", value[int](t)(other.Await(ctx)), 1)
	})
}

// As in C06: Await leaves the inner task alone. Join is the form that takes it
// along, and there the order is asyncio's.
func TestC07_CancellingWhoAwaitsATask(t *testing.T) {
	scene := func(t *testing.T, wait func(*asyncio.Task[int], context.Context) (int, error), want ...string) {
		asynciotest.Run(t, func(ctx context.Context) {
			var tr trail
			inner := asyncio.CreateTask(context.WithoutCancel(ctx), func(ctx context.Context) (int, error) {
				err := asyncio.Sleep(ctx, time.Second)
				if err != nil {
					tr.log("inner")
					must(t, asyncio.Yield(context.WithoutCancel(ctx)))
				}
				tr.log("inner end")
				return 5, err
			})
			outer := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
				v, err := wait(inner, ctx)
				tr.log("outer")
				return v, err
			})
			must(t, asyncio.Yield(ctx))
			outer.Cancel(nil)
			must(t, asyncio.Sleep(ctx, 2*time.Second))
			expect(t, "outer cancelled", outer.Cancelled(), true)
			tr.want(t, want...)
		})
	}
	t.Run("Await leaves it running", func(t *testing.T) {
		scene(t, (*asyncio.Task[int]).Await, "outer", "inner end")
	})
	t.Run("Join cancels it and waits for its end", func(t *testing.T) {
		scene(t, (*asyncio.Task[int]).Join, "inner", "inner end", "outer")
	})
}

// asyncio's outer task forgets that it was cancelled; here it gets the value and
// meets its cancellation at its next wait (rule C1).
func TestC08_AnInnerTaskThatKeepsItsValueDoesNotUndoACancellation(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		inner := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
			_ = asyncio.Sleep(ctx, time.Second)
			return 5, nil
		})
		var v int
		var joined, next error
		outer := asyncio.Go(ctx, func(ctx context.Context) error {
			v, joined = inner.Join(ctx)
			next = asyncio.Sleep(ctx, time.Second)
			return next
		})
		must(t, asyncio.Yield(ctx))
		expect(t, "cancel", outer.Cancel(nil), true)
		must(t, asyncio.Sleep(ctx, time.Second))
		expect(t, "inner's value", []any{v, joined}, []any{5, nil})
		expectIs(t, "the next wait", next, context.Canceled)
		expect(t, "outer cancelled", outer.Cancelled(), true)
	})
}

// asyncio's next wait works again; here it fails again (rule C1).
func TestC09_CancellationIsLevelTriggered(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var tr trail
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			for range 3 {
				if err := asyncio.Sleep(ctx, time.Second); errors.Is(err, context.Canceled) {
					tr.log("cancelled")
				}
			}
			if asyncio.Sleep(context.WithoutCancel(ctx), time.Second) == nil {
				tr.log("slept without it")
			}
			return nil
		})
		must(t, asyncio.Yield(ctx))
		task.Cancel(nil)
		_, err := task.Await(ctx)
		must(t, err)
		tr.want(t, "cancelled", "cancelled", "cancelled", "slept without it")
	})
}

func TestC10_TwoCancelsAreOne(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		first := errors.New("first")
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			err := asyncio.Sleep(ctx, time.Second)
			expect(t, "cause", context.Cause(ctx), first)
			return err
		})
		must(t, asyncio.Yield(ctx))
		expect(t, "first", task.Cancel(first), true)
		expect(t, "second", task.Cancel(errors.New("second")), true)
		_, err := task.Await(ctx)
		expectIs(t, "outcome", err, first)
	})
}

// asyncio interrupts the cleanup; here it runs under a context of its own (C4).
func TestC11_ASecondCancelDoesNotInterruptTheCleanup(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var tr trail
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			err := asyncio.Sleep(ctx, time.Hour)
			tr.log("cleanup")
			must(t, asyncio.Sleep(context.WithoutCancel(ctx), time.Second))
			tr.log("cleaned")
			return err
		})
		must(t, asyncio.Yield(ctx))
		task.Cancel(nil)
		must(t, asyncio.Yield(ctx))
		task.Cancel(nil)
		_, err := task.Await(ctx)
		expectIs(t, "outcome", err, asyncio.ErrTaskCancelled)
		tr.want(t, "cleanup", "cleaned")
	})
}

// asyncio loses the value; here a task that returns one has it.
func TestC12_ATaskThatCancelsItselfAndReturnsKeepsItsValue(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var self *asyncio.Task[int]
		self = asyncio.CreateTask(ctx, func(context.Context) (int, error) {
			self.Cancel(nil)
			return 5, nil
		})
		expect(t, "value", value[int](t)(self.Await(ctx)), 5)
		expect(t, "cancelled", self.Cancelled(), false)
	})
}

// asyncio lets the await of a done future pass; here every wait fails (C1).
func TestC13_ATaskThatCancelsItselfMeetsItAtTheNextWait(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		f := asyncio.NewFuture[int](ctx)
		must(t, f.SetResult(1))
		var self *asyncio.Task[int]
		self = asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
			self.Cancel(nil)
			return f.Await(ctx)
		})
		_, err := self.Await(ctx)
		expectIs(t, "outcome", err, asyncio.ErrTaskCancelled)
	})
}

// The result is not lost: it stays in the future (rule C3).
func TestC14_ACancellationAfterTheResultWins(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		f := asyncio.NewFuture[int](ctx)
		task := asyncio.CreateTask(ctx, f.Await)
		must(t, asyncio.Yield(ctx))
		must(t, f.SetResult(9))
		task.Cancel(nil)
		_, err := task.Await(ctx)
		expectIs(t, "outcome", err, asyncio.ErrTaskCancelled)
		expect(t, "still there", value[int](t)(f.Await(ctx)), 9)
	})
}

func TestC15_TheCauseOfACancellationIsSeenInsideAndOutside(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		why := errors.New("m")
		var inside error
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			inside = asyncio.Sleep(ctx, time.Second)
			return inside
		})
		must(t, asyncio.Yield(ctx))
		task.Cancel(why)
		_, outside := task.Await(ctx)
		expectIs(t, "inside", inside, why)
		expectIs(t, "inside", inside, context.Canceled)
		expectIs(t, "outside", outside, why)
		expectIs(t, "outside", outside, asyncio.ErrTaskCancelled)
	})
}
