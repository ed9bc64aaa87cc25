package explore_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/goasyncio/asyncio/sim/internal/explore"
)

var names = []string{"fifo", "rw", "urw", "pos", "pct", "pct2", "pct3", "mix"}

func TestADecision(t *testing.T) {
	t.Run("between one alternative is none", func(t *testing.T) {
		c := explore.NewChooser()
		c.Begin(strategy(t, "rw"), 1, 0)
		c.Step(alternatives(1))
		c.Draw("nothing", 1, 0)
		c.Draw("never", 5, -1)
		if len(c.Tape()) != 0 {
			t.Errorf("the tape is %v", c.Tape())
		}
	})
	t.Run("beyond the tape's end is the default", func(t *testing.T) {
		c := explore.NewChooser()
		c.Replay(tapeOf(1))
		if i := c.Step(alternatives(2)); i != 1 {
			t.Errorf("the tape says 1 and not %d", i)
		}
		if n := c.Draw("latency", 9, 0); n != 0 {
			t.Errorf("drawn %d", n)
		}
	})
	t.Run("that is not possible is the nearest that is", func(t *testing.T) {
		c := explore.NewChooser()
		c.Replay(explore.Tape{{N: 10, Pick: 9}, {N: 10, Pick: -4}})
		if n := c.Draw("a", 4, 0); n != 3 {
			t.Errorf("9 of 4 is %d", n)
		}
		if n := c.Draw("b", 4, 0); n != 0 {
			t.Errorf("-4 of 4 is %d", n)
		}
	})
	t.Run("of production is the first alternative, always", func(t *testing.T) {
		c := explore.NewChooser()
		c.Begin(strategy(t, "fifo"), 3, 5)
		for n := range 20 {
			if c.Step(alternatives(n+1)) != 0 || c.Draw("fault", 10, 0.9) != 0 {
				t.Fatal("it is not")
			}
		}
	})
}

// names of the tasks that run at a tape's decisions; each alternative is always there.
func runs(n int, picks ...int) (who []int) {
	c := explore.NewChooser()
	c.Replay(tapeOf(picks...))
	for range picks {
		who = append(who, c.Step(alternatives(n)))
	}
	return who
}

func TestADelay(t *testing.T) {
	check := func(what string, n int, picks, want []int) {
		t.Run(what, func(t *testing.T) {
			if got := runs(n, picks...); !slices.Equal(got, want) {
				t.Errorf("at the picks %v ran %v, not %v", picks, got, want)
			}
		})
	}
	check("lasts", 2, []int{1, 0, 0, 0}, []int{1, 1, 1, 1})
	check("is of all that were overtaken", 4, []int{2, 0, 1, 0}, []int{2, 2, 3, 3})
	check("ends when the task is picked, which then goes before the others", 2, []int{1, 0, 1, 0}, []int{1, 1, 0, 0})
	check("leaves the order among the delayed", 3, []int{2, 1, 0}, []int{2, 0, 0})
	t.Run("ends when nothing else can run", func(t *testing.T) {
		c := explore.NewChooser()
		c.Replay(tapeOf(2))
		all := alternatives(3)
		c.Step(all) // delays 0 and 1
		if i := c.Step(all[:2]); i != 0 {
			t.Errorf("task %d ran first", i)
		}
		if i := c.Step([]explore.Alt{all[1], all[2]}); i != 0 {
			t.Error("task 1 is still delayed, though nothing else could run before")
		}
	})
}

// Whatever a strategy decides, the tape decides it again.
func TestTheTapeAloneReplaysTheSchedule(t *testing.T) {
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			for _, p := range corpus {
				c, s := explore.NewChooser(), strategy(t, name)
				for k := range 50 {
					c.Begin(s, 17, k)
					first, wrong := p.once(c, false)
					tape := append(explore.Tape(nil), c.Tape()...)
					other := explore.NewChooser()
					other.Replay(tape)
					second, again := p.once(other, false)
					if wrong != again || !slices.Equal(first.ran, second.ran) || !slices.Equal(tape, other.Tape()) {
						t.Fatalf("%s, schedule %d: %q and %q\n%v\n%v", p.id, k, wrong, again, first.ran, second.ran)
					}
				}
			}
		})
	}
}

func TestACampaignFollowsFromItsSeed(t *testing.T) {
	campaign := func(name string, base uint64) (tapes []string) {
		c, s := explore.NewChooser(), strategy(t, name)
		for k := range 40 {
			c.Begin(s, base, k)
			corpus[9].once(c, false)
			tapes = append(tapes, c.Tape().String())
		}
		return tapes
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			first := campaign(name, 1)
			if !slices.Equal(first, campaign(name, 1)) {
				t.Error("two campaigns of one seed differ")
			}
			if name != "fifo" && slices.Equal(first, campaign(name, 2)) {
				t.Error("campaigns of two seeds are the same")
			}
		})
	}
}

// The sequences of the strategies are part of what a seed means: a change of these
// tapes changes the schedule that somebody has noted a seed for.
func TestTheSchedulesOfASeedStayTheSame(t *testing.T) {
	c, s := explore.NewChooser(), strategy(t, "mix")
	var got []string
	for k := range 5 {
		c.Begin(s, 42, k)
		corpus[8].once(c, true)
		got = append(got, c.Tape().String())
	}
	if want := []string{"u1:", "u1:AAMCAwABAwEAAQ", "u1:AAEAAgABAgE", "u1:AAMAAgABAQIDAQABAQEDAQ", "u1:AAMAAgIBAQEDAQEBAAE"}; !slices.Equal(got, want) {
		t.Errorf("now they are %q", got)
	}
}

func TestAStepAllocatesNothing(t *testing.T) {
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			c, s, k := explore.NewChooser(), strategy(t, name), 0
			alts := alternatives(5)
			schedule := func() {
				c.Begin(s, 1, k)
				for _, a := range alts {
					c.Created(a.Key, a.Class, 0)
				}
				for range 50 {
					c.Step(alts)
					c.Draw("latency", 20, 0)
					c.Draw("loss", 2, 0.1)
				}
				c.End()
				k++
			}
			for range 10 {
				schedule()
			}
			if n := testing.AllocsPerRun(100, schedule); n != 0 {
				t.Errorf("%v allocations in a schedule", n)
			}
		})
	}
}

func TestAStrategyThatIsNotThere(t *testing.T) {
	_, err := explore.Named("dfs")
	if err == nil || fmt.Sprint(err) != `there is no strategy "dfs": take one of mix, urw, pos, pct, pct2, pct3, rw, fifo` {
		t.Errorf("%v", err)
	}
}
