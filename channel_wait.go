package asyncio

import (
	"context"
	"fmt"
	"io"

	"github.com/goasyncio/asyncio/internal/ring"
)

var (
	errChannelFull  = fmt.Errorf("asyncio: the channel is full: %w", ErrWouldBlock)
	errChannelEmpty = fmt.Errorf("asyncio: the channel is empty: %w", ErrWouldBlock)
)

// channel is what the ends of a channel share.
//
// The two sides wait differently. A receiver is called and takes its value when it runs
// (see line), so a receiver that is cancelled leaves everything as it was. A sender that
// waits has its value taken from it: a receiver that finds it must not wait another
// round. So once it is woken it has sent, also where a cancellation comes before it runs.
//
// Receivers wait while there is no value to spare, so never while a sender waits.
type channel[T any] struct {
	buffer    ring.Buffer[T]
	capacity  int
	senders   int // open ends
	receivers int
	sending   slotList[T]
	receiving slotList[T]
	called    int // receivers that were woken and have not run yet
	home      bound
}

// hasPlace tells whether a value fits. Those that are spoken for have left already.
func (c *channel[T]) hasPlace() bool { return c.buffer.Len()-c.called < c.capacity }

// hasValue tells whether there is a value that is not spoken for.
func (c *channel[T]) hasValue() bool { return c.buffer.Len() > c.called }

// ended tells whether there will never be a value again.
func (c *channel[T]) ended() bool { return c.senders == 0 && c.buffer.Len() == 0 }

// inUse tells whether a task waits at an end or was woken for a value and has not run.
func (c *channel[T]) inUse() bool {
	return c.called > 0 || c.sending.len() > 0 || c.receiving.len() > 0
}

// callReceiver calls the first receiver that waits and tells whether there was one.
func (c *channel[T]) callReceiver() bool {
	w := c.receiving.remove()
	if w == nil {
		return false
	}
	c.called++
	w.parked.Wake(1)
	return true
}

func (c *channel[T]) callAllReceivers() {
	for c.callReceiver() {
	}
}

// admitSender lets the first sender that waits add its value, if the value that is
// about to be taken makes room for it. It does not where a cancelled receiver left a
// value behind in a channel that was full again.
func (c *channel[T]) admitSender() {
	if c.buffer.Len()-c.called > c.capacity {
		return
	}
	if w := c.sending.remove(); w != nil {
		c.buffer.PushBack(w.value)
		w.parked.Wake(1)
	}
}

// fullChannel and emptyChannel are a channel as what those wait for who send to it and
// who receive from it.
type (
	fullChannel[T any]  channel[T]
	emptyChannel[T any] channel[T]
)

func (c *fullChannel[T]) String() string  { return "Sender.Send" }
func (c *emptyChannel[T]) String() string { return "Receiver.Receive" }
func (c *fullChannel[T]) of() *bound      { return &c.home }
func (c *emptyChannel[T]) of() *bound     { return &c.home }

// awaitReceiver waits until v was taken.
func (c *channel[T]) awaitReceiver(ctx context.Context, s *Sender[T], v T) error {
	w := c.sending.enqueue(s)
	w.value = v
	woken, err := w.parked.Park(ctx, (*fullChannel[T])(c))
	if woken {
		err = w.failed // not the cancellation: v is gone, or the channel is
	}
	c.sending.release(w)
	return err
}

// awaitValue waits until the caller is called, and takes a value.
func (c *channel[T]) awaitValue(ctx context.Context, r *Receiver[T]) (v T, err error) {
	w := c.receiving.enqueue(r)
	woken, err := w.parked.Park(ctx, (*emptyChannel[T])(c))
	failed := w.failed
	c.receiving.release(w)
	switch {
	case !woken:
		return v, err
	case failed != nil:
		return v, failed
	}
	c.called--
	if err != nil {
		c.handOn()
		return v, err
	}
	if c.buffer.Len() > 0 {
		v = c.buffer.PopFront()
	} else {
		err = io.EOF
	}
	if c.senders == 0 {
		c.callAllReceivers() // they came since, for a value that was spoken for, and no other comes
	}
	return v, err
}

// handOn gives the value of a receiver that was cancelled to the next one, or leaves it
// where it is, or drops it where nobody can take it any more.
func (c *channel[T]) handOn() {
	if c.hasValue() {
		c.callReceiver()
	}
	if c.receivers == 0 {
		c.buffer.Truncate(c.called)
	}
}

// breakOff ends the channel for its senders. Values that a woken receiver is about to
// take stay for it.
func (c *channel[T]) breakOff() {
	c.buffer.Truncate(c.called)
	for w := c.sending.remove(); w != nil; w = c.sending.remove() {
		w.failed = ErrBrokenChannel
		w.parked.Wake(1)
	}
}

func (c *channel[T]) stats() ChannelStats {
	return ChannelStats{
		Len:       c.buffer.Len(),
		Cap:       c.capacity,
		Senders:   c.senders,
		Receivers: c.receivers,
		Sending:   c.sending.len(),
		Receiving: c.receiving.len(),
	}
}
