package explore

import "slices"

// retune looks for another fate under which the order does not matter: for each draw
// that is not 0 all other values, each with the order of production. What took a dozen
// unusual steps at one moment of a crash may take none at another.
func (s *shrinker) retune() {
	for _, i := range s.nonzero() {
		if s.budget.out() {
			return
		}
		if i >= len(s.best) || s.best[i].By != draw {
			continue
		}
		for pick := 1; pick < min(s.best[i].N, widest); pick++ {
			candidate := slices.Clone(s.best)
			for j := range candidate {
				if candidate[j].By != draw {
					candidate[j].Pick = 0
				}
			}
			candidate[i].Pick = pick
			if s.try(candidate) {
				return
			}
		}
	}
}

// widest is how many values of one decision are tried in turn.
const widest = 33

// few looks at tapes with one pick that is not 0, and then with two: where a failure
// needs no more, nothing that shrinking a long tape can come to is as clear. It takes
// at most as many runs as the shrinking before it, or a few hundred.
func (s *shrinker) few() {
	limit := s.budget.used + max(300, s.budget.used)
	seeds := []Tape{{}}
	for picks := 1; picks <= 2 && picks < s.best.NonDefault(); picks++ {
		var next []Tape
		for _, seed := range seeds {
			if s.budget.used >= limit || s.budget.out() {
				return
			}
			_, actual := s.replay(seed)
			found, more := s.oneMore(slices.Clone(actual), len(seed), limit)
			if found {
				return
			}
			next = append(next, more...)
		}
		seeds = next
	}
}

// oneMore tries all tapes that differ from a schedule in one pick at i or later, which
// is the last that is not 0, and returns those that it has tried.
func (s *shrinker) oneMore(schedule Tape, i int, limit int) (found bool, tried []Tape) {
	for ; i < len(schedule); i++ {
		for pick := 1; pick < min(schedule[i].N, widest); pick++ {
			if s.budget.used >= limit || s.budget.out() {
				return false, nil
			}
			candidate := append(slices.Clone(schedule[:i]), Choice{N: schedule[i].N, Pick: pick})
			if s.try(candidate) {
				return true, nil
			}
			tried = append(tried, candidate)
		}
	}
	return false, tried
}
