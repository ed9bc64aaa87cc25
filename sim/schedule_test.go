package sim

import (
	"context"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/sim/internal/explore"
)

// lostUpdate is two tasks that read, wait and write. The second has a few waits before,
// so that they do not meet in the order of production.
func lostUpdate(late int) func(w *World) {
	return func(w *World) {
		x := 0
		add := func(waits int) func(ctx context.Context) error {
			return func(ctx context.Context) error {
				for range waits {
					asyncio.Yield(ctx)
				}
				v := x
				asyncio.Yield(ctx)
				x = v + 1
				return nil
			}
		}
		a, b := w.Go("a", add(0)), w.Go("b", add(late))
		a.Await(w.Context())
		b.Await(w.Context())
		if x != 2 {
			w.Errorf("x is %d, want 2", x)
		}
	}
}

// schedulesTo is how many schedules a strategy takes until the program fails, or -1.
func schedulesTo(t *testing.T, body func(*World), strategy string, seed uint64, most int) int {
	t.Helper()
	l := newLane(newOptions(t, []Option{Seed(seed)}), body)
	defer l.close()
	s, err := explore.Named(strategy)
	if err != nil {
		t.Fatal(err)
	}
	for k := 1; k <= most; k++ {
		if l.schedule(s, k) != nil {
			return k
		}
	}
	return -1
}

func TestTheOrderOfProductionDoesNotShowWhatEveryStrategyFinds(t *testing.T) {
	if k := schedulesTo(t, lostUpdate(3), "fifo", 1, 100); k != -1 {
		t.Errorf("fifo found it in schedule %d", k)
	}
	for _, strategy := range []string{"mix", "rw", "urw", "pos", "pct"} {
		for seed := range uint64(20) {
			if schedulesTo(t, lostUpdate(3), strategy, seed, 200) < 0 {
				t.Errorf("%s with seed %d did not find it in 200 schedules", strategy, seed)
			}
		}
	}
}

func BenchmarkTwoTasks(b *testing.B) {
	l := newLane(newOptions(b, nil), lostUpdate(0))
	defer l.close()
	s, _ := explore.Named("rw")
	b.ReportAllocs()
	for k := range b.N {
		l.schedule(s, k+1)
	}
}

// A wait that gives way does so once, whatever context it has: more places to give way
// at would only make bugs harder to find.
func TestAYieldIsOneStepUnderEveryContext(t *testing.T) {
	for name, derive := range map[string]func(ctx context.Context) context.Context{
		"the task's own":         func(ctx context.Context) context.Context { return ctx },
		"one with a value":       func(ctx context.Context) context.Context { return context.WithValue(ctx, t, 1) },
		"one without its cancel": context.WithoutCancel,
	} {
		t.Run(name, func(t *testing.T) {
			l := newLane(newOptions(t, nil), func(w *World) {
				before := w.steps
				asyncio.Yield(derive(w.Context()))
				if n := w.steps - before; n != 1 {
					w.Errorf("a Yield takes %d steps", n)
				}
			})
			defer l.close()
			l.chooser.Replay(nil)
			if o, _ := l.run(1, false); o.failure != nil {
				t.Error(o.failure)
			}
		})
	}
}
