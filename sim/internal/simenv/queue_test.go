package simenv_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/sim/internal/simenv"
)

func TestCallsAreMadeInOrderOfTimeAndThenOfMaking(t *testing.T) {
	f := simenv.NewFake(1)
	var made []int
	for i, d := range []time.Duration{3, 1, 2, 1, 3, 0} {
		f.After(d, "call", func() { made = append(made, i) })
	}
	if n := f.Run(2); n != 4 {
		t.Errorf("%d calls within 2 ns, want 4", n)
	}
	f.Run(1)
	if want := []int{5, 1, 3, 2, 0, 4}; !slices.Equal(made, want) {
		t.Errorf("order %v, want %v", made, want)
	}
}

func TestAStoppedCallIsNotMade(t *testing.T) {
	f := simenv.NewFake(1)
	c := f.After(1, "call", func() { t.Error("it was made") })
	c.Stop()
	c.Stop()
	f.Run(2)
}

func TestACallMayPromiseAnotherForTheSameTime(t *testing.T) {
	f := simenv.NewFake(1)
	var at []driver.Instant
	f.After(5, "first", func() {
		f.After(0, "second", func() { at = append(at, f.Now()) })
		at = append(at, f.Now())
	})
	f.Run(5)
	if !slices.Equal(at, []driver.Instant{5, 5}) {
		t.Errorf("called at %v", at)
	}
}

func TestDueIsWhatComesFirstWhateverTheOrderOfMakingAndStopping(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var q simenv.Queue
		var all []*simenv.Call
		for range r.IntN(30) {
			all = append(all, q.Add(driver.Instant(r.IntN(5)), "call", func() {}))
		}
		for len(all) > 0 {
			first := driver.Forever
			for _, c := range all {
				first = min(first, c.At)
			}
			var want []*simenv.Call
			for _, c := range all {
				if c.At == first {
					want = append(want, c)
				}
			}
			if got := q.Next(); got != first || !slices.Equal(q.Due(first), want) || q.Len() != len(all) {
				t.Fatalf("due at %v: %d calls of %d, want at %v: %d of %d", got, len(q.Due(first)), q.Len(), first, len(want), len(all))
			}
			i := r.IntN(len(all))
			c := all[i]
			c.Run()
			all = slices.Delete(all, i, i+1)
			if r.IntN(4) == 0 { // it is promised again
				q.Start(c, first+driver.Instant(r.IntN(3)))
				all = append(all, c)
			}
		}
		if q.Len() != 0 || q.Next() != driver.Forever || len(q.Due(100)) > 0 {
			t.Fatal("an empty queue has something due")
		}
	}
}

func TestTheMildWorldDecidesForNothing(t *testing.T) {
	f := simenv.NewFake(1)
	f.Mild = true
	for range 100 {
		if f.Chance(1, "fault") || f.Draw(10, "latency") != 0 {
			t.Fatal("something was decided for")
		}
	}
	f.Mild = false
	if !f.Chance(1, "fault") || f.Chance(0, "fault") || f.Draw(1, "latency") != 0 {
		t.Error("a certainty came out differently")
	}
}
