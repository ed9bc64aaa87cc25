package acceptor

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/goasyncio/asyncio"
)

// A backoff is the pause before another attempt: 5 ms after the first failure,
// twice as long after each further one, at most a second.
type backoff struct{ next time.Duration }

const (
	shortestPause = 5 * time.Millisecond
	longestPause  = time.Second
)

func (b *backoff) sleep(ctx context.Context) error {
	d := max(b.next, shortestPause)
	b.next = min(2*d, longestPause)
	return asyncio.Sleep(ctx, d)
}

func (b *backoff) reset() { b.next = 0 }

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
