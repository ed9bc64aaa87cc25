package asyncio_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestD01_GatherGivesResultsInTheOrderOfItsArguments(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		slow := asyncio.CreateTask(ctx, sleeps(2*time.Second, "slow"))
		fast := asyncio.CreateTask(ctx, sleeps(time.Second, "fast"))
		expect(t, "results", value[[]string](t)(asyncio.Gather(ctx, slow, fast)), []string{"slow", "fast"})
	})
}

func TestD02_GatherReturnsTheFirstErrorAndTheOthersGoOn(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		bad := asyncio.CreateTask(ctx, fails(time.Second, errBoom))
		good := asyncio.CreateTask(ctx, sleeps(2*time.Second, 7))
		_, err := asyncio.Gather(ctx, bad, good)
		expectIs(t, "gather", err, errBoom)
		expect(t, "sibling done", good.Done(), false)
		expect(t, "sibling's value", value[int](t)(good.Await(ctx)), 7)
	})
}

func TestD03_GatherSettledGivesErrorsAsValues(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		ok := asyncio.CreateTask(ctx, sleeps(0, 1))
		bad := asyncio.CreateTask(ctx, fails(0, errBoom))
		gone := asyncio.CreateTask(ctx, forever)
		must(t, asyncio.Yield(ctx))
		gone.Cancel(nil)
		all := value[[]asyncio.Settled[int]](t)(asyncio.GatherSettled(ctx, ok, bad, gone))
		expect(t, "first", all[0], asyncio.Settled[int]{Value: 1})
		expectIs(t, "second", all[1].Err, errBoom)
		expectIs(t, "third", all[2].Err, asyncio.ErrTaskCancelled)
	})
}

// asyncio cancels the children; here a context bounds the wait and nothing else
// (rule C5): a group is what takes its children along.
func TestD04_CancellingAGatherLeavesTheTasksRunning(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		a := asyncio.CreateTask(ctx, sleeps(time.Second, 1))
		b := asyncio.CreateTask(ctx, sleeps(time.Second, 2))
		outer := asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := asyncio.GatherSettled(ctx, a, b)
			return err
		})
		must(t, asyncio.Yield(ctx))
		outer.Cancel(nil)
		_, err := outer.Await(ctx)
		expectIs(t, "outer", err, asyncio.ErrTaskCancelled)
		expect(t, "children", value[[]int](t)(asyncio.Gather(ctx, a, b)), []int{1, 2})
	})
}

func TestD05_AGatheredTaskThatIsCancelledIsAnError(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		a := asyncio.CreateTask(ctx, forever)
		b := asyncio.CreateTask(ctx, sleeps(time.Second, 2))
		must(t, asyncio.Yield(ctx))
		a.Cancel(nil)
		_, err := asyncio.Gather(ctx, a, b)
		expectIs(t, "gather", err, asyncio.ErrTaskCancelled)
		expect(t, "the other is done", b.Done(), false)
		expect(t, "and goes on", value[int](t)(b.Await(ctx)), 2)
	})
}

func TestD06_GatherOfOneTaskTwiceAndOfNothing(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		runs := 0
		task := asyncio.CreateTask(ctx, func(context.Context) (int, error) { runs++; return runs, nil })
		expect(t, "twice", value[[]int](t)(asyncio.Gather(ctx, task, task)), []int{1, 1})
		expect(t, "nothing", len(value[[]int](t)(asyncio.Gather[int](ctx))), 0)
	})
}

// asyncio drops the second error; here it stays in its task, where whoever wants
// it finds it.
func TestD08_ASecondErrorStaysInItsTask(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		late := errors.New("second")
		a := asyncio.CreateTask(ctx, fails(time.Second, errBoom))
		b := asyncio.CreateTask(ctx, fails(2*time.Second, late))
		_, err := asyncio.Gather(ctx, a, b)
		expectIs(t, "gather", err, errBoom)
		_, err = b.Await(ctx)
		expectIs(t, "the second", err, late)
	})
}

func TestD09_WaitForTheFirstOfTwoThatEndTogether(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		a, b, c := asyncio.NewFuture[int](ctx), asyncio.NewFuture[int](ctx), asyncio.NewFuture[int](ctx)
		asyncio.CallSoon(ctx, func() {
			must(t, a.SetResult(1))
			must(t, b.SetResult(2))
		})
		done, pending, err := asyncio.Wait(ctx, asyncio.FirstCompleted, a, b, c)
		must(t, err)
		expect(t, "done, pending", []int{len(done), len(pending)}, []int{2, 1})
		expect(t, "in the order of the arguments", done[0] == a && done[1] == b && pending[0] == c, true)
	})
}

func TestD10_ACancelledTaskIsNoException(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		a := asyncio.CreateTask(ctx, forever)
		b := asyncio.CreateTask(ctx, sleeps(time.Second, 2))
		must(t, asyncio.Yield(ctx))
		a.Cancel(nil)
		done, pending, err := asyncio.Wait(ctx, asyncio.FirstException, a, b)
		must(t, err)
		expect(t, "done, pending", []int{len(done), len(pending)}, []int{2, 0})
	})
}

func TestD11_WaitLeavesTheTasksAlone(t *testing.T) {
	t.Run("when its time is up", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			a := asyncio.CreateTask(ctx, sleeps(2*time.Second, 1))
			done, pending, err := asyncio.WaitUpTo(ctx, time.Second, asyncio.AllCompleted, a)
			must(t, err)
			expect(t, "done, pending", []int{len(done), len(pending)}, []int{0, 1})
			expect(t, "and it goes on", value[int](t)(a.Await(ctx)), 1)
		})
	})
	t.Run("when it is cancelled", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			a := asyncio.CreateTask(ctx, sleeps(2*time.Second, 1))
			outer := asyncio.Go(ctx, func(ctx context.Context) error {
				_, _, err := asyncio.Wait(ctx, asyncio.AllCompleted, a)
				return err
			})
			must(t, asyncio.Yield(ctx))
			outer.Cancel(nil)
			_, err := outer.Await(ctx)
			expectIs(t, "outer", err, asyncio.ErrTaskCancelled)
			expect(t, "it goes on", value[int](t)(a.Await(ctx)), 1)
		})
	})
}

// asyncio raises ValueError; in Go nothing to wait for is an ordinary case of a
// variadic argument, and the wait ends at once.
func TestD12_WaitForNothingEndsAtOnce(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		done, pending, err := asyncio.Wait[*asyncio.Task[int]](ctx, asyncio.AllCompleted)
		must(t, err)
		expect(t, "done, pending", []int{len(done), len(pending)}, []int{0, 0})
	})
}

func TestD32_AsCompletedGivesTasksInTheOrderOfTheirEnds(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var tr trail
		c := asyncio.CreateTask(ctx, sleeps(3*time.Second, "c"))
		a := asyncio.CreateTask(ctx, sleeps(time.Second, "a"))
		b := asyncio.CreateTask(ctx, sleeps(2*time.Second, "b"))
		for task, err := range asyncio.AsCompleted(ctx, c, a, b) {
			must(t, err)
			tr.log("%s", value[string](t)(task.Result()))
		}
		tr.want(t, "a", "b", "c")
	})
	asynciotest.Run(t, func(ctx context.Context) {
		var tr trail
		one := asyncio.CreateTask(ctx, sleeps(0, "1"))
		two := asyncio.CreateTask(ctx, sleeps(0, "2"))
		must(t, asyncio.Sleep(ctx, time.Second))
		for task := range asyncio.AsCompleted(ctx, two, one) {
			tr.log("%s", value[string](t)(task.Result()))
		}
		tr.want(t, "2", "1") // done already: the order of the arguments
	})
}

func TestD33_AsCompletedUnderATimeout(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		late := asyncio.CreateTask(ctx, sleeps(2*time.Second, 1))
		inner, timeout := asyncio.WithTimeout(ctx, time.Second)
		defer timeout.Cancel()
		turns := 0
		for _, err := range asyncio.AsCompleted(inner, late) {
			turns++
			expectTimeout(t, err)
		}
		expect(t, "turns", turns, 1)
		expect(t, "it goes on", value[int](t)(late.Await(ctx)), 1)
	})
}

func TestD34_AsCompletedGivesTheTasksThemselves(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		task := asyncio.CreateTask(ctx, sleeps(time.Second, 1))
		for got, err := range asyncio.AsCompleted(ctx, task) {
			must(t, err)
			expect(t, "same", got == task, true)
		}
	})
}

// asyncio's cancelled gather does not cancel the children if one has failed
// already; here it never does (D04).
func TestD58_CancellingAGatherAfterAFailure(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		bad := asyncio.CreateTask(ctx, fails(0, errBoom))
		good := asyncio.CreateTask(ctx, sleeps(time.Second, 1))
		outer := asyncio.CreateTask(ctx, func(ctx context.Context) ([]int, error) { return asyncio.Gather(ctx, bad, good) })
		bad.AddDoneCallback(func(*asyncio.Task[int]) { outer.Cancel(nil) })
		_, err := outer.Await(ctx)
		expectIs(t, "outer", err, asyncio.ErrTaskCancelled)
		expect(t, "sibling", value[int](t)(good.Await(ctx)), 1)
		expect(t, "the failure stays with its task", bad.Err(), errBoom)
	})
}
