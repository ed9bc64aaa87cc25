package explore_test

import (
	"slices"
	"testing"

	"github.com/goasyncio/asyncio/sim/internal/explore"
)

// relabel replays a recording by labels on a program, and returns what ran, what went
// wrong, and where it differed.
func relabel(rec *explore.Recording, build func(m *machine)) (*machine, string, *explore.Divergence) {
	c := explore.NewChooser()
	m := &machine{c: c}
	c.ReplayLabels(rec, m)
	build(m)
	wrong := m.run()
	c.End()
	return m, wrong, c.Divergence()
}

func TestAReplayByLabelsOfTheSameProgramIsTheSame(t *testing.T) {
	eachProgram(t, func(t *testing.T, p program) {
		for base := range uint64(20) {
			_, tape := p.find(t, "mix", base, 1000, false)
			rec := p.record(tape, false)
			m := &machine{c: explore.NewChooser()}
			m.c.ReplayLabels(rec, m)
			if wrong := p.on(m, false); wrong != rec.Failure || m.c.Divergence() != nil || !m.c.Tape().SamePicks(tape) {
				t.Fatalf("%s: %q and not %q, %+v", tape, wrong, rec.Failure, m.c.Divergence())
			}
		}
	})
}

// named gives segments the sites of a source file.
func named(sites ...string) (parts []segment) {
	for _, s := range sites {
		parts = append(parts, segment{site: s})
	}
	return parts
}

// The program before the edit: w1 runs to its end before w0 takes its second step.
func beforeEdit() *explore.Recording {
	p := program{build: func(m *machine, _ bool) {
		m.task("w0", named("a.go:1", "a.go:2", "a.go:3"))
		m.task("w1", named("b.go:1", "b.go:2", "b.go:3"))
	}}
	return p.record(tapeOf(0, 0, 1, 0), false)
}

func TestAReplayByLabelsAfterAnEdit(t *testing.T) {
	rec := beforeEdit()
	var order []string
	for _, e := range rec.Entries {
		order = append(order, e.Task)
	}
	if want := []string{"w0", "w1", "w1", "w1", "w0", "w0"}; !slices.Equal(order, want) {
		t.Fatalf("recorded is %v", order)
	}
	check := func(what string, w0, w1 []string, more func(m *machine), diverged string, want ...string) {
		t.Run(what, func(t *testing.T) {
			m, _, d := relabel(rec, func(m *machine) {
				if more != nil {
					more(m)
				}
				m.task("w0", named(w0...))
				m.task("w1", named(w1...))
			})
			if !slices.Equal(m.ran, want) {
				t.Errorf("ran %v", m.ran)
			}
			got := ""
			if d != nil {
				got = d.Got.Site
			}
			if got != diverged {
				t.Errorf("differs first at %q: %+v", got, d)
			}
		})
	}
	old0, old1 := []string{"a.go:1", "a.go:2", "a.go:3"}, []string{"b.go:1", "b.go:2", "b.go:3"}
	check("runs a new wait with its task",
		old0, []string{"b.go:1", "b.go:2", "b.go:20", "b.go:21", "b.go:3"}, nil, "b.go:21", // b.go:20 is taken for b.go:3
		"w0", "w1", "w1", "w1", "w1", "w1", "w0", "w0")
	check("skips a wait that is gone",
		old0, []string{"b.go:1", "b.go:3"}, nil, "b.go:3",
		"w0", "w1", "w1", "w0", "w0")
	check("follows waits whose lines have moved",
		[]string{"a.go:11", "a.go:12", "a.go:13"}, []string{"b.go:11", "b.go:12", "b.go:13"}, nil, "",
		"w0", "w1", "w1", "w1", "w0", "w0")
	check("runs a new task as production does",
		old0, old1, func(m *machine) { m.task("new", named("c.go:1", "c.go:2")) }, "c.go:1",
		"new", "w0", "w1", "new", "w1", "w1", "w0", "w0")
	check("ends when the program does",
		old0[:2], old1, nil, "",
		"w0", "w1", "w1", "w1", "w0")
}

func TestADivergence(t *testing.T) {
	rec := beforeEdit()
	t.Run("says what was to come and what came", func(t *testing.T) {
		_, _, d := relabel(rec, func(m *machine) {
			m.task("w0", named("a.go:1", "a.go:2", "a.go:3"))
		})
		if d == nil || d.Taken != 1 || d.Want == nil || d.Want.Task != "w1" || d.Got.Site != "a.go:2" {
			t.Errorf("%+v", d)
		}
	})
	t.Run("can be that the program ends too early", func(t *testing.T) {
		_, _, d := relabel(rec, func(m *machine) {
			m.task("w0", named("a.go:1", "a.go:2"))
			m.task("w1", named("b.go:1", "b.go:2", "b.go:3"))
		})
		if d == nil || d.Taken != 5 || d.Want == nil || d.Want.Site != "a.go:3" {
			t.Errorf("%+v", d)
		}
	})
	t.Run("can be a draw that is new, which is mild", func(t *testing.T) {
		drawn := -1
		_, _, d := relabel(rec, func(m *machine) {
			m.task("w0", named("a.go:1", "a.go:2", "a.go:3"))
			m.task("w1", named("b.go:1"), do(func(*actor) { drawn = m.draw("loss", 2, 0.5) }))
		})
		if d == nil || d.Draw != "loss" && d.Got.Site != "model.go:2" || drawn != 0 {
			t.Errorf("%d, %+v", drawn, d)
		}
	})
}

// Tasks that have one name are told apart by the order of their creation, whoever of
// them ran first.
func TestTasksOfOneName(t *testing.T) {
	p := program{build: func(m *machine, _ bool) {
		for range 3 {
			m.task("worker", named("a.go:1", "a.go:2"))
		}
	}}
	tape := tapeOf(2, 0, 1, 0)
	rec := p.record(tape, false)
	m := &machine{c: explore.NewChooser()}
	m.c.ReplayLabels(rec, m)
	p.on(m, false)
	if m.c.Divergence() != nil || !m.c.Tape().SamePicks(rec.Tape()) {
		t.Errorf("%v and %v: %+v", rec.Tape(), m.c.Tape(), m.c.Divergence())
	}
}

// A draw keeps its value when others are added before it, and when there are fewer
// values now it takes the nearest.
func TestDrawsAreFoundByTheirLabels(t *testing.T) {
	p := program{build: func(m *machine, _ bool) {
		m.task("client", do(func(*actor) { m.draw("latency", 20, 0); m.draw("loss", 5, 0) }))
	}}
	rec := p.record(tapeOf(7, 3), false)
	var got []int
	_, _, d := relabel(rec, func(m *machine) {
		m.task("client", do(func(*actor) {
			got = []int{m.draw("reset", 9, 0), m.draw("loss", 3, 0), m.draw("latency", 20, 0), m.draw("latency", 20, 0)}
		}))
	})
	if want := []int{0, 2, 7, 0}; !slices.Equal(got, want) || d == nil || d.Draw != "reset" {
		t.Errorf("drawn %v, %+v", got, d)
	}
}
