package prometheus_test

import (
	"context"
	"errors"
	"testing"
	"time"

	client "github.com/prometheus/client_golang/prometheus"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/console/prometheus"
)

// fromThread scrapes while the calling task waits.
func fromThread(t *testing.T, ctx context.Context, r *client.Registry) map[string]float64 {
	t.Helper()
	got, err := asyncio.ToThread(ctx, func(context.Context) (map[string]float64, error) { return scrape(t, r), nil })
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func run(t *testing.T, name string, main func(ctx context.Context) error, opts ...asyncio.Option) {
	t.Helper()
	if err := asyncio.Run(t.Context(), main, append(opts, asyncio.LoopName(name))...); err != nil {
		t.Fatal(err)
	}
}

// What is told of a real loop is what the loop has done.
func TestWhatIsToldOfARealLoop(t *testing.T) {
	t.Run("is what the program has made", func(t *testing.T) {
		_, r := collector(t)
		const of = `{loop="real"}`
		run(t, "real", func(ctx context.Context) error {
			var e asyncio.Event
			for range 5 {
				asyncio.Go(ctx, func(ctx context.Context) error { return e.Wait(ctx) })
			}
			for range 3 {
				asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
			}
			h := asyncio.OpenHandle(ctx)
			defer h.Close()
			failed := asyncio.Go(ctx, func(context.Context) error { return errors.New("nobody looks at it") })
			if err := asyncio.Sleep(ctx, time.Millisecond); err != nil { // it has slept then, and was woken
				return err
			}
			got := fromThread(t, ctx, r)
			expect(t, got, map[string]float64{
				"asyncio_loops" + of: 1, "asyncio_loop_blocked" + of: 0, "asyncio_tasks_created_total" + of: 10,
				`asyncio_tasks{loop="real",state="waiting"}`: 9, `asyncio_tasks{loop="real",state="ready"}`: 0,
				"asyncio_timers" + of: 3, "asyncio_threads" + of: 1, "asyncio_handles" + of: 1, "asyncio_unseen_errors" + of: 1,
				"asyncio_ready_entries" + of: 0,
			})
			for _, name := range []string{"asyncio_rounds_total", "asyncio_entries_total", "asyncio_wakeups_total", "asyncio_coroutines"} {
				if got[name+of] == 0 {
					t.Errorf("%s is 0", name)
				}
			}
			_ = failed.Err()
			return nil
		})
	})
	t.Run("counts on where nobody has asked in time", func(t *testing.T) {
		_, r := collector(t)
		for range 3 {
			run(t, "short", func(ctx context.Context) error {
				for range 10 {
					asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Yield(ctx) })
				}
				return asyncio.Sleep(ctx, time.Millisecond)
			})
		}
		got := scrape(t, r)
		expect(t, got, map[string]float64{
			`asyncio_loop_runs_total{loop="short"}`: 3, `asyncio_tasks_created_total{loop="short"}`: 33, `asyncio_loops{loop="short"}`: 0,
			`asyncio_timer_lag_seconds{loop="short"} count`: 3,
		})
		if asleep := got[`asyncio_asleep_seconds_total{loop="short"}`]; asleep <= 0 {
			t.Errorf("three sleeps of a millisecond took %v s", asleep)
		}
	})
	t.Run("shows the tasks that are ready, and what is ready beside them", func(t *testing.T) {
		_, r := collector(t)
		run(t, "busy", func(ctx context.Context) error {
			stop := false
			var spin func()
			spin = func() {
				if !stop {
					asyncio.CallSoon(ctx, spin)
				}
			}
			spin()
			for range 4 {
				asyncio.Go(ctx, func(ctx context.Context) error {
					for !stop {
						if err := asyncio.Yield(ctx); err != nil {
							return err
						}
					}
					return nil
				})
			}
			got := fromThread(t, ctx, r)
			stop = true
			expect(t, got, map[string]float64{
				`asyncio_tasks{loop="busy",state="ready"}`: 4, `asyncio_tasks{loop="busy",state="waiting"}`: 1, `asyncio_ready_entries{loop="busy"}`: 5,
			})
			return nil
		})
	})
	t.Run("is that it is blocked while something blocks it", func(t *testing.T) {
		_, r := collector(t, prometheus.Timeout(50*time.Millisecond))
		run(t, "stuck", func(ctx context.Context) error {
			const of = `{loop="stuck"}`
			fromThread(t, ctx, r)
			for blocked := 0.0; blocked == 0; { // it is the whole loop that waits here, and it has just been awake
				got := scrape(t, r)
				blocked = got["asyncio_loop_blocked"+of]
				expect(t, got, map[string]float64{"asyncio_tasks_created_total" + of: 1})
			}
			expect(t, fromThread(t, ctx, r), map[string]float64{"asyncio_loop_blocked" + of: 0, "asyncio_loop_blocked_seconds" + of: 0})
			return nil
		}, asyncio.SlowStep(-1))
	})
}

// Nothing that a task is called by may become a label: programs make such names up.
func TestTasksAreNotNamed(t *testing.T) {
	_, r := collector(t)
	run(t, "real", func(ctx context.Context) error {
		asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) }, asyncio.TaskName("session of a user"))
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		absent(t, fromThread(t, ctx, r), "session")
		return nil
	})
}
