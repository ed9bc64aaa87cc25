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

// A task that gives way may run the next few itself (lead.go). Whatever these do, the
// task that leads comes to no harm, and Run ends as it does without a leader. The
// sweeps cannot see this: they observe, and an observed loop has no leader.
func TestWhatALeaderRunsDoesItNoHarm(t *testing.T) {
	defer asynciotest.CheckLeaks(t)()
	type tasks struct{ leader *asyncio.Task[struct{}] }
	for what, do := range map[string]func(ctx context.Context, ts tasks) error{
		"ends":              func(context.Context, tasks) error { return nil },
		"fails":             func(context.Context, tasks) error { return errors.New("failed") },
		"panics":            func(context.Context, tasks) error { panic("boom") },
		"calls Goexit":      func(context.Context, tasks) error { runtime.Goexit(); return nil },
		"cancels the first": func(_ context.Context, ts tasks) error { ts.leader.Cancel(nil); return nil },
		"starts another eagerly": func(ctx context.Context, _ tasks) error {
			asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Second) }, asyncio.Eager())
			return nil
		},
		"runs another loop on a thread": func(ctx context.Context, _ tasks) error {
			_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
				return 0, asyncio.Run(context.Background(), func(ctx context.Context) error { return asyncio.Yield(ctx) })
			})
			return err
		},
	} {
		for between := range 6 { // tasks that are ready before it: more than a leader runs, too
			t.Run(fmt.Sprintf("%s after %d others", what, between), func(t *testing.T) {
				var raised any
				resumed := false
				returned := inGoroutine(func() {
					defer func() { raised = recover() }()
					asynciotest.Main(t, func(ctx context.Context) error {
						var q asyncio.WaitQueue
						var ts tasks
						ts.leader = asyncio.Go(ctx, func(ctx context.Context) error {
							_, err := q.Park(ctx, "its turn")
							resumed = true
							return err
						})
						for range between {
							asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Yield(ctx) })
						}
						asyncio.Go(ctx, func(ctx context.Context) error {
							asyncio.Yield(ctx)
							return do(ctx, ts)
						})
						asyncio.Sleep(ctx, time.Minute)
						q.WakeAll()
						asyncio.Wait(ctx, asyncio.AllCompleted, ts.leader)
						return nil
					}, asyncio.OnError(func(asyncio.Report) {}))
				})
				if !resumed {
					t.Error("the task that parked first was never resumed")
				}
				if wantPanic := what == "panics"; wantPanic != (raised != nil) {
					t.Errorf("Run raised %v", raised)
				}
				if wantExit := what == "calls Goexit"; wantExit == returned {
					t.Errorf("Run's goroutine returned: %v", returned)
				}
			})
		}
	}
}
