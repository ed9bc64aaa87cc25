package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestTaskNames(t *testing.T) {
	scene(t, "a task without a name is called by its number", func(t *testing.T, ctx context.Context) {
		task := asyncio.Go(ctx, asyncio.Yield)
		expect(t, "name", task.Name(), fmt.Sprintf("Task-%d", task.ID()))
		expect(t, "text", task, fmt.Sprintf("task %q", task.Name()))
	})
	scene(t, "a name can be given, changed and taken away, also after the end", func(t *testing.T, ctx context.Context) {
		task := asyncio.Go(ctx, asyncio.Yield, asyncio.TaskName("a"))
		expect(t, "given", task.Name(), "a")
		task.SetName("b")
		must(t, second(task.Await(ctx)))
		expect(t, "changed", task.Name(), "b")
		task.SetName("")
		expect(t, "taken away", task.Name(), fmt.Sprintf("Task-%d", task.ID()))
	})
	scene(t, "a name that is set inside is the one in the error of a cancellation", func(t *testing.T, ctx context.Context) {
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			asyncio.CurrentTask(ctx).SetName("renamed")
			return asyncio.Sleep(ctx, time.Hour)
		})
		must(t, asyncio.Yield(ctx))
		task.Cancel(errWhy)
		_, err := task.Await(ctx)
		expect(t, "error", err, "asyncio: renamed was cancelled: why")
	})
}

func TestTaskResult(t *testing.T) {
	scene(t, "before the end says that it is too early, and does not wait", func(t *testing.T, ctx context.Context) {
		task := asyncio.CreateTask(ctx, sleeps(time.Second, 5))
		for range 2 {
			v, err := task.Result()
			expect(t, "result", []any{v, err, task.Err(), task.Done(), task.Cancelled()},
				[]any{0, asyncio.ErrNotDone, asyncio.ErrNotDone, false, false})
			must(t, asyncio.Yield(ctx))
		}
		must(t, second(task.Await(ctx)))
		v, err := task.Result()
		expect(t, "result", []any{v, err, task.Err(), task.Done()}, []any{5, nil, nil, true})
	})
	scene(t, "has the value that comes with an error", func(t *testing.T, ctx context.Context) {
		task := asyncio.CreateTask(ctx, func(context.Context) (int, error) { return 5, errBoom })
		v, err := task.Await(ctx)
		expect(t, "result", []any{v, err}, []any{5, errBoom})
	})
	scene(t, "of a panic raises it each time; Err returns it", func(t *testing.T, ctx context.Context) {
		task := asyncio.Go(ctx, func(context.Context) error { panic(errBoom) })
		must(t, asyncio.Yield(ctx))
		for range 2 {
			err, _ := recovered(func() { task.Result() }).(error)
			expectIs(t, "raised", err, errBoom)
		}
		expectIs(t, "Err", task.Err(), errBoom)
		expect(t, "cancelled", task.Cancelled(), false)
	})
}

func TestTaskDoneCallbacks(t *testing.T) {
	scene(t, "come in the order of their adding, those that were cancelled excepted", func(t *testing.T, ctx context.Context) {
		var tr trail
		task := asyncio.CreateTask(ctx, sleeps(time.Second, 5))
		add := func(name string) *asyncio.Handle {
			return task.AddDoneCallback(func(done *asyncio.Task[int]) {
				v, err := done.Result()
				tr.log("%s %d %v", name, v, err)
			})
		}
		add("a")
		b := add("b")
		add("c")
		expect(t, "cancelled", b.Cancel(), true)
		must(t, asyncio.Sleep(ctx, time.Minute))
		add("late")
		tr.want(t, "a 5 <nil>", "c 5 <nil>")
		must(t, asyncio.Yield(ctx))
		tr.want(t, "a 5 <nil>", "c 5 <nil>", "late 5 <nil>")
	})
	scene(t, "may take the next one back, and add another", func(t *testing.T, ctx context.Context) {
		var tr trail
		task := asyncio.Go(ctx, asyncio.Yield)
		var next *asyncio.Handle
		task.AddDoneCallback(func(task *asyncio.Task[struct{}]) {
			tr.log("first, took back the next: %v", next.Cancel())
			task.AddDoneCallback(func(*asyncio.Task[struct{}]) { tr.log("added") })
		})
		next = task.AddDoneCallback(func(*asyncio.Task[struct{}]) { tr.log("next") })
		must(t, asyncio.Sleep(ctx, time.Second))
		tr.want(t, "first, took back the next: true", "added")
	})
}

func TestTaskJoin(t *testing.T) {
	scene(t, "of a task that ends is Await", func(t *testing.T, ctx context.Context) {
		v, err := asyncio.CreateTask(ctx, sleeps(time.Second, 5)).Join(ctx)
		expect(t, "value", []any{v, err}, []any{5, nil})
		_, err = asyncio.CreateTask(ctx, fails(time.Second, errBoom)).Join(ctx)
		expect(t, "error", err, errBoom)
		task := asyncio.CreateTask(ctx, forever)
		asyncio.CallLater(ctx, time.Second, func() { task.Cancel(errWhy) })
		_, err = task.Join(ctx)
		expectIs(t, "cancelled by somebody else", err, asyncio.ErrTaskCancelled)
		expectNot(t, "cancelled by somebody else", err, context.Canceled)
	})
	// joinUnderTimeout joins fn's task under a timeout of a second.
	joinUnderTimeout := func(ctx context.Context, fn func(context.Context) (int, error)) (*asyncio.Task[int], int, error) {
		inner, timeout := asyncio.WithTimeout(ctx, time.Second)
		defer timeout.Cancel()
		task := asyncio.CreateTask(ctx, fn)
		v, err := task.Join(inner)
		return task, v, err
	}
	scene(t, "that is cancelled cancels the task, and waits for its clean-up", func(t *testing.T, ctx context.Context) {
		took := stopwatch(ctx)
		task, _, err := joinUnderTimeout(ctx, func(ctx context.Context) (int, error) {
			_, err := forever(ctx)
			must(t, asyncio.Sleep(context.WithoutCancel(ctx), time.Second))
			return 0, err
		})
		expectTimeout(t, err)
		expectTimeout(t, task.Err().(*asyncio.TaskCancelledError).Cause)
		expect(t, "time", took(), 2*time.Second)
	})
	scene(t, "that is cancelled gives the value or the error that the task returns nevertheless", func(t *testing.T, ctx context.Context) {
		_, v, err := joinUnderTimeout(ctx, func(ctx context.Context) (int, error) {
			forever(ctx)
			return 5, nil
		})
		expect(t, "value", []any{v, err}, []any{5, nil})
		_, _, err = joinUnderTimeout(ctx, func(ctx context.Context) (int, error) {
			forever(ctx)
			return 0, errBoom
		})
		expect(t, "error", err, errBoom)
		p, _ := recovered(func() {
			joinUnderTimeout(ctx, func(ctx context.Context) (int, error) {
				forever(ctx)
				panic(errBoom)
			})
		}).(error)
		expectIs(t, "panic", p, errBoom)
	})
	scene(t, "under a context that has ended cancels the task and waits as well", func(t *testing.T, ctx context.Context) {
		task := asyncio.CreateTask(ctx, forever)
		_, err := task.Join(ended(ctx))
		expectIs(t, "error", err, context.Canceled)
		expect(t, "the task is cancelled", task.Cancelled(), true)
	})
	scene(t, "of a done task under a context that has ended is cancelled, and the outcome stays", func(t *testing.T, ctx context.Context) {
		task := asyncio.CreateTask(ctx, sleeps(0, 5))
		must(t, second(task.Await(ctx)))
		v, err := task.Join(ctx)
		expect(t, "outcome", []any{v, err}, []any{5, nil})
	})
	scene(t, "of oneself is refused, and does not cancel", func(t *testing.T, ctx context.Context) {
		var self *asyncio.Task[struct{}]
		self = asyncio.Go(ctx, func(ctx context.Context) error {
			_, joined := self.Join(ctx)
			_, awaited := self.Await(ctx)
			expect(t, "error", joined, "asyncio: a task cannot await itself")
			expect(t, "error of Await", awaited, joined)
			return asyncio.Yield(ctx)
		})
		must(t, second(self.Await(ctx)))
	})
	scene(t, "of one task by two: the first to be cancelled ends it for both", func(t *testing.T, ctx context.Context) {
		task := asyncio.CreateTask(ctx, forever)
		join := func(ctx context.Context) error { return second(task.Join(ctx)) }
		first, other := asyncio.Go(ctx, join), asyncio.Go(ctx, join)
		inRounds(ctx, t, 2)
		first.Cancel(errWhy)
		must(t, second(asyncio.GatherSettled(ctx, first, other)))
		expect(t, "the first is cancelled", first.Cancelled(), true)
		expectIs(t, "the other is told so", other.Err(), asyncio.ErrTaskCancelled)
	})
}

func TestTaskEager(t *testing.T) {
	scene(t, "runs to its first wait inside the call, and the creator goes on as itself", func(t *testing.T, ctx context.Context) {
		var tr trail
		me := asyncio.CurrentTask(ctx)
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			tr.log("begin as itself: %v", asyncio.CurrentTask(ctx) != me)
			err := asyncio.Yield(ctx)
			tr.log("end")
			return err
		}, asyncio.Eager())
		tr.log("created, I am myself: %v", asyncio.CurrentTask(ctx) == me)
		must(t, second(task.Await(ctx)))
		tr.want(t, "begin as itself: true", "created, I am myself: true", "end")
	})
	scene(t, "nests to any depth", func(t *testing.T, ctx context.Context) {
		var deepest int
		var dive func(n int) func(context.Context) error
		dive = func(n int) func(context.Context) error {
			return func(ctx context.Context) error {
				if deepest = n; n == 1000 {
					return nil
				}
				return second(asyncio.Go(ctx, dive(n+1), asyncio.Eager()).Await(ctx))
			}
		}
		task := asyncio.Go(ctx, dive(1), asyncio.Eager())
		expect(t, "done inside the call, depth", []any{task.Done(), deepest}, []any{true, 1000})
	})
	scene(t, "that panics keeps it for whoever awaits it", func(t *testing.T, ctx context.Context) {
		task := asyncio.Go(ctx, func(context.Context) error { panic(errBoom) }, asyncio.Eager())
		expect(t, "done", task.Done(), true)
		err, _ := recovered(func() { task.Await(ctx) }).(error)
		expectIs(t, "raised", err, errBoom)
	})
	scene(t, "in a group is a child like others", func(t *testing.T, ctx context.Context) {
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			g.Go(func(context.Context) error { return errBoom }, asyncio.Eager())
			g.Go(func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) }, asyncio.Eager())
			return nil
		})
		expect(t, "errors", members(t, err), []error{errBoom})
	})
	scene(t, "from a callback starts in the next round", func(t *testing.T, ctx context.Context) {
		started := false
		asyncio.CallSoon(ctx, func() {
			asyncio.Go(ctx, func(context.Context) error { started = true; return nil }, asyncio.Eager())
			expect(t, "started in the callback", started, false)
		})
		inRounds(ctx, t, 2)
		expect(t, "started", started, true)
	})
	scene(t, "under a context that has ended runs until its first wait", func(t *testing.T, ctx context.Context) {
		ran := false
		task := asyncio.Go(ended(ctx), func(ctx context.Context) error {
			ran = true
			return asyncio.Yield(ctx)
		}, asyncio.Eager())
		expect(t, "ran, cancelled", []bool{ran, task.Cancelled()}, []bool{true, true})
	})
	scene(t, "does not give its creator more waits that end at once (S4)", func(t *testing.T, ctx context.Context) {
		count, stop := rounds(ctx)
		for range 1280 {
			asyncio.Go(ctx, func(context.Context) error { return nil }, asyncio.Eager())
			must(t, asyncio.Checkpoint(ctx))
		}
		stop()
		if n := count(); n < 9 {
			t.Errorf("%d rounds in 1280 waits, want one for each 128", n)
		}
	})
	t.Run("that calls Goexit lets its creator go on to its next wait", func(t *testing.T) {
		var tr trail
		returned := inGoroutine(func() {
			asyncio.Run(virtual(), func(ctx context.Context) error {
				asyncio.Go(ctx, func(context.Context) error { runtime.Goexit(); return nil }, asyncio.Eager())
				tr.log("creator goes on")
				err := asyncio.Sleep(ctx, time.Hour)
				tr.log("creator cancelled: %v", errors.Is(err, context.Canceled))
				return err
			})
		})
		expect(t, "Run has returned", returned, false)
		tr.want(t, "creator goes on", "creator cancelled: true")
	})
}

func TestTaskPriorityIsCutToItsBounds(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var tr trail
		for _, p := range []int{-1000, -128, 0, 127, 1000} {
			asyncio.Go(ctx, func(context.Context) error {
				tr.log("%d", p)
				return nil
			}, asyncio.Priority(p))
		}
		must(t, asyncio.Yield(ctx))
		inRounds(ctx, t, 1)
		tr.want(t, "127", "1000", "0", "-1000", "-128")
	})
}

func TestTaskOfAnotherRun(t *testing.T) {
	var done, never asyncio.Awaitable
	var finished *asyncio.Task[int]
	asynciotest.Run(t, func(ctx context.Context) {
		finished = asyncio.CreateTask(ctx, sleeps(0, 5))
		must(t, second(finished.Await(ctx)))
		done, never = finished, asyncio.NewFuture[int](ctx)
	})
	scene(t, "that is done has its outcome here as well", func(t *testing.T, ctx context.Context) {
		expect(t, "Await", value[int](t)(finished.Await(ctx)), 5)
		expect(t, "Gather", value[[]int](t)(asyncio.Gather(ctx, finished)), []int{5})
		ready, _, err := asyncio.Wait(ctx, asyncio.AllCompleted, done)
		expect(t, "Wait", []any{len(ready), err}, []any{1, nil})
		for a, err := range asyncio.AsCompleted(ctx, done) {
			must(t, err)
			expect(t, "AsCompleted", a == done, true)
		}
	})
	scene(t, "that is not done is refused", func(t *testing.T, ctx context.Context) {
		_, err := never.(*asyncio.Future[int]).Await(ctx)
		expectIs(t, "Await", err, asyncio.ErrOtherLoop)
		_, _, err = asyncio.Wait(ctx, asyncio.AllCompleted, done, never)
		expectIs(t, "Wait", err, asyncio.ErrOtherLoop)
		var errs []error
		for _, err := range asyncio.AsCompleted(ctx, done, never) {
			errs = append(errs, err)
		}
		expect(t, "AsCompleted yields it once", len(errs), 1)
		expectIs(t, "AsCompleted", errs[0], asyncio.ErrOtherLoop)
	})
	scene(t, "of a loop that runs beside is refused by Gather, and is left alone", func(t *testing.T, ctx context.Context) {
		task := asyncio.CreateTask(ctx, forever)
		done := make(chan error)
		go func() {
			done <- asyncio.Run(virtual(), func(ctx context.Context) error {
				_, err := asyncio.Gather(ctx, task)
				expectIs(t, "Gather", err, asyncio.ErrOtherLoop)
				_, err = task.Join(ended(ctx))
				expectIs(t, "Join", err, context.Canceled)
				_, err = task.Await(ctx)
				return err
			})
		}()
		err := <-done // blocks this loop, so that nothing of it runs beside the other one
		expectIs(t, "Await", err, asyncio.ErrOtherLoop)
		must(t, asyncio.Yield(ctx))
		expect(t, "the task was cancelled from there", task.Info().State, "waiting")
		task.Cancel(nil)
		task.Await(ctx)
	})
}
