package monitor

import "sync/atomic"

// DefaultKept is how many events a loop keeps of what it writes down, if nobody says
// otherwise: they take about 1 MB.
const DefaultKept = 1 << 16

var kept atomic.Int64

// Keep sets how many events the loops keep whose recording begins after this call; 0 is
// DefaultKept.
func Keep(events int) { kept.Store(int64(events)) }

// Kept is what Keep has set.
func Kept() int {
	if n := kept.Load(); n > 0 {
		return int(n)
	}
	return DefaultKept
}
