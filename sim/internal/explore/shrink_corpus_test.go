package explore_test

import (
	"testing"

	"github.com/goasyncio/asyncio/sim/internal/explore"
)

// shrink makes the tape of a failure small, as a report would.
func (p program) shrink(tape explore.Tape, limits explore.Limits) (explore.Tape, explore.Stats) {
	c := explore.NewChooser()
	c.Replay(tape)
	_, failure := p.once(c, false)
	return explore.Shrink(c, tape, limits, func() bool {
		_, wrong := p.once(c, false)
		return wrong == failure
	})
}

func TestEachFailureOfTheCorpusShrinksToAtMostEightChoices(t *testing.T) {
	eachProgram(t, func(t *testing.T, p program) {
		worst, sum, runs, before, n := 0, 0, 0, 0, 0
		for _, name := range []string{"mix", "rw", "urw", "pos", "pct"} {
			if p.rw == 0 && name == "rw" || p.id == "02" && name == "rw" {
				continue // it finds nothing, or takes too long
			}
			for base := range uint64(20) {
				_, tape := p.find(t, name, base, 3000, false)
				small, stats := p.shrink(tape, explore.Limits{})
				c := explore.NewChooser()
				c.Replay(small)
				if _, wrong := p.once(c, false); wrong == "" {
					t.Fatalf("%s does not fail", small)
				}
				n++
				sum += stats.After
				before += stats.Before
				runs = max(runs, stats.Runs)
				worst = max(worst, stats.After)
			}
		}
		t.Logf("from %.1f to %.1f picks that are not 0, %d at most, in at most %d runs", float64(before)/float64(n), float64(sum)/float64(n), worst, runs)
		if worst > 8 {
			t.Errorf("%d picks that are not 0", worst)
		}
	})
}
