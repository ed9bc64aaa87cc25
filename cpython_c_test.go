package asyncio_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestC01_ATaskStartsAtItsCreatorsNextWait(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var tr trail
		for _, name := range []string{"a0", "b0", "c0"} {
			asyncio.Go(ctx, func(context.Context) error { tr.log("%s", name); return nil })
		}
		tr.want(t)
		must(t, asyncio.Yield(ctx))
		tr.want(t, "a0", "b0", "c0")
	})
}

func TestC02_AFunctionThatDoesNotWaitDoesNotYield(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		f := func(context.Context) error { return nil }
		expect(t, "others ran", othersRan(ctx, func() { must(t, f(ctx)) }), false)
	})
}

func TestC03_AwaitingADoneTaskDoesNotYield(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		task := asyncio.CreateTask(ctx, sleeps(0, 3))
		must(t, asyncio.Sleep(ctx, time.Second))
		ran := othersRan(ctx, func() { expect(t, "value", value[int](t)(task.Await(ctx)), 3) })
		expect(t, "others ran", ran, false)
	})
}

func TestC04_AWakeUpTakesOneRound(t *testing.T) {
	t.Run("from SetResult to the line after Await", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			at := -1
			count, stop := rounds(ctx)
			asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := f.Await(ctx)
				at = count()
				return err
			})
			must(t, asyncio.Yield(ctx))
			set := count()
			must(t, f.SetResult(1))
			must(t, asyncio.Yield(ctx))
			stop()
			expect(t, "rounds", at-set, 1)
		})
	})
	t.Run("from a child's end to its parent", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			ended := 0
			count, stop := rounds(ctx)
			child := asyncio.Go(ctx, func(ctx context.Context) error {
				err := asyncio.Yield(ctx)
				ended = count()
				return err
			})
			_, err := child.Await(ctx)
			must(t, err)
			stop()
			expect(t, "rounds", count()-ended, 1)
		})
	})
}

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

func TestC20_ATaskThatAwaitsItselfGetsAnError(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var self *asyncio.Task[int]
		self = asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) { return self.Await(ctx) })
		_, err := self.Await(ctx)
		if err == nil {
			t.Error("no error")
		}
	})
}

func TestC21_YieldInterleavesStepByStep(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var tr trail
		step := func(name string) func(context.Context) error {
			return func(ctx context.Context) error {
				for i := range 3 {
					tr.log("%s%d", name, i)
					must(t, asyncio.Yield(ctx))
				}
				return nil
			}
		}
		a, b := asyncio.Go(ctx, step("a")), asyncio.Go(ctx, step("b"))
		_, err := asyncio.Gather(ctx, a, b)
		must(t, err)
		tr.want(t, "a0", "b0", "a1", "b1", "a2", "b2")
	})
}

func TestC22_CurrentAndAllTasks(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		inCallback := true
		asyncio.CallSoon(ctx, func() { inCallback = asyncio.CurrentTask(ctx) != nil })
		asyncio.CreateTask(ctx, forever)
		asyncio.CreateTask(ctx, sleeps(0, 0))
		before := len(asyncio.AllTasks(ctx))
		must(t, asyncio.Sleep(ctx, time.Second))
		expect(t, "a task in a callback", inCallback, false)
		expect(t, "a task in a task", asyncio.CurrentTask(ctx) != nil, true)
		expect(t, "who is done is not listed", before-len(asyncio.AllTasks(ctx)), 1)
	})
}

func TestC23_ValuesOfTheContextGoToTheChild(t *testing.T) {
	type key struct{}
	asynciotest.Run(t, func(ctx context.Context) {
		ctx = context.WithValue(ctx, key{}, 1)
		child := asyncio.CreateTask(ctx, func(ctx context.Context) ([]any, error) {
			inner := context.WithValue(ctx, key{}, 2)
			return []any{ctx.Value(key{}), inner.Value(key{})}, nil
		})
		expect(t, "child saw", value[[]any](t)(child.Await(ctx)), []any{1, 2})
		expect(t, "parent after", ctx.Value(key{}), 1)
	})
}

func TestC24_AnEagerTaskRunsUntilItsFirstWait(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var tr trail
		self := ""
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			self = asyncio.CurrentTask(ctx).Name()
			tr.log("start")
			defer tr.log("end")
			return asyncio.Yield(ctx)
		}, asyncio.Eager(), asyncio.TaskName("eager"))
		tr.log("created")
		quick := asyncio.Go(ctx, func(context.Context) error { tr.log("quick"); return nil }, asyncio.Eager())
		expect(t, "done at once", quick.Done(), true)
		expect(t, "current task", self, "eager")
		_, err := task.Await(ctx)
		must(t, err)
		tr.want(t, "start", "created", "quick", "end")
	})
}

func TestC25_AnEagerTaskThatFailsAtOnce(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		task := asyncio.Go(ctx, func(context.Context) error { return errBoom }, asyncio.Eager())
		expect(t, "done", task.Done(), true)
		expect(t, "error", task.Err(), errBoom)
	})
}

func TestC27_NamesOfTasks(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		a, b := asyncio.CreateTask(ctx, sleeps(0, 0)), asyncio.CreateTask(ctx, sleeps(0, 0))
		expect(t, "default names differ", a.Name() != "" && a.Name() != b.Name(), true)
		x := asyncio.CreateTask(ctx, sleeps(0, 0), asyncio.TaskName("x"))
		expect(t, "given", x.Name(), "x")
		x.SetName("y")
		expect(t, "changed", x.Name(), "y")
	})
}

func TestC28_CallbacksAndAwaitersWakeInTheOrderInWhichTheyCame(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var tr trail
		f := asyncio.NewFuture[int](ctx)
		f.AddDoneCallback(func(*asyncio.Future[int]) { tr.log("cb1") })
		asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := f.Await(ctx)
			tr.log("waiter")
			return err
		})
		must(t, asyncio.Yield(ctx))
		f.AddDoneCallback(func(*asyncio.Future[int]) { tr.log("cb2") })
		must(t, f.SetResult(1))
		must(t, asyncio.Yield(ctx))
		tr.want(t, "cb1", "waiter", "cb2")
	})
}

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

func TestC35_TwoAwaitersGetTheSameError(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		task := asyncio.CreateTask(ctx, fails(0, errBoom))
		_, first := task.Await(ctx)
		_, second := task.Await(ctx)
		expect(t, "same", first == second && first == errBoom, true)
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

func TestC37_WaitsThatEndAtOnceAreOneStep(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		f := asyncio.NewFuture[int](ctx)
		must(t, f.SetResult(1))
		ran := othersRan(ctx, func() {
			for range 100 {
				_, err := f.Await(ctx)
				must(t, err)
			}
		})
		expect(t, "others ran during 100 waits", ran, false)
	})
}

func TestC38_ASleepOfNothingYieldsOnce(t *testing.T) {
	for _, d := range []time.Duration{0, -time.Second} {
		asynciotest.Run(t, func(ctx context.Context) {
			count, stop := rounds(ctx)
			must(t, asyncio.Sleep(ctx, d))
			stop()
			expect(t, "rounds", count(), 1)
		})
	}
	asynciotest.Run(t, func(ctx context.Context) {
		start := asyncio.Now(ctx)
		must(t, asyncio.Sleep(ctx, time.Nanosecond))
		expect(t, "the shortest sleep is a timer", asyncio.Now(ctx).Sub(start), time.Nanosecond)
	})
}

func TestC39_AWokenWaiterGoesBeforeATaskThatIsCreatedLater(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var tr trail
		var e asyncio.Event
		asyncio.Go(ctx, func(ctx context.Context) error {
			err := e.Wait(ctx)
			tr.log("W")
			return err
		})
		must(t, asyncio.Yield(ctx))
		e.Set()
		asyncio.Go(ctx, func(context.Context) error { tr.log("B"); return nil })
		must(t, asyncio.Yield(ctx))
		tr.want(t, "W", "B")
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
