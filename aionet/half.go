package aionet

import (
	"context"
	"net"
	"os"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/inside"
)

// A half is one direction of a socket: whether a call can succeed, who waits for
// that, and until when.
type half struct {
	what    string // it waits for, in reports
	ready   bool   // the next call may succeed: the last has not said otherwise since the last event
	busy    bool   // a task waits, or was woken and has not run yet
	expired bool   // the deadline has passed
	spent   int    // bytes since the last time when somebody else could run
	waiters asyncio.WaitQueue
	onReady func()    // called once instead of waking somebody: see whenReadable
	until   *deadline // nil where none was ever set
}

const roomToWrite = "room to write"

// fairShare is how many bytes a task may move in one direction before it gives way:
// with a fast peer it would never have to wait.
const fairShare = 256 << 10

// enter is the beginning of every call: it is refused where the socket is closed,
// in use or past its deadline.
func (s *socket) enter(ctx context.Context, h *half) error {
	if err := checkpoint(ctx, s.poller); err != nil {
		return err
	}
	if err := s.usable(h); err != nil || h.spent <= fairShare {
		return err
	}
	return s.giveWay(ctx, h)
}

// checkpoint is the beginning of every wait of what belongs to p: on another loop it is
// refused, also where it need not wait (rule T1).
func checkpoint(ctx context.Context, p inside.Poller) error {
	if err := asyncio.Checkpoint(ctx); err != nil {
		return err
	}
	if inside.PollerOf(ctx) != p {
		return asyncio.ErrOtherLoop
	}
	return nil
}

// giveWay lets the others run in the middle of much work. The direction stays ours,
// but they may have closed the socket.
func (s *socket) giveWay(ctx context.Context, h *half) error {
	if err := s.hold(h, func() error { return asyncio.Yield(ctx) }); err != nil {
		return err
	}
	return s.usable(h)
}

// hold keeps others out of a direction while f waits for something else than it.
func (s *socket) hold(h *half, f func() error) error {
	h.busy = true
	defer func() { h.busy, h.spent = false, 0 }() // also where the loop ends the task by force
	return f()
}

// usable tells why no call can be made now.
func (s *socket) usable(h *half) error {
	switch {
	case s.closed:
		return net.ErrClosed
	case h.busy:
		return asyncio.ErrBusy
	case h.expired:
		return os.ErrDeadlineExceeded
	}
	return nil
}

// await waits for the next event of h, after a call has found that it would block.
func (s *socket) await(ctx context.Context, h *half) error {
	if inside.PollerOf(ctx) != s.poller {
		return asyncio.ErrOtherLoop
	}
	if err := s.watch(); err != nil {
		return err
	}
	if s.startLimit(h); h.expired { // it was so short, or this thread so slow
		return os.ErrDeadlineExceeded
	}
	h.busy = true
	s.poller.Await(1)
	defer s.awaited(h) // also where the loop ends the task by force
	_, err := h.waiters.Park(ctx, h)
	switch {
	case err != nil:
		return err // what has come stays the system's
	case s.closed:
		return net.ErrClosed
	case h.expired:
		return os.ErrDeadlineExceeded
	}
	return nil
}

func (s *socket) awaited(h *half) {
	h.busy, h.spent = false, 0
	s.poller.Await(-1)
}

// pause waits a moment, where no event tells when to try again.
func (s *socket) pause(ctx context.Context, h *half) error {
	h.ready = true
	if err := s.hold(h, func() error { return asyncio.Sleep(ctx, time.Millisecond) }); err != nil {
		return err
	}
	return s.usable(h)
}

// wake tells who waits that the next call may succeed.
func (h *half) wake() {
	h.ready = true
	h.waiters.WakeAll()
}

// callBack has the function called that waits for the half, if there is one: by the
// loop itself where an event has come, else soon, for a task may be in the middle of
// its step.
func (h *half) callBack(call func(f func())) {
	if f := h.onReady; f != nil {
		h.onReady = nil
		call(f)
	}
}

func (s *socket) soon(f func()) { asyncio.CallSoon(s.poller.Root(), f) }

// String is what reports call the wait.
func (h *half) String() string { return h.what }

// whenReadable makes the loop call f once, when there is something to read, the end
// included, when the deadline has passed, or the socket is closed. The driver is asked
// anew, for whoever was here before may have left something unread.
func (s *socket) whenReadable(f func()) error {
	if err := s.usable(&s.in); err != nil {
		return err
	}
	if s.in.ready || !s.watched {
		if err := s.poller.Driver().Watch(s.handle); err != nil {
			return err
		}
		s.watched, s.in.ready = true, false
	}
	s.in.busy = true
	s.poller.Await(1)
	s.in.onReady = func() {
		s.awaited(&s.in)
		f()
	}
	s.startLimit(&s.in) // last, for it may be over at once
	return nil
}
