package explore_test

import (
	"testing"

	"github.com/goasyncio/asyncio/sim/internal/explore"
)

func strategy(t testing.TB, name string) explore.Strategy {
	t.Helper()
	s, err := explore.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// once runs one schedule, which has been begun.
func (p program) once(c *explore.Chooser, fixed bool) (*machine, string) {
	m := &machine{c: c}
	return m, p.on(m, fixed)
}

// on runs the schedule on a machine that is there already.
func (p program) on(m *machine, fixed bool) string {
	p.build(m, fixed)
	wrong := m.run()
	m.c.End()
	return wrong
}

// find runs a campaign until it finds the bug, and returns after how many schedules,
// and the tape. 0 says that it did not.
func (p program) find(t testing.TB, name string, base uint64, runs int, fixed bool) (int, explore.Tape) {
	c, s := explore.NewChooser(), strategy(t, name)
	for k := range runs {
		c.Begin(s, base, k)
		if _, wrong := p.once(c, fixed); wrong != "" {
			return k + 1, append(explore.Tape(nil), c.Tape()...)
		}
	}
	return 0, nil
}
