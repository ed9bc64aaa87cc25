package explore_test

import (
	"slices"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/sim/internal/explore"
)

// shrink shrinks a tape of a schedule of n decisions with ten alternatives each, which
// must be as fails says to fail. It counts the schedules that were run.
func shrink(t explore.Tape, limits explore.Limits, n int, fails func(picks []int) bool) (got explore.Tape, stats explore.Stats, runs int) {
	c := explore.NewChooser()
	got, stats = explore.Shrink(c, t, limits, func() bool {
		runs++
		var picks []int
		for range n {
			picks = append(picks, c.Draw("decision", 10, 0))
		}
		return fails(picks)
	})
	return got, stats, runs
}

func noisy(n int) (t explore.Tape) {
	for i := range n {
		t = append(t, explore.Choice{N: 10, Pick: 1 + i*7%9})
	}
	return t
}

func TestShrinking(t *testing.T) {
	check := func(what string, fails func(p []int) bool, want explore.Tape) {
		t.Run(what, func(t *testing.T) {
			got, stats, _ := shrink(noisy(100), explore.Limits{}, 100, fails)
			if !got.SamePicks(want) {
				t.Errorf("%v", got)
			}
			if stats.Before != 100 || stats.After != want.NonDefault() || stats.Cut {
				t.Errorf("%+v", stats)
			}
		})
	}
	check("comes to nothing where everything fails", func([]int) bool { return true }, nil)
	check("keeps the one pick that matters", func(p []int) bool { return p[41] != 0 }, append(make(explore.Tape, 41), tapeOf(1)...))
	check("keeps two that belong together", func(p []int) bool { return p[3] != 0 && p[7] >= 4 }, tapeOf(0, 0, 0, 1, 0, 0, 0, 4))
	check("lowers what can be lower", func(p []int) bool { return p[1] >= 3 && p[1]%2 == 0 }, tapeOf(0, 4))
	check("moves to the beginning what can be anywhere", func(p []int) bool { return slices.Contains(p, 5) }, tapeOf(5))
	check("finds one that does for many", func(p []int) bool {
		sum := 0
		for _, x := range p {
			sum += x
		}
		return sum >= 9
	}, tapeOf(9))

	t.Run("gives a tape back that does not fail", func(t *testing.T) {
		got, stats, _ := shrink(noisy(5), explore.Limits{}, 5, func([]int) bool { return false })
		if !got.SamePicks(noisy(5)) || stats.Runs != 1 || stats.After != 5 {
			t.Errorf("%v, %+v", got, stats)
		}
	})
	t.Run("gives the decisions that were made, not those that were asked for", func(t *testing.T) {
		got, _, _ := shrink(explore.Tape{{N: 90, Pick: 80}}, explore.Limits{}, 1, func(p []int) bool { return p[0] == 9 })
		if !got.SamePicks(tapeOf(9)) || got[0].N != 10 {
			t.Errorf("%v", got)
		}
	})
}

func TestALimitOfShrinking(t *testing.T) {
	hard := func(p []int) bool { return p[2] != 0 && p[50] != 0 && p[97] != 0 }
	t.Run("ends it after so many runs, with what there is", func(t *testing.T) {
		got, stats, runs := shrink(noisy(100), explore.Limits{Runs: 5}, 100, hard)
		if again, _, _ := shrink(got, explore.Limits{}, 100, hard); again.NonDefault() != 3 || !stats.Cut || runs > 5+4 || stats.Runs != runs {
			t.Errorf("%d runs: %+v, and then %v", runs, stats, again)
		}
	})
	t.Run("ends it after so much time", func(t *testing.T) {
		got, stats, _ := shrink(noisy(100), explore.Limits{For: time.Nanosecond}, 100, hard)
		if !stats.Cut || !got.SamePicks(noisy(100)) {
			t.Errorf("%+v", stats)
		}
	})
}

// The same failure shrinks to the same tape.
func TestShrinkingIsDeterministic(t *testing.T) {
	eachProgram(t, func(t *testing.T, p program) {
		_, tape := p.find(t, "mix", 3, 1000, false)
		first, one := p.shrink(tape, explore.Limits{})
		second, two := p.shrink(tape, explore.Limits{})
		if !slices.Equal(first, second) || one.Runs != two.Runs {
			t.Errorf("%v and %v", first, second)
		}
	})
}

// The schedule that passes is what the report compares the failure with: all but one
// decision are the same.
func TestShrinkingKnowsANearScheduleThatPasses(t *testing.T) {
	eachProgram(t, func(t *testing.T, p program) {
		_, tape := p.find(t, "mix", 3, 1000, false)
		small, stats := p.shrink(tape, explore.Limits{})
		c := explore.NewChooser()
		c.Replay(stats.Passing)
		if _, wrong := p.once(c, false); wrong != "" || stats.Passing == nil {
			t.Fatalf("%v fails: %s", stats.Passing, wrong)
		}
		differ := 0
		for i := range small {
			if i < len(stats.Passing) && small[i].Pick != stats.Passing[i].Pick {
				differ++
			}
		}
		if differ == 0 || stats.Passing.NonDefault() >= small.NonDefault() {
			t.Errorf("%v and %v", small, stats.Passing)
		}
	})
}

// A long schedule of which every decision counts: the passes must not go on through all
// their candidates when no more may be run.
func TestShrinkingEndsSoonAfterItsLimit(t *testing.T) {
	const length = 20_000
	all := func(p []int) bool { return !slices.Contains(p, 0) }
	got, stats, runs := shrink(noisy(length), explore.Limits{Runs: 10}, length, all)
	if !stats.Cut || runs > 20 || got.NonDefault() != length {
		t.Errorf("%d runs, %+v, %d picks left", runs, stats, got.NonDefault())
	}
}
