package main

import (
	"flag"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/sim"
	"github.com/goasyncio/asyncio/sim/history"
)

// outcomes are what worlds have come to, which may live at the same time.
type outcomes struct {
	lived     atomic.Int64 // virtual time
	asked     atomic.Int64 // requests
	violation atomic.Pointer[history.Violation]
}

// storeWorld is a world in which four clients use the store while nodes lose power, are
// killed, stand still and are cut off, networks and disks fail; then everything works
// again.
func storeWorld(bugs Bugs, out *outcomes) func(w *sim.World) {
	return func(w *sim.World) {
		t := newTrial(w, bugs)
		t.run(20, 6)
		t.recovered()
		err := history.Check(t.told, history.KV(""))
		if v, ok := err.(*history.Violation); ok {
			out.violation.Store(v)
		}
		if err != nil {
			w.Fatalf("%w", err)
		}
		out.lived.Add(int64(w.Now()))
		out.asked.Add(int64(len(t.told.Calls())))
	}
}

// draw puts a picture of the last history that was not linearizable where go test
// -artifacts keeps it.
func (o *outcomes) draw(t *testing.T) {
	v := o.violation.Load()
	if v == nil {
		return
	}
	name, err := v.Save(t.ArtifactDir())
	if err != nil {
		t.Error(err)
	}
	t.Logf("the history is drawn in %s", name)
}

func TestTheStoreKeepsItsWordInEveryWorld(t *testing.T) {
	runs := 100
	if testing.Short() {
		runs = 10
	}
	var out outcomes
	begin := time.Now()
	sim.Check(t, storeWorld(Bugs{}, &out), sim.Runs(runs))
	real := time.Since(begin).Seconds()
	virtual := time.Duration(out.lived.Load()).Seconds()
	t.Logf("%.0f seconds of the worlds, with %d requests, in %.1f real ones: %.0f for one", virtual, out.asked.Load(), real, virtual/real)
	out.draw(t)
}

// BenchmarkWorlds tells how many seconds of a world pass in a real one.
func BenchmarkWorlds(b *testing.B) {
	var out outcomes
	f := &finder{TB: b}
	sim.Check(f, storeWorld(Bugs{}, &out), sim.Runs(b.N))
	if f.found != "" {
		b.Fatal(f.found)
	}
	b.ReportMetric(time.Duration(out.lived.Load()).Seconds()/b.Elapsed().Seconds(), "world-s/s")
	b.ReportMetric(float64(out.asked.Load())/float64(b.N), "requests/op")
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
				var out outcomes
				n, what := hunt(t, seed, bug.runs, storeWorld(bug.bugs, &out))
				if n == 0 {
					t.Errorf("base seed %d: not in %d schedules", seed, bug.runs)
					continue
				}
				t.Logf("base seed %d: after %d schedules: %s", seed, n, what)
				out.draw(t)
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
