package explore

import "slices"

// nonzero is where the best tape differs from the default.
func (s *shrinker) nonzero() (at []int) {
	for i, c := range s.best {
		if c.Pick != 0 {
			at = append(at, i)
		}
	}
	return at
}

// zero sets blocks of picks to 0, all of them first and then ever smaller ones (ddmin
// of Zeller and Hildebrandt, on the picks that are not 0). It begins at the end: what
// comes after the failure's cause is noise.
func (s *shrinker) zero() {
	for size := len(s.nonzero()); size > 0; size /= 2 {
		for end := len(s.nonzero()); end > 0 && !s.budget.out(); {
			at := s.nonzero()
			end = min(end, len(at))
			start := max(0, end-size)
			candidate := slices.Clone(s.best)
			for _, i := range at[start:end] {
				candidate[i].Pick = 0
			}
			s.try(candidate)
			end = start
		}
	}
}

// cut takes decisions out, so that all later ones come earlier: blocks of them that end
// at a pick that is not 0, or before it.
func (s *shrinker) cut() {
	for _, size := range []int{16, 4, 2, 1} {
		for k := len(s.nonzero()) - 1; k >= 0 && !s.budget.out(); k-- {
			for _, offset := range []int{0, 1} {
				at := s.nonzero()
				if k >= len(at) {
					break
				}
				end := at[k] + offset
				for end >= size && end <= len(s.best) && s.try(slices.Delete(slices.Clone(s.best), end-size, end)) {
					end -= size
				}
			}
		}
	}
}

// lower makes each pick smaller: 1, or half, or less by one.
func (s *shrinker) lower() {
	for k := range s.nonzero() {
		for lowered := true; lowered && !s.budget.out(); {
			at := s.nonzero()
			if k >= len(at) {
				return
			}
			i := at[k]
			pick := s.best[i].Pick
			lowered = pick > 1 && (s.set(i, 1) || s.set(i, pick/2) || s.set(i, pick-1))
		}
	}
}

func (s *shrinker) set(i, pick int) bool {
	candidate := slices.Clone(s.best)
	candidate[i].Pick = pick
	return s.try(candidate)
}

// hold replaces several picks by one: everything from a pick on up to a later one is
// the default, so that whoever is overtaken stays behind.
func (s *shrinker) hold() {
	for k := 0; k < len(s.nonzero()) && !s.budget.out(); k++ {
		at := s.nonzero()
		for j := len(at) - 1; j > k+1 && !s.budget.out(); j-- {
			candidate := slices.Clone(s.best)
			for _, i := range at[k+1 : j] {
				candidate[i].Pick = 0
			}
			if s.try(candidate) {
				break
			}
		}
	}
}

// passing is how many schedules are run to find one that passes: where no limit was
// reached the first one does.
const passing = 4

// pass looks for a schedule that passes and is as near as can be: the default instead
// of the last pick that is not 0, or of the one before it.
func (s *shrinker) pass() {
	at := s.nonzero()
	slices.Reverse(at)
	for _, i := range at[:min(len(at), passing)] {
		candidate := slices.Clone(s.best)
		candidate[i].Pick = 0
		if fails, actual := s.replay(candidate); !fails {
			s.stats.Passing = slices.Clone(actual)
			return
		}
	}
}
