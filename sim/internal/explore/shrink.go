package explore

import (
	"slices"
	"time"
)

// Limits bound a search. Where one is 0 there is none of that kind.
type Limits struct {
	Runs int
	For  time.Duration // of real time
}

// Stats is what a [Shrink] has done.
type Stats struct {
	Runs   int
	Before int  // picks that are not 0
	After  int  // the same of the result
	Cut    bool // a limit was reached: more might have been possible
	// Passing is a schedule that passes and differs from the result in one pick, the
	// latest for which there is one: what it does otherwise is what the failure needs.
	// It is nil where none was run.
	Passing Tape
}

// Shrink looks for the smallest tape that still fails: with the fewest picks that are
// not 0, then with the least sum of them, then the shortest. run runs one schedule with
// the chooser, which has begun it, and tells whether it fails in the same way as before.
// A tape that does not fail comes back as it is. For the same answers the result is the
// same, unless time runs out.
func Shrink(c *Chooser, t Tape, limits Limits, run func() (fails bool)) (Tape, Stats) {
	s := shrinker{c: c, run: run, tried: map[string]bool{}}
	s.budget.start(limits)
	s.stats.Before = t.NonDefault()
	s.try(t)
	if s.best == nil {
		s.stats.After, s.stats.Runs, s.stats.Cut = s.stats.Before, s.budget.used, s.budget.spent
		return t, s.stats
	}
	s.rounds()
	s.order()
	s.rounds()
	s.few()
	s.pass()
	s.stats.Runs, s.stats.After, s.stats.Cut = s.budget.used, s.best.NonDefault(), s.budget.spent
	return s.best, s.stats
}

type shrinker struct {
	c      *Chooser
	run    func() bool
	best   Tape            // the smallest so far that fails, without zeros at its end
	tried  map[string]bool // by their texts
	budget budget
	stats  Stats
}

// rounds makes the best tape smaller as long as that is possible by changes of picks.
func (s *shrinker) rounds() {
	for improved := true; improved && !s.budget.out(); {
		before := slices.Clone(s.best)
		s.zero()
		s.cut()
		s.lower()
		s.hold()
		s.retune()
		improved = less(s.best, before)
	}
}

// try runs a candidate, and takes it if it fails and is smaller than the best.
func (s *shrinker) try(candidate Tape) bool {
	if s.budget.out() {
		return false
	}
	text := candidate.String()
	if s.tried[text] {
		return false
	}
	s.tried[text] = true
	fails, actual := s.replay(candidate)
	return fails && s.take(actual)
}

// replay runs a tape.
func (s *shrinker) replay(t Tape) (fails bool, actual Tape) {
	s.c.Replay(t)
	return s.begun()
}

// begun runs a schedule that the chooser has begun. The tape is valid until the next.
func (s *shrinker) begun() (fails bool, actual Tape) {
	s.budget.used++
	fails = s.run()
	s.c.End()
	return fails, s.c.Tape()
}

// take makes a tape that fails the best, if it is smaller.
func (s *shrinker) take(t Tape) bool {
	if t = t.Trim(); s.best != nil && !less(t, s.best) {
		return false
	}
	s.best = append(Tape{}, t...)
	return true
}

// less is the order of tapes by which shrinking makes progress.
func less(a, b Tape) bool {
	for _, size := range []func(Tape) int{Tape.NonDefault, Tape.sum, func(t Tape) int { return len(t.Trim()) }} {
		if x, y := size(a), size(b); x != y {
			return x < y
		}
	}
	return false
}

// sum of the picks, at most as large as an int can be.
func (t Tape) sum() (sum int) {
	for _, c := range t {
		if sum += c.Pick; sum < 0 {
			return int(^uint(0) >> 1)
		}
	}
	return sum
}

// budget counts runs and time.
type budget struct {
	limits Limits
	until  time.Time
	used   int
	spent  bool
}

func (b *budget) start(l Limits) {
	b.limits = l
	if l.For > 0 {
		b.until = time.Now().Add(l.For)
	}
}

// out tells that nothing more may be run.
func (b *budget) out() bool {
	if b.limits.Runs > 0 && b.used >= b.limits.Runs || b.limits.For > 0 && !time.Now().Before(b.until) {
		b.spent = true
	}
	return b.spent
}
