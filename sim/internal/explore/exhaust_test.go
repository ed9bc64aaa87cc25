package explore_test

import (
	"errors"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/sim/internal/explore"
)

// exhaust searches a program to the end, also when schedules fail, and counts them.
func (p program) exhaust(t *testing.T, s explore.Search, fixed bool) (found explore.Found, failures int) {
	t.Helper()
	c := explore.NewChooser()
	found, err := explore.Exhaust(c, s, func() bool {
		if _, wrong := p.once(c, fixed); wrong != "" {
			failures++
		}
		return false
	})
	if err != nil {
		t.Fatal(err)
	}
	return found, failures
}

// tasks is a program of tasks that do nothing together, with so many steps each.
func tasks(steps ...int) program {
	return program{build: func(m *machine, _ bool) {
		for i, n := range steps {
			m.task(string(rune('a'+i)), idle(n))
		}
	}}
}

func TestAnExhaustiveSearchRunsEachScheduleOnce(t *testing.T) {
	for _, c := range []struct {
		what  string
		p     program
		s     explore.Search
		count int
	}{
		{"one task", tasks(5), explore.Search{}, 1},
		{"two of three steps", tasks(3, 3), explore.Search{}, 20},
		{"three of two steps", tasks(2, 2, 2), explore.Search{}, 90},
		{"two of five and nine steps", tasks(5, 9), explore.Search{}, 2002},
		{"without preemption", tasks(3, 3), explore.Search{Bound: explore.Preemptions(0)}, 2},
		{"with one preemption", tasks(3, 3), explore.Search{Bound: explore.Preemptions(1)}, 6},
		{"with more preemptions than there can be", tasks(3, 3), explore.Search{Bound: explore.Preemptions(9)}, 20},
		{"without delay", tasks(3, 3, 3), explore.Search{Bound: explore.Delays(0)}, 1},
		{"with one delay", tasks(2, 2), explore.Search{Bound: explore.Delays(1)}, 4},
		{"of steps that have nothing in common", tasks(3, 3), explore.Search{Footprints: true}, 1},
	} {
		t.Run(c.what, func(t *testing.T) {
			seen := map[string]bool{}
			chooser := explore.NewChooser()
			found, err := explore.Exhaust(chooser, c.s, func() bool {
				m, _ := c.p.once(chooser, false)
				if order := key(m.ran); !chooser.Pruned() {
					if seen[order] {
						t.Errorf("%s twice", order)
					}
					seen[order] = true
				}
				return false
			})
			if err != nil || !found.Complete || found.Schedules != c.count || len(seen) != c.count {
				t.Errorf("%+v, %v: %d schedules, and %d are to be expected", found, err, len(seen), c.count)
			}
		})
	}
}

func key(ran []string) (all string) {
	for _, name := range ran {
		all += name
	}
	return all
}

func TestAnExhaustiveSearchTriesEachValueOfADraw(t *testing.T) {
	seen := map[[3]int]int{}
	run := func(s explore.Search, f func(c *explore.Chooser)) explore.Found {
		c := explore.NewChooser()
		found, err := explore.Exhaust(c, s, func() bool { f(c); return false })
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	three := func(c *explore.Chooser) {
		seen[[3]int{c.Draw("a", 3, 0), c.Draw("b", 2, 0.01), c.Draw("c", 4, 0)}]++
	}
	if found := run(explore.Search{}, three); found.Schedules != 24 || len(seen) != 24 || !found.Complete {
		t.Errorf("%+v, %d combinations", found, len(seen))
	}
	if found := run(explore.Search{Draws: 2}, three); found.Schedules != 8 || found.Complete {
		t.Errorf("two values of each: %+v", found)
	}
	if found := run(explore.Search{Faults: 1}, three); found.Schedules != 1+2+1+3 || !found.Complete {
		t.Errorf("one that is not 0: %+v", found)
	}
	if found := run(explore.Search{}, func(c *explore.Chooser) { c.Draw("d", 1_000_000, 0) }); found.Schedules != 16 || found.Complete {
		t.Errorf("a million values: %+v", found)
	}
}

// searched are the programs of the corpus with an end: that of 22 is too far for
// any search that takes one schedule after the other.
func searched(t *testing.T, f func(t *testing.T, p program)) {
	eachProgram(t, func(t *testing.T, p program) {
		if p.id == "22" {
			t.Skip("21 tasks that have nothing in common: all prefixes are pruned, one by one")
		}
		f(t, p)
	})
}

// bounded is a search of a program whose draws have at most 30 values, of which at most
// two in a schedule are not 0.
var bounded = explore.Search{Footprints: true, Draws: 30, Faults: 2, Limits: explore.Limits{Runs: 100_000}}

func TestTheExhaustiveSearchOfARepairedProgramProvesIt(t *testing.T) {
	searched(t, func(t *testing.T, p program) {
		if found, failures := p.exhaust(t, bounded, true); !found.Complete || failures != 0 {
			t.Errorf("%+v, %d failures", found, failures)
		}
	})
}

func TestTheExhaustiveSearchOfABrokenProgramFindsTheBug(t *testing.T) {
	searched(t, func(t *testing.T, p program) {
		c := explore.NewChooser()
		found, err := explore.Exhaust(c, bounded, func() bool {
			_, wrong := p.once(c, false)
			return wrong != ""
		})
		if err != nil || found.Failure == nil {
			t.Fatalf("%+v, %v", found, err)
		}
		c.Replay(found.Failure)
		if _, wrong := p.once(c, false); wrong == "" {
			t.Errorf("%v does not fail", found.Failure)
		}
		t.Logf("after %d schedules and %d that were pruned", found.Schedules, found.Pruned)
	})
}

// Sleep sets leave schedules out, but nothing that they could show.
func TestSleepSets(t *testing.T) {
	for _, want := range []struct {
		id       string
		all, few int // schedules without and with sleep sets
	}{{"01", 84, 6}, {"02", 816, 6}, {"03", 163, 3}, {"05", 56, 3}, {"07", 120, 6}, {"08", 2002, 6}, {"09", 13684, 10}, {"10", 9416, 9}, {"15", 126, 6}} {
		for _, p := range corpus {
			if p.id != want.id {
				continue
			}
			t.Run(p.id+" "+p.name, func(t *testing.T) {
				all, failed := p.exhaust(t, explore.Search{}, false)
				few, stillFailed := p.exhaust(t, explore.Search{Footprints: true}, false)
				if !all.Complete || !few.Complete || failed == 0 || stillFailed == 0 {
					t.Errorf("%+v, %+v, %d and %d failures", all, few, failed, stillFailed)
				}
				if all.Schedules != want.all || few.Schedules != want.few {
					t.Errorf("%d and %d schedules", all.Schedules, few.Schedules)
				}
			})
		}
	}
	t.Run("are of no use where nobody knows what steps touch", func(t *testing.T) {
		p := program{build: func(m *machine, _ bool) {
			for range 2 {
				m.task("a", do(func(*actor) { m.c.TouchAll() }), do(func(*actor) { m.c.TouchAll() }))
			}
		}}
		if found, _ := p.exhaust(t, explore.Search{Footprints: true}, false); found.Schedules != 6 {
			t.Errorf("%+v", found)
		}
	})
	t.Run("go by the independence that is given", func(t *testing.T) {
		readers := program{build: func(m *machine, _ bool) {
			for range 3 {
				m.task("reader", do(func(*actor) { m.touch(0) }))
			}
		}}
		s := explore.Search{Footprints: true}
		if found, _ := readers.exhaust(t, s, false); found.Schedules != 6 {
			t.Errorf("%+v", found)
		}
		s.Independent = func(a, b explore.Footprint) bool { return a.Has(0) && b.Has(0) && !a.All() && !b.Has(200) }
		if found, _ := readers.exhaust(t, s, false); found.Schedules != 1 {
			t.Errorf("%+v", found)
		}
	})
}

func TestAnExhaustiveSearchEnds(t *testing.T) {
	t.Run("after so many schedules", func(t *testing.T) {
		found, _ := tasks(9, 9).exhaust(t, explore.Search{Limits: explore.Limits{Runs: 10}}, false)
		if found.Complete || found.Schedules != 10 {
			t.Errorf("%+v", found)
		}
	})
	t.Run("after so much time", func(t *testing.T) {
		found, _ := tasks(9, 9, 9).exhaust(t, explore.Search{Limits: explore.Limits{For: 10 * time.Millisecond}}, false)
		if found.Complete || found.Schedules == 0 {
			t.Errorf("%+v", found)
		}
	})
	t.Run("with an error where something else than the chooser has a say", func(t *testing.T) {
		c, n := explore.NewChooser(), 0
		_, err := explore.Exhaust(c, explore.Search{}, func() bool {
			c.Step(alternatives(2 + n))
			c.Step(alternatives(2))
			n++
			return false
		})
		if !errors.Is(err, explore.ErrDiverged) {
			t.Errorf("%v", err)
		}
	})
}
