package network

import (
	"math/bits"
	"time"
)

// A histogram counts durations in buckets that are a sixteenth of their value wide, so
// that a million of them need no memory of their own.
type histogram struct {
	counts [64 * steps]int
	n      int
}

const (
	steps     = 1 << stepsBits
	stepsBits = 4
)

func (h *histogram) add(d time.Duration) {
	h.counts[bucket(uint64(max(d, 0)))]++
	h.n++
}

func bucket(v uint64) int {
	if v < steps {
		return int(v)
	}
	shift := bits.Len64(v) - stepsBits - 1
	return shift*steps + int(v>>shift)
}

// lowest is the least value in a bucket.
func lowest(bucket int) uint64 {
	if bucket < 2*steps {
		return uint64(bucket)
	}
	shift := bucket/steps - 1
	return uint64(bucket%steps+steps) << shift
}

// quantile is a duration that a share of q of those counted do not exceed, to a
// sixteenth; 0 where there are none.
func (h *histogram) quantile(q float64) time.Duration {
	rank := int(q * float64(h.n))
	for i, n := range h.counts {
		if rank -= n; rank < 0 {
			return time.Duration(lowest(i))
		}
	}
	return 0
}
