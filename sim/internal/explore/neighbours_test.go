package explore_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/goasyncio/asyncio/sim/internal/explore"
)

func TestTheNeighboursOfASchedule(t *testing.T) {
	tape := explore.Tape{{N: 3, Pick: 1}, {N: 2}, {N: 20, Pick: 7}, {N: 2}, {N: 4, Pick: 3}, {N: 2}}
	all := slices.Collect(explore.Neighbours(tape, 1000, 1))
	t.Run("are as many as were asked for", func(t *testing.T) {
		if len(all) != 1000 {
			t.Errorf("%d", len(all))
		}
	})
	t.Run("are the same for a seed", func(t *testing.T) {
		if !reflect.DeepEqual(all, slices.Collect(explore.Neighbours(tape, 1000, 1))) {
			t.Error("they are not")
		}
		if reflect.DeepEqual(all, slices.Collect(explore.Neighbours(tape, 1000, 2))) {
			t.Error("and those of another seed are, too")
		}
	})
	t.Run("differ in few picks, or are open at the end", func(t *testing.T) {
		open, seen := 0, map[string]bool{}
		for _, n := range all {
			seen[n.Tape.String()] = true
			if n.Open {
				open++
				continue
			}
			differ := 0
			for i := range n.Tape {
				if n.Tape[i].Pick != tape[i].Pick {
					differ++
				}
			}
			if differ > 6 || len(n.Tape) != len(tape) {
				t.Fatalf("%v", n)
			}
		}
		if open < 200 || open > 300 || len(seen) < 200 {
			t.Errorf("%d are open, and there are %d different tapes", open, len(seen))
		}
	})
	t.Run("of the empty tape are open", func(t *testing.T) {
		for n := range explore.Neighbours(nil, 3, 1) {
			if !n.Open || n.Tape != nil {
				t.Errorf("%v", n)
			}
		}
	})
}

// A fix that only moves the failure is found out by the neighbours: the recorded
// schedule itself passes.
func TestTheNeighboursFindAFailureThatHasMoved(t *testing.T) {
	before, after := program{build: lostUpdate(0, 3)}, program{build: lostUpdate(0, 5)}
	c, s := explore.NewChooser(), strategy(t, "rw")
	missed := 0
	for base := range uint64(20) {
		_, tape := before.find(t, "rw", base, 1000, false)
		small, _ := before.shrink(tape, explore.Limits{})
		c.Replay(small)
		after.once(c, false)
		failed := false
		for n := range explore.Neighbours(slices.Clone(c.Tape()), 100, base) {
			if c.Replay(n.Tape); n.Open {
				c.Extend(n.Tape, s, base, 1)
			}
			_, wrong := after.once(c, false)
			failed = failed || wrong != ""
		}
		if !failed {
			missed++
		}
	}
	if missed > 0 {
		t.Errorf("missed from %d seeds of 20", missed)
	}
}
