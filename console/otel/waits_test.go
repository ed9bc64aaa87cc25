package otel_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/console"
	"github.com/goasyncio/asyncio/console/otel"
)

func TestWaits(t *testing.T) {
	t.Run("of some length have spans below their task's, with what they waited for", func(t *testing.T) {
		r, stop := recordWaits(t, time.Second)
		asynciotest.Run(t, func(ctx context.Context) {
			var e asyncio.Event
			waiter := task(ctx, "waiter", func(ctx context.Context) error { return e.Wait(ctx) })
			setter := task(ctx, "setter", func(ctx context.Context) error {
				must(t, asyncio.Sleep(ctx, time.Millisecond)) // too short
				must(t, asyncio.Sleep(ctx, 2*time.Second))
				e.Set()
				return nil
			})
			_, err := asyncio.Gather(ctx, waiter, setter)
			must(t, err)
		})
		stop()
		expect(t, "spans", r.tree(), []string{"/setter", "/waiter", "setter/wait: sleep", "waiter/wait: Event"})
		sleep := r.span(t, "wait: sleep")
		expect(t, "the sleep took", sleep.EndTime().Sub(sleep.StartTime()), 2*time.Second)
		wait := r.span(t, "wait: Event")
		expect(t, "the wait took", wait.EndTime().Sub(wait.StartTime()), 2*time.Second+time.Millisecond)
	})
	t.Run("of tasks that others hand their span to have none", func(t *testing.T) {
		r, stop := recordWaits(t, time.Second, otel.Only(func(t otel.Task) bool { return t.Name == "with" }))
		asynciotest.Run(t, func(ctx context.Context) {
			for _, name := range []string{"with", "without"} {
				task(ctx, name, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Minute) })
			}
			must(t, asyncio.Sleep(ctx, time.Hour))
		})
		stop()
		expect(t, "spans", r.tree(), []string{"/with", "with/wait: sleep"})
	})
	t.Run("are told while the loop runs, also where it ran before", func(t *testing.T) {
		must(t, asyncio.Run(t.Context(), func(ctx context.Context) error {
			must(t, asyncio.Yield(ctx))
			r, _ := recordWaits(t, time.Microsecond)
			_, err := task(ctx, "sleeper", func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Millisecond) }).Await(ctx)
			for !slices.Contains(r.tree(), "sleeper/wait: sleep") {
				must(t, asyncio.Sleep(ctx, time.Millisecond))
			}
			return err
		}))
	})
}

// recordWaits is record with spans of waits, which are all there after stop.
func recordWaits(t *testing.T, atLeast time.Duration, opts ...otel.Option) (*recorder, func()) {
	t.Helper()
	r := newRecorder()
	stop, err := otel.Start(r.provider, append(opts, otel.Waits(atLeast))...)
	must(t, err)
	t.Cleanup(stop)
	return r, stop
}

// Whoever stops while a loop runs leaves no goroutine, and the loop writes down no more.
func TestWaitsEndWithStop(t *testing.T) {
	must(t, asyncio.Run(t.Context(), func(ctx context.Context) error {
		_, stop := recordWaits(t, 0)
		must(t, asyncio.Sleep(ctx, time.Millisecond))
		_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) { stop(); stop(); return 0, nil })
		return err
	}))
}

// Where the texts of a recording become many another one is begun. It may begin before the
// end of the first, where a third party has the loop write.
func TestEachWaitIsToldOnce(t *testing.T) {
	t.Cleanup(otel.SetMaxStrings(3))
	flight, err := console.StartFlight(console.Flight{Dir: t.TempDir(), On: console.OnFailure})
	must(t, err)
	defer flight.Close()
	r, stop := recordWaits(t, time.Microsecond)
	told := func() (n int) {
		for _, span := range r.tree() {
			if span == "waiter/wait: Event" {
				n++
			}
		}
		return n
	}
	must(t, asyncio.Run(t.Context(), func(ctx context.Context) error {
		_, err := task(ctx, "waiter", func(ctx context.Context) error {
			for i := range 9 { // each makes new texts
				var e asyncio.Event
				asyncio.CallLater(ctx, time.Millisecond, e.Set)
				must(t, e.Wait(ctx))
				for i%3 == 2 && told() <= i { // what comes next is in another recording
					must(t, asyncio.Sleep(ctx, time.Millisecond))
				}
			}
			return nil
		}).Await(ctx)
		return err
	}))
	stop()
	if n := told(); n != 9 {
		t.Errorf("9 waits have %d spans", n)
	}
}
