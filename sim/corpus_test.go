package sim_test

import (
	"testing"

	"github.com/goasyncio/asyncio/sim"
)

// The corpus: small programs with a bug that a plain test does not show, beside the
// same programs without the bug. Most are those by which explorers are compared, or
// bugs that event loops have had; those with a letter are our own.
var corpus = []struct {
	id, name string
	run      func(w *sim.World, repaired bool)
}{
	{"01", "lost update", lostUpdate(0, 3)},
	{"02", "lost update with a head start", lostUpdate(0, 12)},
	{"03", "two locks in two orders", twoLocks},
	{"04", "five philosophers", philosophers},
	{"05", "missed notification", missedNotify},
	{"07", "closed twice", closedTwice},
	{"08", "used before it is made", usedBeforeMade},
	{"09", "cancelled with a lock", cancelledWithLock},
	{"10", "item lost with its getter", lostItem},
	{"11", "permit lost with its waiter", lostPermit},
	{"12", "reply and timeout", replyAndTimeout},
	{"13", "sent again after a lost acknowledgement", sentAgain},
	{"14", "lease without fencing", lease},
	{"15", "stale cache fill", staleFill},
	{"19", "renamed before it is synced", renamedUnsynced},
	{"21", "one step after twenty-five", lateStep},
	{"22", "lost update in noise", lostUpdateInNoise},
	{"a", "bounded buffer with one condition", boundedBuffer},
	{"b", "started twice", startedTwice},
	{"c", "half a transfer", halfTransfer},
}

// perfect is the corpus' environment: what goes wrong is part of the programs.
var perfect = sim.WithFaults(sim.Faults{})

func eachOfCorpus(t *testing.T, f func(t *testing.T, body func(repaired bool) func(w *sim.World))) {
	for _, p := range corpus {
		t.Run(p.id+" "+p.name, func(t *testing.T) {
			f(t, func(repaired bool) func(w *sim.World) {
				return func(w *sim.World) { p.run(w, repaired) }
			})
		})
	}
}

func TestTheCorpusIsGreenInTheOrderOfProduction(t *testing.T) {
	eachOfCorpus(t, func(t *testing.T, body func(repaired bool) func(w *sim.World)) {
		if _, f := sim.FirstFailure(t, body(false), sim.Runs(1), perfect); f != nil {
			t.Errorf("a plain test finds it: %v", f)
		}
	})
}

func TestEachBugOfTheCorpusIsFoundWithin200SchedulesFrom99Of100Seeds(t *testing.T) {
	seeds := uint64(100)
	if testing.Short() {
		seeds = 10
	}
	eachOfCorpus(t, func(t *testing.T, body func(repaired bool) func(w *sim.World)) {
		missed, sum, worst := 0, 0, 0
		for seed := range seeds {
			k, _ := sim.FirstFailure(t, body(false), sim.Seed(seed), sim.Runs(200), perfect)
			if k < 0 {
				missed++
				continue
			}
			sum, worst = sum+k, max(worst, k)
		}
		t.Logf("mean %.1f, worst %d, missed %d", float64(sum)/float64(max(int(seeds)-missed, 1)), worst, missed)
		if missed > 1 {
			t.Errorf("missed from %d seeds of %d", missed, seeds)
		}
	})
}

// Each failure comes again, to the bit, from its tape alone, and shrinks to a few
// choices that differ from production.
func TestEachFailureOfTheCorpusReplaysAndShrinks(t *testing.T) {
	seeds := uint64(10)
	if testing.Short() {
		seeds = 2
	}
	eachOfCorpus(t, func(t *testing.T, body func(repaired bool) func(w *sim.World)) {
		before, after, worst, runs := 0, 0, 0, 0
		for seed := range seeds {
			s := sim.ShrinkFirst(t, body(false), sim.Seed(seed), sim.Runs(1000), perfect)
			before, after = before+s.Before, after+s.After
			worst, runs = max(worst, s.After), max(runs, s.Runs)
		}
		t.Logf("from %d to %.1f choices, %d at most, in at most %d runs", before/int(seeds), float64(after)/float64(seeds), worst, runs)
		if worst > 8 {
			t.Errorf("%d choices", worst)
		}
	})
}

func TestTheRepairedCorpusIsSilent(t *testing.T) {
	eachOfCorpus(t, func(t *testing.T, body func(repaired bool) func(w *sim.World)) {
		sim.Check(t, body(true), sim.Runs(quiet(2_000)), perfect)
	})
}
