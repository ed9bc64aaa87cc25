package asyncio_test

import (
	"context"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
)

// ticks plays an interval of one second under load: it waits for as many ticks as
// there are loads, works that long after each, and tells when each tick came and for
// when it was due, in milliseconds.
func ticks(t *testing.T, ctx context.Context, policy asyncio.MissedTicks, loads ...int) (came, due []int64) {
	since := stopwatch(ctx)
	start := asyncio.Now(ctx)
	interval := asyncio.NewInterval(ctx, time.Second, policy)
	for _, load := range loads {
		at, err := interval.Tick(ctx)
		must(t, err)
		came = append(came, since().Milliseconds())
		due = append(due, at.Sub(start).Milliseconds())
		must(t, asyncio.Sleep(ctx, time.Duration(load)*time.Millisecond))
	}
	return came, due
}

func TestIntervalUnderLoad(t *testing.T) {
	for _, c := range []struct {
		name      string
		policy    asyncio.MissedTicks
		came, due []int64
	}{
		{"Burst catches up at once", asyncio.Burst, []int64{0, 1000, 4500, 4500, 4500, 5000}, []int64{0, 1000, 2000, 3000, 4000, 5000}},
		{"Delay begins anew", asyncio.Delay, []int64{0, 1000, 4500, 5500, 6500, 7500}, []int64{0, 1000, 2000, 5500, 6500, 7500}},
		{"Skip stays on the grid", asyncio.Skip, []int64{0, 1000, 4500, 5000, 6000, 7000}, []int64{0, 1000, 2000, 5000, 6000, 7000}},
	} {
		scene(t, c.name, func(t *testing.T, ctx context.Context) {
			came, due := ticks(t, ctx, c.policy, 100, 3500, 0, 0, 0, 0)
			expect(t, "came", came, c.came)
			expect(t, "due", due, c.due)
		})
	}
	for name, policy := range map[string]asyncio.MissedTicks{"Burst": asyncio.Burst, "Delay": asyncio.Delay, "Skip": asyncio.Skip} {
		scene(t, name+" without load ticks in every period", func(t *testing.T, ctx context.Context) {
			came, _ := ticks(t, ctx, policy, 999, 0, 500, 1)
			expect(t, "came", came, []int64{0, 1000, 2000, 3000})
		})
		scene(t, name+" counts a load of exactly one period as no miss", func(t *testing.T, ctx context.Context) {
			came, due := ticks(t, ctx, policy, 1000, 1000, 1000)
			expect(t, "came", came, []int64{0, 1000, 2000})
			expect(t, "due", due, []int64{0, 1000, 2000})
		})
	}
}

func TestIntervalTick(t *testing.T) {
	scene(t, "that is cancelled has taken no tick", func(t *testing.T, ctx context.Context) {
		start := asyncio.Now(ctx)
		interval := asyncio.NewInterval(ctx, time.Minute, asyncio.Burst)
		_, err := interval.Tick(ended(ctx))
		expectIs(t, "error", err, context.Canceled)
		at, err := interval.Tick(ctx)
		expect(t, "the first tick is still there", []any{at.Sub(start), err}, []any{time.Duration(0), nil})
		_, err = asyncio.WaitFor(ctx, time.Second, interval.Tick)
		expectTimeout(t, err)
		at, err = interval.Tick(ctx)
		expect(t, "the second too", []any{at.Sub(start), err}, []any{time.Minute, nil})
	})
	scene(t, "by two tasks gives each tick to one of them", func(t *testing.T, ctx context.Context) {
		interval := asyncio.NewInterval(ctx, time.Second, asyncio.Skip)
		var tr trail
		since := stopwatch(ctx)
		must(t, asyncio.WithTaskGroup(ctx, func(_ context.Context, g *asyncio.TaskGroup) error {
			for _, name := range []string{"a", "b"} {
				g.Go(func(ctx context.Context) error {
					for range 2 {
						must(t, second(interval.Tick(ctx)))
						tr.log("%s %v", name, since())
					}
					return nil
				})
			}
			return nil
		}))
		expect(t, "ticks", len(tr), 4)
		expect(t, "the last comes at", since(), 3*time.Second)
	})
	scene(t, "comes a period after a Reset, also for one who waits already", func(t *testing.T, ctx context.Context) {
		since := stopwatch(ctx)
		interval := asyncio.NewInterval(ctx, time.Minute, asyncio.Burst)
		interval.Reset(ctx)
		must(t, second(interval.Tick(ctx)))
		expect(t, "no tick at once", since(), time.Minute)
		asyncio.CallLater(ctx, 30*time.Second, func() { interval.Reset(ctx) })
		must(t, second(interval.Tick(ctx)))
		expect(t, "moved while it waited", since(), 2*time.Minute+30*time.Second)
	})
	scene(t, "needs a period", func(t *testing.T, ctx context.Context) {
		for _, period := range []time.Duration{0, -time.Second} {
			wantPanic(t, "NewInterval", func() { asyncio.NewInterval(ctx, period, asyncio.Burst) })
		}
	})
}
