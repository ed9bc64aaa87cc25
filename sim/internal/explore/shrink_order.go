package explore

import "slices"

// simple is how many picks that are not 0 need no further thought.
const simple = 3

// order looks for the few places where it matters who comes first. Picks are a poor
// means for that: without one of them the later ones meet other steps. So the schedule
// is taken as the order of production with steps that wait for others, and of those
// waits as many as possible are left out.
func (s *shrinker) order() {
	if s.best.NonDefault() <= simple || s.budget.out() {
		return
	}
	s.c.Replay(s.best)
	d := s.c.keep()
	if fails, _ := s.begun(); !fails {
		return
	}
	all := d.switches()
	for size := len(all); size > 0; size /= 2 {
		for end := len(all); end > 0; {
			start := max(0, end-size)
			if some := slices.Delete(slices.Clone(all), start, end); s.holds(d.plan(some)) {
				all = some
			}
			end = min(start, len(all))
		}
	}
}

// holds tells whether a plan's schedule fails, and takes it if it is smaller.
func (s *shrinker) holds(p *plan) bool {
	if s.budget.out() {
		return false
	}
	s.c.followPlan(p)
	fails, actual := s.begun()
	if fails {
		s.take(actual)
	}
	return fails
}
