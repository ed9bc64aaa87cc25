// Package driver is the seam between the event loop and the world: a clock, a
// poller and a way to be woken, which must agree with each other and are
// therefore one value.
//
// The rule on which virtual time rests: time passes only inside [Driver.Wait].
// The real drivers wait in the operating system; [Virtual] moves its clock to the
// next deadline instead.
//
// There is one file per system: driver_epoll.go for Linux, driver_kqueue.go for
// macOS and the BSDs, driver_portable.go for the rest, which the build tag
// asyncio_portable forces on everywhere. [New] makes the one for this system.
package driver

import (
	"context"
	"math"
	"math/rand/v2"
	"time"
)

// An Instant is a reading of a driver's monotonic clock, in nanoseconds since an
// arbitrary origin.
type Instant int64

// Forever is later than every deadline.
const Forever Instant = math.MaxInt64

// Add is i+d, where what lies beyond the range is Forever.
func (i Instant) Add(d time.Duration) Instant {
	if sum := i + Instant(d); d <= 0 || sum > i {
		return sum
	}
	return Forever
}

// Sub is the time from j to i.
func (i Instant) Sub(j Instant) time.Duration { return time.Duration(i - j) }

// A Mode is what a descriptor is waited for.
type Mode uint8

const (
	Readable Mode = 1 << iota
	Writable
	// Hangup comes with Readable and is only told, not asked for: the peer will
	// send no more, or the socket has failed. It stays.
	Hangup
	// Urgent is only told as well: there is urgent data, at which a read stops, so
	// that a short read does not mean that nothing is left.
	Urgent
)

// A Handle names one owner of a descriptor. The system gives numbers out again,
// so each owner has a generation of its own (rule N3).
type Handle struct {
	FD  int
	Gen uint32
}

// An Event tells that a descriptor has become ready.
type Event struct {
	Handle Handle
	Mode   Mode
}

// A Driver gives a loop its time and its events. All methods but Wake are for
// the goroutine on which the loop runs.
type Driver interface {
	// Now is the monotonic clock.
	Now() Instant
	// Wall is the time of day, for people only, never for deadlines.
	Wall() time.Time
	// Wait returns when an armed handle is ready, when Wake was called since the
	// last Wait, or when Now has reached until. It may return early with nothing.
	// It does not block where until is not after Now.
	Wait(events []Event, until Instant) (n int, err error)
	// Solitary tells whether the loop knows of nobody outside who could Wake it.
	// Then the driver may sleep where events are cheaper and a Wake, which still
	// counts, takes longer.
	Solitary(yes bool)
	// Arm asks for at most one event: it replaces what was armed for the handle.
	// A mode of 0 disarms the handle and keeps its registration.
	Arm(h Handle, m Mode) error
	// Watch asks for every change to readable or writable until Disarm, beginning
	// with what is so now: where a read or a write has found that it would block,
	// or a read got less than it asked for, the next event tells when to try again
	// (edge-triggered). It costs one call of the system for the life of a socket,
	// where Arm costs one for each wait.
	Watch(h Handle) error
	// Disarm forgets the handle. Later Waits deliver nothing for it.
	Disarm(h Handle) error
	// Wake makes the current or next Wait return. Any goroutine may call it;
	// several calls count as one.
	Wake()
	// Network is the sockets of this driver's world.
	Network() Network
	// Seed is where random numbers begin: elsewhere each time, but in worlds that are
	// the same each time.
	Seed() (uint64, uint64)
	// Virtual tells that time passes as fast as the loop lets it: the loop must
	// not Wait for a deadline while a thread of its own is at work.
	Virtual() bool
	// Close gives everything back. It may be called twice.
	Close() error
}

type contextKey struct{}

// NewContext returns a context that makes a loop run on the driver which open
// returns. It is how the packages of this module for tests and simulation reach
// the seam; users of the module cannot name it.
func NewContext(ctx context.Context, open func() Driver) context.Context {
	return context.WithValue(ctx, contextKey{}, open)
}

// FromContext is a new driver from NewContext's function, or nil.
func FromContext(ctx context.Context) Driver {
	if open, ok := ctx.Value(contextKey{}).(func() Driver); ok {
		return open()
	}
	return nil
}

// realClock is the part that the real drivers share. Its origin is the making of the
// driver, not of the process: inside a testing/synctest bubble the clock is the
// bubble's, which cannot be compared with a reading from outside.
type realClock struct{ start time.Time }

func (c *realClock) Now() Instant    { return Instant(time.Since(c.start)) }
func (c *realClock) Wall() time.Time { return time.Now() }
func (c *realClock) Virtual() bool   { return false }

// Seed implements Driver.
func (c *realClock) Seed() (uint64, uint64) { return rand.Uint64(), rand.Uint64() }
