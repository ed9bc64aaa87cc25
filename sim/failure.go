package sim

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/goasyncio/asyncio"
)

// A Failure is why a world has failed, and where.
type Failure struct {
	Host string
	At   time.Duration // of the world's time
	Err  error
}

// Error is the reason.
func (f *Failure) Error() string {
	return fmt.Sprintf("at %v on host %q: %v", f.At, f.Host, f.Err)
}

// Unwrap is Err.
func (f *Failure) Unwrap() error { return f.Err }

var errFailNow = errors.New("FailNow was called")

// ErrDeadlock is why a world fails in which nothing can happen any more before the test
// has ended.
var ErrDeadlock = asyncio.ErrDeadlock

// deadlock describes who waits for what, on all hosts.
func (w *World) deadlock() error {
	var b strings.Builder
	for _, h := range w.hosts {
		if h.state == off {
			continue
		}
		fmt.Fprintf(&b, "\n  host %q:", h.name)
		if h.paused {
			b.WriteString(" paused")
		}
		for _, t := range asyncio.AllTasks(h.ctx) {
			fmt.Fprintf(&b, "\n    %v", t.Info())
		}
	}
	return fmt.Errorf("%w: nothing can happen any more on any host%s", ErrDeadlock, b.String())
}
