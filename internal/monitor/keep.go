package monitor

import (
	"slices"
	"sync"
)

// DefaultKept is how many events a loop keeps of what it writes down, if nobody says
// otherwise: they take about 1 MB.
const DefaultKept = 1 << 16

var kept struct {
	sync.Mutex
	wishes []int
}

// Keep is the wish that the loops which are recorded keep so many events; 0 is
// DefaultKept. The largest wish counts, for recordings that begin from now on. What it
// returns takes the wish back, once.
func Keep(events int) (release func()) {
	if events <= 0 {
		events = DefaultKept
	}
	kept.Lock()
	defer kept.Unlock()
	kept.wishes = append(kept.wishes, events)
	return sync.OnceFunc(func() {
		kept.Lock()
		defer kept.Unlock()
		i := slices.Index(kept.wishes, events)
		kept.wishes = slices.Delete(kept.wishes, i, i+1)
	})
}

// Kept is how many events a loop is to keep.
func Kept() int {
	kept.Lock()
	defer kept.Unlock()
	if len(kept.wishes) == 0 {
		return DefaultKept
	}
	return slices.Max(kept.wishes)
}
