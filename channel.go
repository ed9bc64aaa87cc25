package asyncio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
)

// ErrBrokenChannel is returned by a send where all receivers of the channel are closed:
// nobody can ever get the value. The sender can stop.
var ErrBrokenChannel = errors.New("asyncio: all receivers of the channel are closed")

// NewChannel makes a channel between tasks and returns its two ends. Up to capacity
// values wait in it; with capacity 0 a send ends when a receiver took the value
// (rendezvous). A negative capacity is refused with a panic; pass [Unbounded] for a
// channel that is never full.
//
// Where a [Queue] is shut down for all at once, a channel ends by itself: give each
// producer a [Sender.Clone] and each consumer a [Receiver.Clone], to be closed when it is
// done. After the last sender the receivers get what is left and then [io.EOF]; after
// the last receiver the senders get [ErrBrokenChannel].
//
// All methods of both ends are for code that runs on the loop, and waits on a second
// loop are refused as those of a [Queue] are.
func NewChannel[T any](capacity int) (*Sender[T], *Receiver[T]) {
	if capacity < 0 {
		panic(fmt.Sprintf("asyncio: a channel cannot have capacity %d: pass 0 or more, or asyncio.Unbounded", capacity))
	}
	c := &channel[T]{capacity: capacity, senders: 1, receivers: 1}
	return &Sender[T]{c: c}, &Receiver[T]{c: c}
}

// Sender is an end of a channel into which values are sent. See [NewChannel].
type Sender[T any] struct {
	c      *channel[T]
	closed bool
}

// Send sends v. It waits while the channel is full, or, with capacity 0, until a
// receiver took v. Senders are served in the order in which they came.
//
// It returns [ErrBrokenChannel] where all receivers are closed and [io.ErrClosedPipe]
// where this Sender is, before or during the wait. A Send that returns an error has not
// sent (rule C3): where v was taken before the cancellation could be delivered, Send
// returns nil and the next wait meets the cancellation.
func (s *Sender[T]) Send(ctx context.Context, v T) error {
	if _, err := s.c.home.enter(ctx, s.c); err != nil {
		return err
	}
	err := s.TrySend(v)
	if err != errChannelFull {
		return err
	}
	return s.c.awaitReceiver(ctx, s, v)
}

// TrySend sends v without waiting. It returns an error with [ErrWouldBlock] in its chain
// where the channel is full and no receiver waits, and otherwise the errors of
// [Sender.Send].
func (s *Sender[T]) TrySend(v T) error {
	s.c.home.check("Sender.TrySend")
	switch c := s.c; {
	case s.closed:
		return io.ErrClosedPipe
	case c.receivers == 0:
		return ErrBrokenChannel
	case !c.callReceiver() && !c.hasPlace():
		return errChannelFull
	}
	s.c.buffer.PushBack(v)
	return nil
}

// Clone returns another Sender of the same channel, to be closed on its own. It panics
// where this Sender is closed.
func (s *Sender[T]) Clone() *Sender[T] {
	if s.closed {
		panic("asyncio: Clone of a closed Sender: clone it before it is closed")
	}
	s.c.senders++
	return &Sender[T]{c: s.c}
}

// Close closes this end. Whoever waits in its Send gets [io.ErrClosedPipe]. With the
// last Sender the channel ends: what is in it is still received, then [io.EOF].
// Closing again does nothing.
func (s *Sender[T]) Close() {
	s.c.home.check("Sender.Close")
	if s.closed {
		return
	}
	s.closed = true
	s.c.sending.fail(s, io.ErrClosedPipe)
	s.c.senders--
	if s.c.senders == 0 {
		s.c.callAllReceivers()
	}
}

// Stats returns what the channel looks like now.
func (s *Sender[T]) Stats() ChannelStats { return s.c.stats() }

// Receiver is an end of a channel from which values are received. See [NewChannel].
type Receiver[T any] struct {
	c      *channel[T]
	closed bool
}

// Receive takes the next value, and waits for one where it must. Receivers are served in
// the order in which they came; nobody overtakes one that was woken.
//
// It returns [io.EOF] where all senders are closed and nothing is left, and
// [io.ErrClosedPipe] where this Receiver is closed, before or during the wait. A Receive
// that returns an error has taken nothing (rule C3): a value that was meant for it goes
// to the next receiver, or stays the first in the channel.
func (r *Receiver[T]) Receive(ctx context.Context) (T, error) {
	if _, err := r.c.home.enter(ctx, r.c); err != nil {
		return *new(T), err
	}
	v, err := r.TryReceive()
	if err != errChannelEmpty {
		return v, err
	}
	return r.c.awaitValue(ctx, r)
}

// TryReceive takes the next value without waiting. It returns an error with
// [ErrWouldBlock] in its chain where there is none that is not spoken for by a waiting
// receiver, and otherwise the errors of [Receiver.Receive].
func (r *Receiver[T]) TryReceive() (T, error) {
	c := r.c
	c.home.check("Receiver.TryReceive")
	if r.closed {
		return *new(T), io.ErrClosedPipe
	}
	c.admitSender()
	switch {
	case c.hasValue():
		return c.buffer.PopFront(), nil
	case c.ended():
		return *new(T), io.EOF
	}
	return *new(T), errChannelEmpty
}

// All returns the values as [Receiver.Receive] does, for use in a range statement. The
// loop ends when the channel does, when this end is closed, or when ctx ends: ctx.Err
// tells whether it was ctx. It does not close the Receiver.
func (r *Receiver[T]) All(ctx context.Context) iter.Seq[T] {
	return func(yield func(T) bool) {
		for {
			v, err := r.Receive(ctx)
			if err != nil || !yield(v) {
				return
			}
		}
	}
}

// Clone returns another Receiver of the same channel, to be closed on its own. Each
// value goes to one of them. It panics where this Receiver is closed.
func (r *Receiver[T]) Clone() *Receiver[T] {
	if r.closed {
		panic("asyncio: Clone of a closed Receiver: clone it before it is closed")
	}
	r.c.receivers++
	return &Receiver[T]{c: r.c}
}

// Close closes this end. Whoever waits in its Receive gets [io.ErrClosedPipe]. With the
// last Receiver the channel breaks: what is in it is dropped, and senders get
// [ErrBrokenChannel]. Closing again does nothing.
func (r *Receiver[T]) Close() {
	r.c.home.check("Receiver.Close")
	if r.closed {
		return
	}
	r.closed = true
	r.c.receiving.fail(r, io.ErrClosedPipe)
	r.c.receivers--
	if r.c.receivers == 0 {
		r.c.breakOff()
	}
}

// Stats returns what the channel looks like now.
func (r *Receiver[T]) Stats() ChannelStats { return r.c.stats() }

// ChannelStats is what a channel looks like at one moment.
type ChannelStats struct {
	Len       int // values in the channel, those included that a woken receiver is about to take
	Cap       int // its capacity, or Unbounded
	Senders   int // senders that are not closed
	Receivers int // receivers that are not closed
	Sending   int // tasks that wait in Send
	Receiving int // tasks that wait in Receive; those that were woken are not counted
}
