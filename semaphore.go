package asyncio

import (
	"context"
	"fmt"
	"math"
)

// A Semaphore holds a number of permits. A task takes some and waits where there are
// not enough; anyone may put some back, or add some. Tasks are served in the order
// they came and nobody overtakes (S3): a task that wants many permits holds up those
// behind it that want few, so that it does not starve.
//
// The zero value has no permits. A [BoundedSemaphore] also notices a permit that is
// given back twice.
//
// All methods are for the tasks and callbacks of one loop.
type Semaphore struct {
	home    bound
	line    line
	value   int // permits that are neither taken nor promised to a task that was woken
	bounded bool
	bound   int // the most permits there may be, where bounded
}

// SemaphoreStats is the state of a [Semaphore] at one moment.
type SemaphoreStats struct {
	Value   int // free permits
	Waiting int // tasks that wait for permits
}

// NewSemaphore returns a semaphore with the given number of permits. It panics where
// permits is negative.
func NewSemaphore(permits int) *Semaphore {
	if permits < 0 {
		panic(fmt.Sprintf("asyncio: NewSemaphore with %d permits: the number must not be negative", permits))
	}
	return &Semaphore{value: permits}
}

// Acquire waits for one permit: see [Semaphore.AcquireN].
func (s *Semaphore) Acquire(ctx context.Context) error { return s.AcquireN(ctx, 1) }

// AcquireN waits until n permits are free, and takes them at once. It does not
// suspend where they are free and nobody waits (S4). It panics where n is negative,
// or more than a [BoundedSemaphore] will ever have.
//
// It returns ctx's error where ctx ends, also where the permits were about to be
// handed over: they go to the next in line, and the caller has none (C3). It returns
// [ErrOtherLoop] where tasks of another loop wait for permits.
func (s *Semaphore) AcquireN(ctx context.Context, n int) error {
	s.checkN("AcquireN", n)
	if _, err := s.home.enter(ctx, s); err != nil {
		return err
	}
	if s.TryAcquireN(n) {
		return nil
	}
	woken, err := s.line.wait(ctx, s, s.line.place(n, nil, nil))
	if woken && err != nil {
		s.value += n
	}
	// Those who came after the wake-up had to queue even where permits were left:
	// let in all who fit now.
	for s.wakeNext() {
	}
	return err
}

// TryAcquire takes one permit if that needs no wait, and tells whether it did. It
// never waits.
func (s *Semaphore) TryAcquire() bool { return s.TryAcquireN(1) }

// TryAcquireN takes n permits if that needs no wait, and tells whether it did. It
// fails where anyone stands in line, even if n permits are free. It never waits.
func (s *Semaphore) TryAcquireN(n int) bool {
	s.home.check("Semaphore.TryAcquireN")
	s.checkN("TryAcquireN", n)
	if s.value < n || !s.line.empty() {
		return false
	}
	s.value -= n
	return true
}

// Release puts one permit back: see [Semaphore.ReleaseN].
func (s *Semaphore) Release() { s.ReleaseN(1) }

// ReleaseN puts n permits back, or adds n, and wakes those in line who can have
// theirs; they run in the next round. Any task may release. It panics where n is
// negative, and where the count would exceed the bound of a [BoundedSemaphore].
func (s *Semaphore) ReleaseN(n int) {
	s.home.check("Semaphore.ReleaseN")
	if n < 0 {
		panic(fmt.Sprintf("asyncio: ReleaseN of %d permits: the number must not be negative", n))
	}
	if n > s.most()-s.value {
		panic(fmt.Sprintf("asyncio: release of %d permits to a semaphore that has %d of at most %d: released more than was acquired",
			n, s.value, s.most()))
	}
	s.value += n
	for ; n > 0 && s.wakeNext(); n-- {
	}
}

// Value returns the number of free permits. A task that was woken has its permits
// already, before it runs.
func (s *Semaphore) Value() int { return s.value }

// Locked tells whether an Acquire would have to wait: no permit is free, or somebody
// stands in line.
func (s *Semaphore) Locked() bool { return s.value == 0 || !s.line.empty() }

// String tells what a waiter waits for.
func (s *Semaphore) String() string { return fmt.Sprintf("Semaphore with %d free", s.value) }

// Stats returns the semaphore's state for reports.
func (s *Semaphore) Stats() SemaphoreStats {
	return SemaphoreStats{Value: s.value, Waiting: s.line.parked()}
}

// wakeNext gives the first in line what it asks for, if that is there, and tells
// whether it did.
func (s *Semaphore) wakeNext() bool {
	p := s.line.front()
	if p == nil || p.ask > s.value {
		return false
	}
	s.value -= p.ask
	s.line.wake(p)
	return true
}

func (s *Semaphore) most() int {
	if s.bounded {
		return s.bound
	}
	return math.MaxInt
}

func (s *Semaphore) checkN(method string, n int) {
	if n < 0 || n > s.most() {
		panic(fmt.Sprintf("asyncio: %s of %d permits: the semaphore can have 0 to %d", method, n, s.most()))
	}
}

func (s *Semaphore) inUse() bool { return s.line.first != nil }

// A BoundedSemaphore is a [Semaphore] that never has more permits than it had at
// first. A release too many panics, as it does in a sync.WaitGroup: the error that
// asyncio raises there would be lost in a deferred Release, and from then on the
// bound would not hold. Make one with [NewBoundedSemaphore].
type BoundedSemaphore struct{ Semaphore }

// NewBoundedSemaphore returns a semaphore with the given number of permits, which is
// also the most it can ever have. It panics where permits is negative.
func NewBoundedSemaphore(permits int) *BoundedSemaphore {
	if permits < 0 {
		panic(fmt.Sprintf("asyncio: NewBoundedSemaphore with %d permits: the number must not be negative", permits))
	}
	return &BoundedSemaphore{Semaphore{value: permits, bounded: true, bound: permits}}
}
