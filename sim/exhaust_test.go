package sim

import (
	"context"
	"testing"

	"github.com/goasyncio/asyncio"
)

// turns is two tasks of so many steps each, which note in which order they come.
func turns(steps int, seen map[string]int) func(w *World) {
	return func(w *World) {
		order := ""
		step := func(name string) func(ctx context.Context) error {
			return func(ctx context.Context) error {
				for range steps - 1 {
					order += name
					asyncio.Yield(ctx)
				}
				order += name
				return nil
			}
		}
		var ended asyncio.WaitQueue // the body waits without a step of its own
		left := 2
		for _, name := range []string{"a", "b"} {
			w.Go(name, func(ctx context.Context) error {
				step(name)(ctx)
				if left--; left == 0 {
					ended.Wake(1)
				}
				return nil
			})
		}
		ended.Park(w.Context(), "the end of both")
		seen[order]++
	}
}

func TestExhaustSeesEachOrderOnce(t *testing.T) {
	seen := map[string]int{}
	if !Exhaust(t, turns(3, seen)) {
		t.Error("not everything was seen")
	}
	if len(seen) != 20 { // 6 over 3
		t.Errorf("%d orders, want 20: %v", len(seen), seen)
	}
	for order, n := range seen {
		if n != 1 {
			t.Errorf("%s came %d times", order, n)
		}
	}
}

func TestExhaustWithinABound(t *testing.T) {
	for _, c := range []struct {
		name  string
		bound Option
		want  []string
	}{
		{"no preemption", Preemptions(0), []string{"aabb", "bbaa"}},
		{"one delay", Delays(1), []string{"abab", "abba", "aabb"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			seen := map[string]int{}
			if !Exhaust(t, turns(2, seen), c.bound) {
				t.Error("not everything was seen")
			}
			for _, order := range c.want {
				if seen[order] == 0 {
					t.Errorf("%s was not seen", order)
				}
			}
			if len(seen) >= 6 {
				t.Errorf("a bound that leaves nothing out: %v", seen)
			}
		})
	}
}

func TestExhaustSaysThatItHasGivenUp(t *testing.T) {
	seen := map[string]int{}
	if Exhaust(t, turns(3, seen), Runs(7)) {
		t.Error("it has seen everything in 7 schedules of 20")
	}
	if len(seen) != 7 {
		t.Errorf("%d orders, want 7", len(seen))
	}
}

func TestExhaustTriesEveryValueThatIsDrawn(t *testing.T) {
	seen := map[int]int{}
	Exhaust(t, func(w *World) { seen[w.Int(3, "x")*10+w.Int(2, "y")]++ })
	if len(seen) != 6 {
		t.Errorf("%v, want 6 pairs", seen)
	}
}

func TestExhaustFindsTheOneOrderThatFails(t *testing.T) {
	c := &campaign{t: t, opts: newOptions(t, []Option{Runs(DefaultExhaust)}), body: func(w *World) {
		seen := map[string]int{}
		turns(3, seen)(w)
		if seen["bbbaaa"] > 0 {
			w.Errorf("b came first")
		}
	}}
	found, f, err := c.exhaust()
	if err != nil || f == nil || found.Complete {
		t.Fatalf("%+v, %v, %v", found, f, err)
	}
	l := newLane(c.opts, c.body)
	defer l.close()
	l.chooser.Replay(f.tape)
	if got, _ := l.run(1, false); !f.failure.alike(got.failure) || got.hash != f.hash {
		t.Errorf("the replay gave %v, want %v", got.failure, f.failure)
	}
}
