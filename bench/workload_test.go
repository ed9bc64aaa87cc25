package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/bench/network"
)

// Each side checks its own work; a job that is cut into shares must come out
// right where the shares are uneven, or some of them empty.
func TestEverySideDoesItsJobAtAnySize(t *testing.T) {
	night, beat = time.Millisecond, time.Hour // of which a world holds few
	defer func() { night, beat = time.Second, time.Second }()
	for _, w := range workloads() {
		for by, run := range w.sides {
			if run == nil {
				continue
			}
			for _, ops := range []int{1, 7, 1_001, batch + 1} {
				if ops > w.quick {
					continue // a job whose operations are long
				}
				t.Run(fmt.Sprintf("%s on %v, %d operations", w.name, impl(by), ops), func(t *testing.T) {
					lent = t
					defer func() { lent = nil }()
					err := run(ops)
					if errors.Is(err, errNotHere) {
						t.Skip(err)
					}
					if err != nil {
						t.Error(err)
					}
				})
			}
		}
	}
}

func TestTheTableOfWorkloads(t *testing.T) {
	seen := map[string]bool{}
	for _, w := range workloads() {
		t.Run(w.name, func(t *testing.T) {
			if seen[w.name] {
				t.Error("has the name of another")
			}
			seen[w.name] = true
			if len(choose(workloads(), w.name)) != 1 {
				t.Error("its name is a part of another's: -only and the child processes cannot tell them apart")
			}
			if w.sides[onLoop] == nil || w.sides[onGoroutines] == nil {
				t.Error("lacks a side to compare")
			}
			if w.target <= 0 || w.quick <= 0 || w.ops < w.quick {
				t.Errorf("target %v, ops %d, quick %d: makes no sense", w.target, w.ops, w.quick)
			}
		})
	}
}

func TestNoRowOfServersHasANameThatIsPartOfAnother(t *testing.T) {
	for _, r := range network.Rows() {
		if n := len(chooseRows(network.Rows(), r.Name)) + len(choose(workloads(), r.Name)); n != 1 {
			t.Errorf("-only %s chooses %d rows", r.Name, n)
		}
	}
}

func TestCompareRunsTheSidesInTurn(t *testing.T) {
	var order []string
	log := func(name string) side {
		return func(ops int) error {
			order = append(order, fmt.Sprint(name, ops))
			return nil
		}
	}
	w := workload{name: "x", meter: wall, sides: sides{log("a"), log("b"), nil}}
	res, err := w.compare(3, 5)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(order, " "); got != "a5 b5 a5 b5 a5 b5" {
		t.Errorf("the sides ran as %s", got)
	}
	if len(res.samples[onLoop]) != 3 || len(res.samples[onGoroutines]) != 3 || len(res.samples[onBare]) != 0 {
		t.Errorf("samples: %v", res.samples)
	}
}

func TestCompareStopsAtASideThatFails(t *testing.T) {
	fine := func(int) error { return nil }
	wrong := func(ops int) error { return mustBe("items", ops-1, ops) }
	for _, m := range []meter{wall, cpu} {
		w := workload{name: "x", meter: m, sides: sides{fine, wrong, fine}}
		_, err := w.compare(3, 5)
		if err == nil {
			t.Fatalf("measured in %s, a side that lost an item passed", m.unit)
		}
		for _, part := range []string{"goroutines", "items: 4, must be 5"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("the error %q does not say %q", err, part)
			}
		}
	}
}

func TestARowThatThisSystemCannotMeasureIsSkipped(t *testing.T) {
	blind := meter{unit: "s", measure: func(workload, impl, int) (float64, error) { return 0, errNotHere }}
	fine := func(int) error { return nil }
	w := workload{name: "x", target: 1, meter: blind, sides: sides{fine, fine, nil}}
	res, err := w.compare(2, 5)
	if err != nil {
		t.Fatal(err)
	}
	if res.Skipped != errNotHere.Error() || !res.met() {
		t.Errorf("skipped %q, met %v: a row that was not measured misses no target", res.Skipped, res.met())
	}
}

func TestWallTimeIsPerOperation(t *testing.T) {
	nap := func(int) error { time.Sleep(2 * time.Millisecond); return nil }
	w := workload{meter: wall, sides: sides{nap}}
	v, err := measureWall(w, onLoop, 1000)
	if err != nil {
		t.Fatal(err)
	}
	if v < 2000 {
		t.Errorf("2 ms over 1,000 operations are at least 2,000 ns each, not %v", v)
	}
}

func TestCPUTimeGrowsWithWorkAndNotWithWaiting(t *testing.T) {
	busy := func(int) error {
		for end := time.Now().Add(20 * time.Millisecond); time.Now().Before(end); {
		}
		return nil
	}
	w := workload{meter: cpu, sides: sides{busy}}
	v, err := measureCPU(w, onLoop, 1)
	if errors.Is(err, errNotHere) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if v <= 0 {
		t.Errorf("20 ms of work took %v s of CPU time", v)
	}
}

func TestShare(t *testing.T) {
	for _, ops := range []int{0, 1, 3, 4, 5, 1_000_003} {
		sum, least, most := 0, ops, 0
		for i := range 4 {
			part := share(ops, 4, i)
			sum, least, most = sum+part, min(least, part), max(most, part)
		}
		if sum != ops || most-least > 1 {
			t.Errorf("%d operations for 4: %d in all, between %d and %d each", ops, sum, least, most)
		}
	}
}

func TestBatches(t *testing.T) {
	t.Run("the last one takes what is left", func(t *testing.T) {
		var sizes []int
		_ = inBatches(2*batch+3, func(n int) error { sizes = append(sizes, n); return nil })
		if fmt.Sprint(sizes) != fmt.Sprint([]int{batch, batch, 3}) {
			t.Errorf("sizes %v", sizes)
		}
	})
	t.Run("an error ends them", func(t *testing.T) {
		broken, runs := errors.New("broken"), 0
		err := inBatches(2*batch, func(int) error { runs++; return broken })
		if err != broken || runs != 1 {
			t.Errorf("error %v after %d batches", err, runs)
		}
	})
}
