package explore_test

import (
	"testing"

	"github.com/goasyncio/asyncio/sim/internal/explore"
)

// The uniform walk is uniform: of all orders of three and two steps each is about
// equally likely, once the numbers of steps are known. (The plain walk takes one of
// them with 1/4 and another with 1/32.)
func TestTheUniformWalkTakesEachOrderEquallyOften(t *testing.T) {
	c, s := explore.NewChooser(), strategy(t, "urw")
	seen := map[string]int{}
	const runs = 10_000
	for k := range runs {
		c.Begin(s, 4, k)
		m := &machine{c: c}
		m.task("a", idle(3))
		m.task("b", idle(2))
		m.run()
		c.End()
		order := ""
		for _, who := range m.ran {
			order += who
		}
		seen[order]++
	}
	if len(seen) != 10 {
		t.Fatalf("%d orders of 10", len(seen))
	}
	for order, n := range seen {
		if n < runs/10*8/10 || n > runs/10*12/10 {
			t.Errorf("%s came %d times, and %d are to be expected", order, n, runs/10)
		}
	}
}

// Steps of children count for the parent until it has made them: a task that is about
// to start ten others is as urgent as they are together.
func TestTheUniformWalkCountsChildrenThatAreYetToCome(t *testing.T) {
	c, s := explore.NewChooser(), strategy(t, "urw")
	parentFirst := 0
	const runs = 4000
	for k := range runs {
		c.Begin(s, 4, k)
		m := &machine{c: c}
		m.task("parent", do(func(a *actor) {
			for range 10 {
				child := m.task("child", idle(2))
				c.Created(child.key, classOf("child"), a.key)
			}
		}))
		m.task("other", idle(1))
		m.run()
		c.End()
		if m.ran[0] == "parent" {
			parentFirst++
		}
	}
	if share := float64(parentFirst) / runs; share < 0.92 { // 21 of 22
		t.Errorf("the parent, which has 21 of 22 steps before it, goes first in %.2f of the schedules", share)
	}
}

// A task that yields until another has done something must not run for ever, however
// high its priority is.
func TestNoStrategyStarvesATaskForEver(t *testing.T) {
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			c, s := explore.NewChooser(), strategy(t, name)
			for k := range 30 {
				c.Begin(s, 1, k)
				m := &machine{c: c}
				done, spins := false, 0
				m.task("spinner", do(func(a *actor) {
					if spins++; spins > 200_000 {
						m.fail("starved")
					}
					if !done {
						a.pc--
					}
				}))
				m.task("worker", idle(5), do(func(*actor) { done = true }))
				if wrong := m.run(); wrong != "" {
					t.Fatalf("schedule %d: %s", k, wrong)
				}
				c.End()
			}
		})
	}
}

func TestTheMix(t *testing.T) {
	c, s := explore.NewChooser(), strategy(t, "mix")
	t.Run("begins with the order of production", func(t *testing.T) {
		c.Begin(s, 8, 0)
		corpus[9].once(c, false)
		if c.Tape().NonDefault() != 0 {
			t.Errorf("%v", c.Tape())
		}
	})
	t.Run("says which strategy is at work, and takes the uniform walk every second time", func(t *testing.T) {
		seen := map[string]int{}
		for k := range 40 {
			c.Begin(s, 8, 1+k)
			corpus[9].once(c, false)
			seen[s.Name()]++
		}
		for name, n := range map[string]int{"mix/urw": 20, "mix/pos": 10, "mix/rw": 5, "mix/pct": 5} {
			if seen[name] != n {
				t.Errorf("%s decides %d of 40 schedules", name, seen[name])
			}
		}
	})
}

// A schedule that goes on where a tape ends begins as the tape says.
func TestAnExtension(t *testing.T) {
	c, s := explore.NewChooser(), strategy(t, "rw")
	ends := map[string]bool{}
	for k := range 20 {
		c.Extend(tapeOf(1, 1, 0, 1), s, 1, k)
		for range 10 {
			c.Step(alternatives(2))
		}
		if !c.Tape()[:4].SamePicks(tapeOf(1, 1, 0, 1)) {
			t.Fatalf("the schedule is %v", c.Tape())
		}
		ends[c.Tape()[4:].String()] = true
	}
	if len(ends) < 10 {
		t.Errorf("20 extensions have %d ends", len(ends))
	}
}

// Keys that do not count up would take all memory.
func TestAKeyThatIsNoNumberOfATask(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("it is taken")
		}
	}()
	c := explore.NewChooser()
	c.Replay(nil)
	c.Step([]explore.Alt{{Key: 1 << 40}})
}
