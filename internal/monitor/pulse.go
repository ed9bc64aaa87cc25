package monitor

import (
	"sync"
	"time"
)

// A Pulse tells whether a loop that owes an answer is in the middle of one step, or only
// has much to do before it comes to that. It is felt as often as somebody wants to know.
type Pulse struct {
	mu    sync.Mutex
	moved uint64
	since time.Time // when the loop was last known to move
}

// Begin is called when an answer is asked for.
func (p *Pulse) Begin(s Source) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.moved, p.since = s.Moved(), time.Now()
}

// Stuck is for how long the loop has been in one step, at the least, 0 where it moves. One
// that sleeps has only not been woken yet.
func (p *Pulse) Stuck(s Source) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if moved := s.Moved(); moved != p.moved || s.Asleep() {
		p.moved, p.since = moved, time.Now()
		return 0
	}
	return time.Since(p.since)
}
