package sim

import (
	"context"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
)

func TestSometimesIsFalseOutsideAWorld(t *testing.T) {
	for range 1000 {
		if Sometimes("anything") {
			t.Fatal("it was true")
		}
	}
	Reached("anything")
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		if Sometimes("anything") {
			t.Error("it was true on a loop that is not simulated")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestSometimesForcesABranchInSomeWorldsAndNeverInProductionOrder(t *testing.T) {
	var live, dead, times, calls int
	body := func(w *World) {
		n := 0
		here := func(ctx context.Context) error {
			for range 40 {
				asyncio.Yield(ctx)
				if calls++; Sometimes("the branch") {
					n++
				}
			}
			return nil
		}
		w.Host("h", here)
		w.Go("task", here).Await(w.Context())
		wait(w, time.Second)
		if times += n; n > 0 {
			live++
		} else {
			dead++
		}
	}
	if f := once(t, body); f != nil || live > 0 || calls != 80 {
		t.Fatalf("in production order: %d times in %d calls: %v", times, calls, f)
	}
	if f := quietly(t, 200, body, WithFaults(Faults{})); f != nil {
		t.Fatal(f)
	}
	if live < 25 || live > 75 { // a quarter of 200
		t.Errorf("the branch was live in %d of %d worlds", live, live+dead)
	}
	if per := times / live; per < 14 || per > 26 { // a quarter of 80
		t.Errorf("it was taken %d times in 80 where it was live", per)
	}
}

func TestMarksAreCounted(t *testing.T) {
	f := once(t, func(w *World) {
		w.Reached("here")
		w.Host("h", func(ctx context.Context) error {
			Reached("there")
			Reached("here")
			return nil
		})
		wait(w, time.Second)
		if here, there, nowhere := w.mark("here").times, w.mark("there").times, w.mark("nowhere").times; here != 2 || there != 1 || nowhere != 0 {
			w.Errorf("here %d, there %d, nowhere %d", here, there, nowhere)
		}
	})
	if f != nil {
		t.Error(f)
	}
}

func TestRandomNumbersOfHostsAreDecidedByTheTape(t *testing.T) {
	draw := func(w *World) (all [3]uint64) {
		for i, name := range []string{"a", "b"} {
			w.Host(name, func(ctx context.Context) error {
				all[i] = asyncio.Rand(ctx).Uint64()
				return nil
			})
		}
		all[2] = w.Rand().Uint64()
		wait(w, time.Second)
		return all
	}
	seen := map[[3]uint64]int{}
	l := newLane(newOptions(t, []Option{WithFaults(Faults{})}), func(w *World) { seen[draw(w)]++ })
	defer l.close()
	for k := range 20 {
		if f := l.schedule(production(), k); f != nil {
			t.Fatal(f.failure)
		}
		tape := l.chooser.Tape()
		l.chooser.Replay(tape[:len(tape):len(tape)])
		if got, _ := l.run(1, false); got.failure != nil {
			t.Fatal(got.failure)
		}
	}
	for all, n := range seen {
		if n%2 != 0 || all[0] == all[1] || all[1] == all[2] {
			t.Errorf("%v came %d times", all, n)
		}
	}
}
