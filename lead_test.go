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

// A task that is led goes on by itself where it is the only one that is ready. It must
// not keep the world waiting.
func TestATaskThatIsLedAndNeverWaitsKeepsNobodyWaiting(t *testing.T) {
	// spin runs a task that yields until over is set, led by one that waits.
	spin := func(ctx context.Context, over *bool) (turns int) {
		var q asyncio.WaitQueue
		leader := asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := q.Park(ctx, "the spinner")
			return err
		})
		spinner := asyncio.Go(ctx, func(ctx context.Context) error {
			for !*over && asyncio.Yield(ctx) == nil {
				turns++
			}
			q.WakeAll()
			return ctx.Err()
		})
		asyncio.Wait(ctx, asyncio.AllCompleted, leader, spinner)
		return turns
	}
	run := func(t *testing.T, main func(ctx context.Context) error) {
		t.Helper()
		defer asynciotest.CheckLeaks(t)()
		if err := asyncio.Run(context.Background(), main); err != nil {
			t.Error(err)
		}
	}
	t.Run("a timer fires", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			fired := false
			asyncio.CallLater(ctx, time.Millisecond, func() { fired = true })
			if spin(ctx, &fired) == 0 {
				t.Error("the task had no turn before")
			}
			return nil
		})
	})
	t.Run("another goroutine is heard", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			heard := false
			h := asyncio.OpenHandle(ctx)
			defer h.Close()
			go h.CallSoonThreadsafe(func() { heard = true })
			spin(ctx, &heard)
			return nil
		})
	})
	t.Run("a task that becomes ready has its turn in each round", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			over, others := false, 0
			asyncio.Go(ctx, func(ctx context.Context) error {
				defer func() { over = true }()
				if err := asyncio.Sleep(ctx, time.Millisecond); err != nil {
					return err
				}
				for range 100 {
					others++
					asyncio.Yield(ctx)
				}
				return nil
			})
			spin(ctx, &over)
			if others != 100 {
				t.Errorf("the other task had %d turns of 100", others)
			}
			return nil
		})
	})
	t.Run("Run cancels it where main ends", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			never := false
			asyncio.Go(ctx, func(ctx context.Context) error {
				spin(ctx, &never)
				return ctx.Err()
			})
			return asyncio.Sleep(ctx, time.Millisecond)
		})
	})
	t.Run("in an order that is CPython's", func(t *testing.T) {
		var got string
		asynciotest.Run(t, func(ctx context.Context) {
			var q asyncio.WaitQueue
			say := func(what string) { got += what }
			a := asyncio.Go(ctx, func(ctx context.Context) error {
				say("a")
				q.Park(ctx, "b")
				say("A")
				return nil
			})
			b := asyncio.Go(ctx, func(ctx context.Context) error {
				for range 3 {
					say("b")
					asyncio.Yield(ctx)
				}
				asyncio.CallSoon(ctx, func() { say("c") })
				for range 3 {
					say("B")
					asyncio.Yield(ctx)
				}
				q.WakeAll()
				say("w")
				asyncio.Yield(ctx)
				say(".")
				return nil
			})
			asyncio.Wait(ctx, asyncio.AllCompleted, a, b)
		})
		if want := "abbbBcBBwA."; got != want {
			t.Errorf("the order was %q, want %q", got, want)
		}
	})
}
