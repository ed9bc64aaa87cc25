package asyncio_test

import (
	"context"
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

func TestC35_TwoAwaitersGetTheSameError(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		task := asyncio.CreateTask(ctx, fails(0, errBoom))
		_, first := task.Await(ctx)
		_, second := task.Await(ctx)
		expect(t, "same", first == second && first == errBoom, true)
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
