package explore_test

import (
	"math"
	"testing"

	"github.com/goasyncio/asyncio/sim/internal/explore"
)

// draws are the answers to one question in the schedules of a campaign, how often it
// is asked in each.
func draws(t testing.TB, base uint64, schedules, asked, n int, p float64) (all [][]int) {
	c, s := explore.NewChooser(), strategy(t, "rw")
	for k := range schedules {
		c.Begin(s, base, k)
		var answers []int
		for range asked {
			answers = append(answers, c.Draw("question", n, p))
		}
		c.End()
		all = append(all, answers)
	}
	return all
}

func TestADrawIsSpreadOverTheSchedules(t *testing.T) {
	t.Run("each of twenty answers comes once in twenty schedules", func(t *testing.T) {
		for base := range uint64(50) {
			for asked := range 3 {
				seen := map[int]int{}
				for _, answers := range draws(t, base, 20, 3, 20, 0) {
					seen[answers[asked]]++
				}
				if len(seen) != 20 {
					t.Fatalf("seed %d: %d answers", base, len(seen))
				}
			}
		}
	})
	t.Run("a fault of one in eight comes once in the first eight schedules", func(t *testing.T) {
		for base := range uint64(50) {
			struck := 0
			for _, answers := range draws(t, base, 8, 1, 2, 0.125) {
				struck += answers[0]
			}
			if struck != 1 {
				t.Fatalf("seed %d: %d times", base, struck)
			}
		}
	})
	t.Run("all pairs of two answers come", func(t *testing.T) {
		pairs := map[[2]int]int{}
		for _, answers := range draws(t, 3, 4000, 2, 10, 0) {
			pairs[[2]int(answers)]++
		}
		for pair, n := range pairs {
			if n < 10 || n > 90 {
				t.Errorf("%v came %d times, and 40 are to be expected", pair, n)
			}
		}
		if len(pairs) != 100 {
			t.Errorf("%d pairs of 100", len(pairs))
		}
	})
}

// Faults that are rare by themselves come together in some schedules.
func TestFaultsComeInSwarms(t *testing.T) {
	many, none := 0, 0
	for _, answers := range draws(t, 2, 1000, 10, 2, 0.1) {
		struck := 0
		for _, a := range answers {
			struck += a
		}
		if struck == 0 {
			none++
		}
		if struck >= 4 {
			many++
		}
	}
	if many < 60 || none < 400 { // by chance alone 13 and 350
		t.Errorf("%d of 1000 schedules have four faults or more of ten, %d have none", many, none)
	}
}

// However a draw is made, it has the probability that was asked for.
func TestADrawHasItsProbability(t *testing.T) {
	for _, c := range []struct {
		asked, n int
		p        float64
	}{{1, 2, 0.1}, {40, 2, 0.1}, {1, 2, 0.3}, {1, 5, 0.001}, {1, 3, 0.9}, {40, 3, 1}, {1, 20, 0}, {1, 1000, 0}, {40, 7, 0}} {
		const schedules = 4000
		struck, total := 0.0, 0.0
		sum := 0
		for _, answers := range draws(t, 5, schedules, c.asked, c.n, c.p) {
			for _, a := range answers {
				if a < 0 || a >= c.n {
					t.Fatalf("%+v: drawn %d", c, a)
				}
				if total++; a != 0 {
					struck++
				}
				sum += a
			}
		}
		p := c.p
		if p == 0 {
			p = 1 - 1/float64(c.n)
		}
		// A swarm is one event for all that are asked in a schedule.
		if sigma := math.Sqrt(p * (1 - p) / schedules); math.Abs(struck/total-p) > 5*sigma+1e-9 {
			t.Errorf("%+v: not 0 in %.4f of the cases", c, struck/total)
		}
		if mean := p * float64(c.n) / 2; math.Abs(float64(sum)/total-mean) > 0.1*mean+5*float64(c.n)/math.Sqrt(total) {
			t.Errorf("%+v: %.2f on average", c, float64(sum)/total)
		}
	}
}

// A label with a number in it must not fill the memory.
func TestLabelsWithoutEnd(t *testing.T) {
	c := explore.NewChooser()
	c.Begin(strategy(t, "rw"), 1, 1)
	seen := map[int]bool{}
	for i := range 20_000 {
		seen[c.Draw(string(rune(i)), 3, 0)] = true
	}
	if len(seen) != 3 {
		t.Errorf("%d answers of 3", len(seen))
	}
}
