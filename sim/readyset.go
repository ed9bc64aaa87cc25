package sim

import (
	"iter"
	"math/bits"
)

// A readySet is the numbers of the hosts that have something to do: a bit for each, so
// that of a thousand hosts the few that matter are found without a look at the others.
type readySet []uint64

func (s *readySet) add(i int) {
	for i/64 >= len(*s) {
		*s = append(*s, 0)
	}
	(*s)[i/64] |= 1 << (i % 64)
}

func (s readySet) remove(i int) { s[i/64] &^= 1 << (i % 64) }

// from goes through the numbers from first on, and then those below it.
func (s readySet) from(first int) iter.Seq[int] {
	return func(yield func(int) bool) {
		if s.between(first, len(s)*64, yield) {
			s.between(0, first, yield)
		}
	}
}

// between goes through the numbers from low to below high.
func (s readySet) between(low, high int, yield func(int) bool) bool {
	high = min(high, len(s)*64)
	for i := low; i < high; i++ {
		rest := s[i/64] >> (i % 64)
		if rest == 0 {
			i |= 63 // nothing is left in this word
			continue
		}
		if i += bits.TrailingZeros64(rest); i >= high {
			break
		}
		if !yield(i) {
			return false
		}
	}
	return true
}
