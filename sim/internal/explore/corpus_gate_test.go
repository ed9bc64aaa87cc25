package explore_test

import (
	"os"
	"strconv"
	"testing"

	"github.com/goasyncio/asyncio/sim/internal/explore"
)

func eachProgram(t *testing.T, f func(t *testing.T, p program)) {
	for _, p := range corpus {
		t.Run(p.id+" "+p.name, func(t *testing.T) { f(t, p) })
	}
}

func TestNoBugOfTheCorpusShowsInTheOrderOfProduction(t *testing.T) {
	eachProgram(t, func(t *testing.T, p program) {
		c := explore.NewChooser()
		c.Replay(nil)
		if _, wrong := p.once(c, false); wrong != "" {
			t.Errorf("a plain test finds it: %s", wrong)
		}
	})
}

func TestTheMixFindsEachBugWithin200SchedulesFrom99Of100Seeds(t *testing.T) {
	eachProgram(t, func(t *testing.T, p program) {
		missed, sum, worst := 0, 0, 0
		for base := range uint64(100) {
			n, _ := p.find(t, "mix", base, 200, false)
			if n == 0 {
				missed++
			}
			sum += n
			worst = max(worst, n)
		}
		t.Logf("mean %.1f, worst %d, missed %d", float64(sum)/float64(100-missed), worst, missed)
		if missed > 1 {
			t.Errorf("missed from %d seeds of 100", missed)
		}
	})
}

// silent is for how many schedules the repaired programs must be silent; more at night.
func silent() int {
	if n, err := strconv.Atoi(os.Getenv("EXPLORE_SCHEDULES")); err == nil {
		return n
	}
	return 10_000
}

func TestTheRepairedProgramsAreSilent(t *testing.T) {
	eachProgram(t, func(t *testing.T, p program) {
		if n, tape := p.find(t, "mix", 7, silent(), true); n != 0 {
			t.Errorf("schedule %d fails: %s", n, tape)
		}
	})
}
