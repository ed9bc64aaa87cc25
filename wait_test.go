package asyncio_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
)

// after starts one task for each number of seconds. They return their numbers.
func after(ctx context.Context, seconds ...int) (tasks []*asyncio.Task[int]) {
	for _, s := range seconds {
		tasks = append(tasks, asyncio.CreateTask(ctx, sleeps(time.Duration(s)*time.Second, s)))
	}
	return tasks
}

func TestWait(t *testing.T) {
	counts := func(done, pending []*asyncio.Task[int], err error) []any {
		return []any{len(done), len(pending), err}
	}
	scene(t, "until the first, the first error, or all", func(t *testing.T, ctx context.Context) {
		for when, want := range map[asyncio.ReturnWhen][]any{
			asyncio.FirstCompleted: {1, 3, nil}, asyncio.FirstException: {3, 1, nil}, asyncio.AllCompleted: {4, 0, nil},
		} {
			cancelled := asyncio.CreateTask(ctx, forever)
			asyncio.CallLater(ctx, 2*time.Second, func() { cancelled.Cancel(nil) }) // is no exception
			bad := asyncio.CreateTask(ctx, fails(3*time.Second, errBoom))
			expect(t, "done, pending", counts(asyncio.Wait(ctx, when, append(after(ctx, 1, 4), cancelled, bad)...)), want)
			asyncio.Wait(ctx, asyncio.AllCompleted, bad)
			expect(t, "its error is not looked at by Wait", bad.Err(), errBoom)
		}
	})
	scene(t, "gives both lists in the order of the arguments, a task twice where it was given twice", func(t *testing.T, ctx context.Context) {
		tasks := after(ctx, 3, 1, 2)
		done, pending, err := asyncio.WaitUpTo(ctx, 2500*time.Millisecond, asyncio.AllCompleted, append(tasks, tasks[1], tasks[0])...)
		must(t, err)
		ids := func(tasks []*asyncio.Task[int]) (ids []uint64) {
			for _, t := range tasks {
				ids = append(ids, t.ID()-2)
			}
			return ids
		}
		expect(t, "done", ids(done), []uint64{1, 2, 1})
		expect(t, "pending", ids(pending), []uint64{0, 0})
	})
	scene(t, "for nothing ends at once, but meets a cancellation", func(t *testing.T, ctx context.Context) {
		expect(t, "result", counts(asyncio.Wait[*asyncio.Task[int]](ctx, asyncio.AllCompleted)), []any{0, 0, nil})
		_, _, err := asyncio.WaitUpTo[*asyncio.Task[int]](ended(ctx), time.Hour, asyncio.FirstCompleted)
		expectIs(t, "error", err, context.Canceled)
	})
	scene(t, "whose context ends in the middle tells what is done until then", func(t *testing.T, ctx context.Context) {
		inner, timeout := asyncio.WithTimeout(ctx, 1500*time.Millisecond)
		defer timeout.Cancel()
		tasks := after(ctx, 1, 2)
		done, pending, err := asyncio.Wait(inner, asyncio.AllCompleted, tasks...)
		expectTimeout(t, err)
		expect(t, "done, pending", []int{len(done), len(pending)}, []int{1, 1})
		done, pending, err = asyncio.Wait(inner, asyncio.AllCompleted, tasks...)
		expectTimeout(t, err)
		expect(t, "done, pending, when it had ended before", []int{len(done), len(pending)}, []int{1, 1})
	})
	scene(t, "takes tasks and futures of any type together", func(t *testing.T, ctx context.Context) {
		f := asyncio.NewFuture[string](ctx)
		all := []asyncio.Awaitable{f, asyncio.Go(ctx, asyncio.Yield), asyncio.CreateTask(ctx, forever)}
		asyncio.CallLater(ctx, time.Second, func() { f.SetResult("x") })
		done, pending, err := asyncio.WaitUpTo(ctx, time.Minute, asyncio.AllCompleted, all...)
		expect(t, "done, pending, error", []any{len(done), len(pending), err}, []any{2, 1, nil})
	})
}

func TestWaitUpTo(t *testing.T) {
	for name, d := range map[string]time.Duration{"no time": 0, "less than no time": -time.Hour, "the least time": math.MinInt64} {
		scene(t, name+" tells what is done, and lets the others run once", func(t *testing.T, ctx context.Context) {
			tasks := after(ctx, 1, 2)
			must(t, asyncio.Sleep(ctx, time.Second))
			ran := othersRan(ctx, func() {
				done, pending, err := asyncio.WaitUpTo(ctx, d, asyncio.AllCompleted, tasks...)
				expect(t, "done, pending, error", []any{len(done), len(pending), err}, []any{1, 1, nil})
			})
			expect(t, "others ran", ran, true)
		})
	}
	scene(t, "all time is Wait", func(t *testing.T, ctx context.Context) {
		done, _, err := asyncio.WaitUpTo(ctx, math.MaxInt64, asyncio.AllCompleted, after(ctx, 1, 3600)...)
		expect(t, "done, error", []any{len(done), err}, []any{2, nil})
	})
	scene(t, "a time that is not needed leaves no timer", func(t *testing.T, ctx context.Context) {
		took := stopwatch(ctx)
		must(t, third(asyncio.WaitUpTo(ctx, time.Hour, asyncio.AllCompleted, after(ctx, 1)...)))
		must(t, asyncio.Sleep(ctx, time.Second))
		expect(t, "time", took(), 2*time.Second)
	})
}

func third[A, B, C any](_ A, _ B, c C) C { return c }

func TestAsCompleted(t *testing.T) {
	scene(t, "yields tasks as they end, those that have ended first", func(t *testing.T, ctx context.Context) {
		tasks := after(ctx, 3, 1, 2)
		must(t, asyncio.Sleep(ctx, 1500*time.Millisecond))
		var order []int
		for task, err := range asyncio.AsCompleted(ctx, tasks...) {
			must(t, err)
			order = append(order, value[int](t)(task.Result()))
		}
		expect(t, "order", order, []int{1, 2, 3})
	})
	scene(t, "yields a task twice that was given twice", func(t *testing.T, ctx context.Context) {
		n := 0
		tasks := after(ctx, 1)
		for _, err := range asyncio.AsCompleted(ctx, tasks[0], tasks[0]) {
			must(t, err)
			n++
		}
		expect(t, "times", n, 2)
	})
	scene(t, "misses nothing while the loop's body waits", func(t *testing.T, ctx context.Context) {
		took := stopwatch(ctx)
		for _, err := range asyncio.AsCompleted(ctx, after(ctx, 1, 2, 3)...) {
			must(t, err)
			must(t, asyncio.Sleep(ctx, time.Minute))
		}
		expect(t, "time", took(), 3*time.Minute+time.Second)
	})
	scene(t, "that is broken off leaves the others running, and can be begun anew", func(t *testing.T, ctx context.Context) {
		tasks := after(ctx, 1, 2)
		seq := asyncio.AsCompleted(ctx, tasks...)
		for range seq {
			break
		}
		expect(t, "the other", tasks[1].Done(), false)
		n := 0
		for range seq {
			n++
		}
		expect(t, "yielded the second time", n, 2)
	})
	scene(t, "whose context ends yields the error once, and stops", func(t *testing.T, ctx context.Context) {
		inner, timeout := asyncio.WithTimeout(ctx, 1500*time.Millisecond)
		defer timeout.Cancel()
		var got []any
		for task, err := range asyncio.AsCompleted(inner, after(ctx, 1, 2, 3)...) {
			got = append(got, task != nil, err != nil)
		}
		expect(t, "task, error", got, []any{true, false, false, true})
	})
	scene(t, "of nothing yields nothing", func(t *testing.T, ctx context.Context) {
		for range asyncio.AsCompleted[*asyncio.Task[int]](ctx) {
			t.Error("yielded")
		}
	})
	scene(t, "is a wait: it needs a task", func(t *testing.T, ctx context.Context) {
		tasks := after(ctx, 1)
		var errs []error
		for _, err := range asyncio.AsCompleted(context.Background(), tasks...) {
			errs = append(errs, err)
		}
		expect(t, "without a loop", errs, []error{asyncio.ErrNoLoop})
	})
}
