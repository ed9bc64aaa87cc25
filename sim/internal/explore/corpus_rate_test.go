package explore_test

import (
	"testing"

	"github.com/goasyncio/asyncio/sim/internal/explore"
)

// rate is the share of schedules that fail.
func (p program) rate(t testing.TB, name string, runs int) float64 {
	c, s := explore.NewChooser(), strategy(t, name)
	failed := 0
	for k := range runs {
		c.Begin(s, 99, k)
		if _, wrong := p.once(c, false); wrong != "" {
			failed++
		}
	}
	return float64(failed) / float64(runs)
}

// The strategies do what their inventors say: the mean number of schedules until a bug
// is found is that of other implementations, on models of the same programs.
// The factor allows for how those models differ in detail: which of them has one wait
// more is not known. Program 21 under PCT of depth 3 is left out: its schedules have
// either one choice or 26, so that all depends on which of them is taken as the length.
func TestTheStrategiesAreAsGoodAsElsewhere(t *testing.T) {
	eachProgram(t, func(t *testing.T, p program) {
		for _, s := range []struct {
			name string
			mean float64
		}{{"rw", p.rw}, {"urw", p.urw}, {"pct3", p.pct}, {"pos", p.pos}} {
			if s.mean == 0 || p.id == "21" && s.name == "pct3" {
				continue
			}
			got := 1 / p.rate(t, s.name, 3000)
			t.Logf("%s: %.1f schedules, elsewhere %.0f", s.name, got, s.mean)
			if got > 2.5*s.mean || got < s.mean/2.5 {
				t.Errorf("%s finds it in %.1f schedules, and elsewhere in %.0f", s.name, got, s.mean)
			}
		}
	})
}
