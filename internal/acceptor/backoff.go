package acceptor

import (
	"errors"
	"os"
	"time"
)

// A backoff is the pause before another attempt: 5 ms after the first failure,
// twice as long after each further one, at most a second.
type backoff struct{ d time.Duration }

const (
	shortestPause = 5 * time.Millisecond
	longestPause  = time.Second
)

func (b *backoff) next() time.Duration {
	b.d = min(max(2*b.d, shortestPause), longestPause)
	return b.d
}

func (b *backoff) reset() { b.d = 0 }

// passing tells whether an error of Accept may pass: the process or the system is
// out of descriptors or memory, or the client has gone before it was accepted.
func passing(err error) bool {
	for _, errno := range passingErrnos {
		if errors.Is(err, errno) {
			return true
		}
	}
	var t interface{ Temporary() bool }
	return errors.As(err, &t) && t.Temporary() && !errors.Is(err, os.ErrDeadlineExceeded)
}
