package main

import (
	"flag"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/sim"
)

// storeWorld is a world in which three clients use the store while nodes lose power, are
// killed, stand still and are cut off, networks and disks fail; then everything works
// again. lived gets the virtual time of each.
func storeWorld(bugs Bugs, lived *atomic.Int64) func(w *sim.World) {
	return func(w *sim.World) {
		t := newTrial(w, bugs)
		t.run(20, 6)
		t.recovered()
		t.check()
		lived.Add(int64(w.Now()))
	}
}

func TestTheStoreKeepsItsWordInEveryWorld(t *testing.T) {
	runs := 100
	if testing.Short() {
		runs = 10
	}
	var lived atomic.Int64
	begin := time.Now()
	sim.Check(t, storeWorld(Bugs{}, &lived), sim.Runs(runs))
	real := time.Since(begin).Seconds()
	virtual := time.Duration(lived.Load()).Seconds()
	t.Logf("%.0f seconds of the worlds in %.1f real ones: %.0f for one", virtual, real, virtual/real)
}

// A correct store that nobody can break says little about the checks; one of these must
// not get through.
var planted = []struct {
	name string
	bugs Bugs
	runs int
}{
	{"promises what is not on the disk yet", Bugs{AckBeforeSync: true}, 500},
	{"reads from a leader of the past", Bugs{StaleReads: true}, 2000},
	{"loses an entry at a snapshot", Bugs{LossySnapshot: true}, 500},
}

// seeds is how many base seeds must find each planted bug.
var seeds = flag.Uint64("raftkv.seeds", 1, "how many base seeds must find each planted bug")

func TestEachPlantedBugIsFound(t *testing.T) {
	if testing.Short() {
		t.Skip("runs hundreds of worlds")
	}
	for _, bug := range planted {
		t.Run(bug.name, func(t *testing.T) {
			for seed := uint64(1); seed <= *seeds; seed++ {
				n, what := hunt(t, seed, bug.runs, storeWorld(bug.bugs, new(atomic.Int64)))
				if n == 0 {
					t.Errorf("base seed %d: not in %d schedules", seed, bug.runs)
					continue
				}
				t.Logf("base seed %d: in schedule %d: %s", seed, n, what)
			}
		})
	}
}

// The raft library asks the system for random numbers, and maps have an order of their
// own in each run. Nothing of that must reach the world.
func TestAWorldIsTheSameEveryTime(t *testing.T) {
	for seed := uint64(1); seed <= 5; seed++ {
		var lives [2]string
		for i := range lives {
			f := &finder{TB: t}
			sim.Run(f, seed, func(w *sim.World) {
				trial := newTrial(w, Bugs{})
				trial.run(10, 3)
				lives[i] = fmt.Sprintf("%v\n%v", w.Now(), trial.told)
			})
			if f.found != "" {
				t.Fatal(f.found)
			}
		}
		if lives[0] != lives[1] {
			t.Errorf("seed %d: first %s\nthen %s", seed, lives[0], lives[1])
		}
	}
}
