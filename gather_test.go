package asyncio_test

import (
	"context"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestGather(t *testing.T) {
	scene(t, "gives the values in the order of the arguments, and twice where a task is given twice", func(t *testing.T, ctx context.Context) {
		slow := asyncio.CreateTask(ctx, sleeps(2*time.Second, 1))
		fast := asyncio.CreateTask(ctx, sleeps(time.Second, 2))
		took := stopwatch(ctx)
		expect(t, "values", value[[]int](t)(asyncio.Gather(ctx, slow, fast, slow)), []int{1, 2, 1})
		expect(t, "time", took(), 2*time.Second)
	})
	scene(t, "of nothing gives nothing, but meets a cancellation", func(t *testing.T, ctx context.Context) {
		v, err := asyncio.Gather[int](ctx)
		expect(t, "values, error", []any{len(v), err}, []any{0, nil})
		_, err = asyncio.Gather[int](ended(ctx))
		expectIs(t, "error", err, context.Canceled)
	})
	scene(t, "of tasks that are done does not suspend", func(t *testing.T, ctx context.Context) {
		a, b := asyncio.CreateTask(ctx, sleeps(0, 1)), asyncio.CreateTask(ctx, fails(0, errBoom))
		inRounds(ctx, t, 3)
		ran := othersRan(ctx, func() {
			_, err := asyncio.Gather(ctx, a, b)
			expect(t, "error", err, errBoom)
		})
		expect(t, "others ran", ran, false)
	})
	scene(t, "returns the first error at once, and the others go on", func(t *testing.T, ctx context.Context) {
		took := stopwatch(ctx)
		good := asyncio.CreateTask(ctx, sleeps(time.Minute, 1))
		_, err := asyncio.Gather(ctx, good, asyncio.CreateTask(ctx, fails(time.Second, errBoom)))
		expect(t, "error", err, errBoom)
		expect(t, "time", took(), time.Second)
		expect(t, "the other", value[int](t)(good.Await(ctx)), 1)
	})
	scene(t, "whose context ends leaves the tasks alone, and wakes nobody later", func(t *testing.T, ctx context.Context) {
		task := asyncio.CreateTask(ctx, sleeps(time.Minute, 1))
		inner, timeout := asyncio.WithTimeout(ctx, time.Second)
		defer timeout.Cancel()
		_, err := asyncio.Gather(inner, task)
		expectTimeout(t, err)
		expect(t, "the task", value[int](t)(task.Await(ctx)), 1)
	})
	scene(t, "raises a panic", func(t *testing.T, ctx context.Context) {
		task := asyncio.CreateTask(ctx, func(context.Context) (int, error) { panic(errBoom) })
		err, _ := recovered(func() { asyncio.Gather(ctx, task) }).(error)
		expectIs(t, "raised", err, errBoom)
		err, _ = recovered(func() { asyncio.GatherSettled(ctx, task) }).(error)
		expectIs(t, "raised", err, errBoom)
	})
	scene(t, "is a wait: it needs a task", func(t *testing.T, ctx context.Context) {
		task := asyncio.CreateTask(ctx, sleeps(0, 1))
		_, err := asyncio.Gather(context.Background(), task)
		expect(t, "without a loop", err, asyncio.ErrNoLoop)
		asyncio.CallSoon(ctx, func() {
			_, err := asyncio.Gather(ctx, task)
			expect(t, "in a callback", err, asyncio.ErrNotInTask)
		})
		must(t, asyncio.Yield(ctx))
	})
}

// The error of a task that fails in the round in which its Gather is cancelled was
// seen by nobody.
func TestGatherThatIsCancelledDoesNotHideAnError(t *testing.T) {
	var reports []asyncio.Report
	asynciotest.Run(t, func(ctx context.Context) {
		bad := asyncio.CreateTask(ctx, fails(time.Second, errBoom))
		outer := asyncio.Go(ctx, func(ctx context.Context) error { return second(asyncio.Gather(ctx, bad)) })
		must(t, asyncio.Yield(ctx))
		bad.AddDoneCallback(func(*asyncio.Task[int]) { outer.Cancel(errWhy) })
		_, err := outer.Await(ctx)
		expectIs(t, "outer", err, asyncio.ErrTaskCancelled)
	}, quiet(&reports))
	expect(t, "reports", reported(reports, errBoom), 1)
}

func TestGatherSettled(t *testing.T) {
	scene(t, "gives each outcome, after all have ended", func(t *testing.T, ctx context.Context) {
		cancelled := asyncio.CreateTask(ctx, forever)
		cancelled.Cancel(errWhy)
		took := stopwatch(ctx)
		all, err := asyncio.GatherSettled(ctx,
			asyncio.CreateTask(ctx, fails(time.Second, errBoom)),
			asyncio.CreateTask(ctx, sleeps(time.Minute, 2)),
			cancelled)
		must(t, err)
		expect(t, "failed", all[0].Err, errBoom)
		expect(t, "succeeded", all[1], asyncio.Settled[int]{Value: 2})
		expectIs(t, "cancelled", all[2].Err, asyncio.ErrTaskCancelled)
		expect(t, "time", took(), time.Minute)
	})
	scene(t, "whose context ends returns its error alone", func(t *testing.T, ctx context.Context) {
		inner, timeout := asyncio.WithTimeout(ctx, time.Second)
		defer timeout.Cancel()
		all, err := asyncio.GatherSettled(inner, asyncio.CreateTask(ctx, forever))
		expectTimeout(t, err)
		expect(t, "outcomes", len(all), 0)
	})
}
