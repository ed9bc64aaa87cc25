package explore

import "errors"

// A Search says what an exhaustive search is to look at.
type Search struct {
	// Bound leaves out the schedules that are further from production.
	Bound Bound
	// Draws is how many values of a draw are tried, the mildest ones; 0 is 16. Where
	// a draw has more of them the search is not complete.
	Draws int
	// Faults is how many draws of a schedule may be something else than 0; 0 is any
	// number. A program that tries again until it succeeds has no end without it.
	Faults int
	// Footprints says that the program tells all that its steps touch ([Chooser.Touch]).
	// Then of schedules that differ only in the order of steps which have nothing in
	// common one is run (sleep sets, Godefroid 1996). A check that looks at several
	// objects between two steps may then miss a moment: such checks must touch what
	// they look at. Without it, and under a bound, each order is run.
	Footprints bool
	// Independent tells whether the order of two steps makes no difference; nil is
	// [Disjoint].
	Independent func(a, b Footprint) bool
	// Limits end a search that takes too long.
	Limits Limits
}

// A Bound is how far the order of steps may be from production. The zero value is no
// bound.
type Bound struct {
	kind boundKind
	most int
}

type boundKind int

const (
	unbounded boundKind = iota
	preemptions
	delayed
)

// Preemptions bounds how often another task runs though the one that ran last could go
// on (Musuvathi and Qadeer, PLDI 2007).
func Preemptions(most int) Bound { return Bound{preemptions, most} }

// Delays bounds how many tasks are overtaken, that is, the sum of the picks (Emmi,
// Qadeer and Rakamaric, POPL 2011). Draws do not count.
func Delays(most int) Bound { return Bound{delayed, most} }

// Found is what an exhaustive search has come to.
type Found struct {
	// Complete says that there is nothing left to see within the bounds.
	Complete bool
	// Schedules is how many were run to their ends, and Pruned how many more were
	// given up since all that they could show had been seen.
	Schedules, Pruned int
	// Failure is the schedule that failed; nil if none did. The search ends there.
	Failure Tape
}

// ErrDiverged is the error of a search whose program decides differently when all
// decisions are the same: something besides the chooser has a say in it.
var ErrDiverged = errors.New("the program does not follow from its decisions: the same ones have led to other alternatives")

// Exhaust runs every schedule of a program, depth first: the last decision that has
// another alternative left takes it, as often as there is one. run runs one schedule
// with the chooser, which has begun it, and tells whether it fails. It may give up
// early when [Chooser.Pruned] says so.
func Exhaust(c *Chooser, s Search, run func() (fails bool)) (Found, error) {
	d := &search{Search: s, complete: true}
	if d.Draws == 0 {
		d.Draws = 16
	}
	if d.Independent == nil {
		d.Independent = Disjoint
	}
	d.Footprints = d.Footprints && s.Bound.kind == unbounded
	var b budget
	var f Found
	for b.start(s.Limits); !b.out(); b.used++ {
		c.begin(nil, nil)
		c.search, c.slow = d, true
		d.begin()
		fails := run()
		c.End()
		d.leave()
		switch {
		case d.diverged:
			return f, ErrDiverged
		case d.pruned && !fails:
			f.Pruned++
		default:
			f.Schedules++
		}
		if fails {
			f.Failure = append(Tape{}, c.Tape()...)
			return f, nil
		}
		if !d.next() {
			f.Complete = d.complete
			return f, nil
		}
	}
	return f, nil
}

// Pruned tells an exhaustive search's program that nothing new can come of this
// schedule. It may stop; what it decides is not looked at any more.
func (c *Chooser) Pruned() bool { return c.search != nil && c.search.pruned }
