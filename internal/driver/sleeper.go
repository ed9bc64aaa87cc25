package driver

import (
	"sync/atomic"
	"time"
)

// A sleeper waits for a deadline or for Wake on a channel. It is all that a loop
// without descriptors needs, and the cheapest sleep there is: a wake takes less
// than a microsecond.
type sleeper struct {
	realClock
	pending atomic.Bool // Wake was called and no Wait has returned for it yet
	wake    chan struct{}
	timer   *time.Timer
}

func (s *sleeper) init() {
	s.wake = make(chan struct{}, 1)
	s.start = time.Now()
}

// Wake implements Driver.
func (s *sleeper) Wake() {
	if s.pending.Swap(true) {
		return
	}
	select {
	case s.wake <- struct{}{}:
	default: // a token of an earlier Wake is still there: it will do
	}
}

// sleep waits until Wake or the deadline.
func (s *sleeper) sleep(until Instant) {
	defer s.pending.Store(false)
	if s.pending.Load() {
		s.drain()
		return
	}
	if until == Forever {
		<-s.wake
		return
	}
	d := until.Sub(s.Now())
	if d <= 0 {
		return
	}
	if s.timer == nil {
		s.timer = time.NewTimer(d)
	} else {
		s.timer.Reset(d)
	}
	select {
	case <-s.wake:
		s.timer.Stop()
	case <-s.timer.C:
		s.drain()
	}
}

// drain takes the token of a Wake that came while nobody was asleep.
func (s *sleeper) drain() {
	select {
	case <-s.wake:
	default:
	}
}

// Solitary implements Driver: there is one way to sleep.
func (s *sleeper) Solitary(bool) {}
