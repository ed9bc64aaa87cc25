package asyncio

import (
	"context"
	"fmt"
	"io"
	"iter"
)

// Broadcast sends every value to every subscriber. It keeps the newest values in a ring
// of fixed size, so that sending never waits: a subscriber that falls behind further
// than that misses values and is told how many.
//
// Make one with [NewBroadcast]. All methods are for code that runs on the loop.
//
// The ring holds on to a value until a newer one takes its place, also where everybody
// has seen it.
type Broadcast[T any] struct {
	ring        []T
	sent        uint64 // values sent; value number n is in ring[n%len(ring)]
	subscribers int
	closed      bool
	waiting     WaitQueue // tasks of all subscriptions, woken by each value
	home        bound
}

// NewBroadcast makes a Broadcast that keeps the newest capacity values for subscribers
// that have not seen them yet. A capacity below 1 is refused with a panic.
func NewBroadcast[T any](capacity int) *Broadcast[T] {
	if capacity < 1 {
		panic(fmt.Sprintf("asyncio: a broadcast cannot keep %d values: pass 1 or more", capacity))
	}
	return &Broadcast[T]{ring: make([]T, capacity)}
}

// Send sends v to everybody who is subscribed now. It does not wait. With no subscriber
// v is dropped, which is no error. After Close it returns [io.ErrClosedPipe].
func (b *Broadcast[T]) Send(v T) error {
	b.home.check("Broadcast.Send")
	if b.closed {
		return io.ErrClosedPipe
	}
	if b.subscribers == 0 {
		return nil
	}
	b.ring[b.sent%uint64(len(b.ring))] = v
	b.sent++
	b.waiting.WakeAll()
	return nil
}

// Close ends the broadcast: subscribers get what they have not seen and then [io.EOF].
// Closing again does nothing.
func (b *Broadcast[T]) Close() {
	b.home.check("Broadcast.Close")
	b.closed = true
	b.waiting.WakeAll()
}

// Subscribe returns a subscription to the values sent from now on. Close it when it is
// not needed any more.
func (b *Broadcast[T]) Subscribe() *Subscription[T] {
	b.subscribers++
	return &Subscription[T]{b: b, next: b.sent}
}

// sendingBroadcast is a broadcast as what those wait for who receive from it.
type sendingBroadcast[T any] Broadcast[T]

func (b *sendingBroadcast[T]) String() string { return "Subscription.Receive" }
func (b *sendingBroadcast[T]) of() *bound     { return &b.home }

// inUse tells whether a task waits for a value.
func (b *Broadcast[T]) inUse() bool { return b.waiting.Len() > 0 }

// BroadcastStats is what a broadcast looks like at one moment.
type BroadcastStats struct {
	Sent        uint64 // values sent while there was a subscriber
	Subscribers int    // subscriptions that are not closed
	Waiting     int    // tasks that wait for the next value
	Closed      bool   // whether Close was called
}

// Stats returns what the broadcast looks like now.
func (b *Broadcast[T]) Stats() BroadcastStats {
	return BroadcastStats{Sent: b.sent, Subscribers: b.subscribers, Waiting: b.waiting.Len(), Closed: b.closed}
}

// LaggedError tells a subscriber that values were overwritten before it received them.
// It misses them and goes on with the oldest value that is kept. A subscriber that may
// not miss any needs a larger ring, or a [Queue] of its own, which makes the sender wait.
type LaggedError struct {
	Missed uint64 // how many values the subscriber did not get
}

func (e *LaggedError) Error() string {
	return fmt.Sprintf("asyncio: the subscriber was too slow and missed %d values", e.Missed)
}

// Subscription is a place in a [Broadcast]. Several tasks may receive from one; each
// value then goes to one of them.
type Subscription[T any] struct {
	b      *Broadcast[T]
	next   uint64 // number of the next value to receive
	closed bool
}

// Receive returns the next value, and waits for one where it must.
//
// It returns a [*LaggedError] where values were missed; the next call goes on with the
// oldest that is kept. It returns [io.EOF] where the broadcast is closed and nothing is
// left, and [io.ErrClosedPipe] where the subscription is closed, before or during the
// wait. A Receive that is cancelled has taken nothing (rule C3).
func (s *Subscription[T]) Receive(ctx context.Context) (T, error) {
	if _, err := s.b.home.enter(ctx, s.b); err != nil {
		return *new(T), err
	}
	for {
		v, err := s.TryReceive()
		if err != errBroadcastEmpty {
			return v, err
		}
		// A wake-up says "look again" and belongs to nobody: there is nothing to hand on.
		if _, err := s.b.waiting.Park(ctx, (*sendingBroadcast[T])(s.b)); err != nil {
			return v, err
		}
	}
}

var errBroadcastEmpty = fmt.Errorf("asyncio: the subscriber has seen every value: %w", ErrWouldBlock)

// TryReceive returns the next value without waiting. It returns an error with
// [ErrWouldBlock] in its chain where there is none yet, and otherwise the errors of
// [Subscription.Receive].
func (s *Subscription[T]) TryReceive() (v T, err error) {
	b := s.b
	switch missed := s.missed(); {
	case s.closed:
		return v, io.ErrClosedPipe
	case missed > 0:
		s.next += missed
		return v, &LaggedError{Missed: missed}
	case s.next < b.sent:
		s.next++
		return b.ring[(s.next-1)%uint64(len(b.ring))], nil
	case b.closed:
		return v, io.EOF
	}
	return v, errBroadcastEmpty
}

// missed returns how many of the values that were not received are overwritten.
func (s *Subscription[T]) missed() uint64 {
	if unseen, kept := s.b.sent-s.next, uint64(len(s.b.ring)); unseen > kept {
		return unseen - kept
	}
	return 0
}

// All returns the values as [Subscription.Receive] does, for use in a range statement.
// Where values were missed it yields the [*LaggedError] in their place and goes on. The
// loop ends when the broadcast or the subscription is closed, or when ctx ends: ctx.Err
// tells whether it was ctx.
func (s *Subscription[T]) All(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for {
			v, err := s.Receive(ctx)
			if _, lagged := err.(*LaggedError); err != nil && !lagged {
				return
			}
			if !yield(v, err) {
				return
			}
		}
	}
}

// Len returns how many values can be received without waiting.
func (s *Subscription[T]) Len() int { return int(s.b.sent - s.next - s.missed()) }

// Close ends the subscription; whoever waits in its Receive gets [io.ErrClosedPipe].
// Closing again does nothing.
func (s *Subscription[T]) Close() {
	s.b.home.check("Subscription.Close")
	if s.closed {
		return
	}
	s.closed = true
	s.b.subscribers--
	s.b.waiting.WakeAll() // those of other subscriptions look again and wait on
}
