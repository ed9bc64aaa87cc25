package asyncio_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/internal/driver"
)

func TestSlowSteps(t *testing.T) {
	// slow runs a task whose one step takes as long as it is told, and gives the reports.
	slow := func(t *testing.T, takes time.Duration, opts ...asyncio.Option) (reports []asyncio.Report) {
		clock := driver.NewVirtual()
		ctx := driver.NewContext(context.Background(), func() driver.Driver { return clock })
		must(t, asyncio.Run(ctx, func(ctx context.Context) error {
			return second(asyncio.Go(ctx, func(context.Context) error {
				clock.Advance(takes)
				return nil
			}, asyncio.TaskName("busy")).Await(ctx))
		}, append(opts, quiet(&reports))...))
		return reports
	}
	t.Run("are reported in debug mode, with the task and its creation", func(t *testing.T) {
		reports := slow(t, 101*time.Millisecond, asyncio.Debug(true))
		expect(t, "reports", len(reports), 1)
		expect(t, "task", reports[0].Task, "busy")
		expectContains(t, reports[0].Message, `task "busy"`, "took 101ms", "created at debug_test.go:")
	})
	t.Run("are not reported up to the threshold, nor outside debug mode", func(t *testing.T) {
		expect(t, "reports at the threshold", len(slow(t, 100*time.Millisecond, asyncio.Debug(true))), 0)
		expect(t, "reports outside debug mode", len(slow(t, time.Hour, asyncio.Debug(false))), 0)
	})
	t.Run("have a threshold that can be set, and turned off", func(t *testing.T) {
		expect(t, "reports", len(slow(t, 2*time.Second, asyncio.Debug(true), asyncio.SlowStep(time.Second))), 1)
		expect(t, "reports", len(slow(t, time.Second, asyncio.Debug(true), asyncio.SlowStep(time.Second))), 0)
		expect(t, "reports", len(slow(t, time.Hour, asyncio.Debug(true), asyncio.SlowStep(-1))), 0)
	})
}

func TestDebugModeRefusesCallsFromAnotherGoroutine(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		future := asyncio.NewFuture[int](ctx)
		task := asyncio.CreateTask(ctx, forever)
		_, cancel := asyncio.WithCancel(ctx)
		_, timeout := asyncio.WithTimeout(ctx, time.Hour)
		handle := asyncio.CallLater(ctx, time.Hour, func() {})
		group := make(chan *asyncio.TaskGroup, 1)
		member := asyncio.Go(ctx, func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
				group <- g
				return asyncio.Sleep(ctx, time.Second)
			})
		})
		must(t, asyncio.Yield(ctx))
		g := <-group
		for what, call := range map[string]func(){
			"Future.SetResult":       func() { future.SetResult(1) },
			"Future.SetError":        func() { future.SetError(errBoom) },
			"Future.Cancel":          func() { future.Cancel(nil) },
			"Future.AddDoneCallback": func() { future.AddDoneCallback(func(*asyncio.Future[int]) {}) },
			"Task.Cancel":            func() { task.Cancel(nil) },
			"Task.AddDoneCallback":   func() { task.AddDoneCallback(func(*asyncio.Task[int]) {}) },
			"the cancel function":    func() { cancel(nil) },
			"Timeout.Cancel":         func() { timeout.Cancel() },
			"Timeout.Reschedule":     func() { timeout.Reschedule(time.Time{}) },
			"Handle.Cancel":          func() { handle.Cancel() },
			"TaskGroup.Cancel":       func() { g.Cancel(nil) },
			"CreateTask":             func() { asyncio.Go(ctx, waitsInInfo) },
			"NewFuture":              func() { asyncio.NewFuture[int](ctx) },
			"AllTasks":               func() { asyncio.AllTasks(ctx) },
		} {
			done := make(chan any)
			go func() { done <- recovered(call) }()
			err, _ := (<-done).(error) // the loop stands still meanwhile
			expectIs(t, what, err, asyncio.ErrNotInTask)
			expectContains(t, err, "came from goroutine", "which is not the loop's", "CallSoonThreadsafe")
			if strings.Contains(what, ".") {
				expectContains(t, err, what)
			}
		}
		must(t, second(member.Await(ctx)))
		expect(t, "nothing has come of it", []bool{future.Done(), task.Done(), handle.Cancel()}, []bool{false, false, true})
		task.Cancel(nil)
	}, asyncio.Debug(true))
}

func TestDebugModeAllowsEveryCallOnTheLoop(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		future := asyncio.NewFuture[int](ctx)
		task := asyncio.CreateTask(ctx, forever)
		asyncio.CallSoon(ctx, func() { future.SetResult(1) })
		expect(t, "value", value[int](t)(future.Await(ctx)), 1)
		handle := asyncio.OpenHandle(ctx)
		must(t, handle.CallSoonThreadsafe(func() { task.Cancel(errWhy) }))
		_, err := task.Await(ctx)
		expectIs(t, "the task", err, errWhy)
		must(t, handle.Close())
		eager := asyncio.Go(ctx, func(ctx context.Context) error {
			inner, timeout := asyncio.WithTimeout(ctx, time.Second)
			defer timeout.Cancel()
			return asyncio.Sleep(inner, time.Hour)
		}, asyncio.Eager())
		_, err = eager.Await(ctx)
		expectTimeout(t, err)
	}, asyncio.Debug(true))
}
