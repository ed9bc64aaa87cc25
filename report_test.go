package asyncio_test

import (
	"bytes"
	"context"
	"log/slog"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestReport(t *testing.T) {
	t.Run("goes to the default logger, with all it knows", func(t *testing.T) {
		var out bytes.Buffer
		before := slog.Default()
		defer slog.SetDefault(before)
		slog.SetDefault(slog.New(slog.NewTextHandler(&out, nil)))
		must(t, asyncio.Run(virtual(), func(ctx context.Context) error {
			asyncio.Go(ctx, func(context.Context) error { return errBoom }, asyncio.TaskName("failing"))
			asyncio.CallSoon(ctx, func() { culprit() })
			return asyncio.Yield(ctx)
		}))
		expectContains(t, out.String(), "level=ERROR", "an error that nobody looked at", "task=failing", "error=boom",
			"panic in a callback", "culprit")
	})
	t.Run("of errors that nobody looked at comes in the order in which they came", func(t *testing.T) {
		var reports []asyncio.Report
		asynciotest.Run(t, func(ctx context.Context) {
			for _, name := range []string{"a", "b", "c"} {
				asyncio.Go(ctx, func(context.Context) error { return errBoom }, asyncio.TaskName(name))
			}
			inRounds(ctx, t, 2)
			expect(t, "none before the end", len(reports), 0)
		}, quiet(&reports))
		var tasks []string
		for _, r := range reports {
			tasks = append(tasks, r.Task)
		}
		expect(t, "tasks", tasks, []string{"a", "b", "c"})
	})
	t.Run("of several panics is made for all but the one that is raised", func(t *testing.T) {
		var reports []asyncio.Report
		v := recovered(func() {
			asynciotest.Run(t, func(ctx context.Context) {
				for i := range 3 {
					asyncio.Go(ctx, func(context.Context) error { panic(i) })
				}
				must(t, asyncio.Yield(ctx))
			}, quiet(&reports))
		})
		e, ok := v.(*asyncio.PanicError)
		expect(t, "the first is raised", ok && e.Value == 0, true)
		expect(t, "the others are reported", messages(reports), []string{
			"a panic in a task that nobody awaited", "a panic in a task that nobody awaited",
		})
		expect(t, "with their stacks", len(reports[1].Stack) > 0, true)
	})
	t.Run("is not made for an error that somebody saw, in whatever way", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) { // fails where there is a report
			failed := func() *asyncio.Task[struct{}] {
				return asyncio.Go(ctx, func(context.Context) error { return errBoom })
			}
			seen := []func(task *asyncio.Task[struct{}]){
				func(task *asyncio.Task[struct{}]) { task.Await(ctx) },
				func(task *asyncio.Task[struct{}]) { task.Join(ctx) },
				func(task *asyncio.Task[struct{}]) { asyncio.Yield(ctx); task.Result() },
				func(task *asyncio.Task[struct{}]) { asyncio.Yield(ctx); _ = task.Err() },
				func(task *asyncio.Task[struct{}]) { asyncio.Yield(ctx); task.Cancel(nil) },
				func(task *asyncio.Task[struct{}]) { asyncio.Gather(ctx, task) },
				func(task *asyncio.Task[struct{}]) { asyncio.GatherSettled(ctx, task) },
			}
			for _, see := range seen {
				see(failed())
			}
		})
	})
}
