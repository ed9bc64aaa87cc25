package explore

import (
	"fmt"
	"strings"
)

// An Alt is what could run next.
type Alt struct {
	// Key is which task, or whatever else can run, in this schedule. Keys count up
	// from 0 in the order of creation, since what is known of a task lies in a slice.
	// Several alternatives may have the same key.
	Key uint64
	// Class is the task's origin, the same in every schedule of the program: a hash
	// of where it was made and by whom. How many steps tasks take is learnt by class.
	Class uint32
}

// A Strategy decides the schedules of a campaign.
type Strategy interface {
	// Name is that of the strategy, or of the one that decides this schedule.
	Name() string
	// Begin begins schedule k. Its decisions come from r.
	Begin(r *Rand, known *Learnt, k int)
	// Step is the index of what runs next. It is called where there is one
	// alternative, too.
	Step(alts []Alt) int
	// Mild tells that the environment is to be at its mildest: every draw is 0. Else
	// draws do not depend on the strategy, since what is best for the order of tasks
	// says nothing about faults.
	Mild() bool
}

// strategies are those that have names for command lines.
var strategies = []struct {
	name string
	make func() Strategy
}{
	{"mix", NewMix},
	{"urw", NewURW},
	{"pos", NewPOS},
	{"pct", func() Strategy { return NewPCT(2, 3) }},
	{"pct2", func() Strategy { return NewPCT(2, 2) }},
	{"pct3", func() Strategy { return NewPCT(3, 3) }},
	{"rw", NewWalk},
	{"fifo", NewFIFO},
}

// Named makes the strategy of that name; "" is the mix.
func Named(name string) (Strategy, error) {
	var names []string
	for _, s := range strategies {
		if s.name == name || name == "" {
			return s.make(), nil
		}
		names = append(names, s.name)
	}
	return nil, fmt.Errorf("there is no strategy %q: take one of %s", name, strings.Join(names, ", "))
}

// wild is the part of strategies whose environment is not mild, and their source.
type wild struct{ r *Rand }

// Mild implements Strategy.
func (*wild) Mild() bool { return false }
