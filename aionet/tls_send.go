package aionet

import (
	"context"
	"errors"
	"os"

	"github.com/goasyncio/asyncio"
)

// A someWriter can write as much as goes at the moment, which keeps a cancellation from
// making the stream a partial one: the rest stays in the buffer of who writes.
type someWriter interface {
	// writeSome waits until at least one byte is written; cancelled, it wrote none.
	writeSome(ctx context.Context, p []byte) (int, error)
}

// A tryWriter can write without a wait.
type tryWriter interface {
	tryWrite(p []byte) (int, error)
}

// unsent is how many bytes tls.Conn has written that the stream has not taken.
func (t *TLSConn) unsent() int { return len(t.out) - t.outStart }

// flush waits until nothing is unsent. Several tasks may be in it, a writer, a reader
// and the pump: one sends, and the others wait for it, or take over where it leaves.
//
// On a stream of another package, where a write that is cancelled cannot be gone on
// with, the pump alone sends, and the others wait for it.
func (t *TLSConn) flush(ctx context.Context) error {
	if _, ok := t.stream.(someWriter); ok {
		return t.drain(ctx)
	}
	for t.unsent() > 0 {
		switch {
		case t.outEnd != nil:
			return t.outEnd
		case t.passed(t.writeBy):
			return t.fail("write", os.ErrDeadlineExceeded)
		case !t.pumping:
			t.startPump()
		}
		if err := t.awaitSent(ctx); err != nil {
			return err
		}
	}
	return nil
}

// drain sends until nothing is unsent, or waits for who does.
func (t *TLSConn) drain(ctx context.Context) error {
	for t.unsent() > 0 {
		var err error
		switch {
		case t.outEnd != nil:
			err = t.outEnd
		case t.sending:
			err = t.awaitSent(ctx)
		default:
			err = t.send(ctx)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// awaitSent waits until another task has sent something, or has failed to.
func (t *TLSConn) awaitSent(ctx context.Context) error {
	_, err := t.sent.Park(ctx, "its turn to send")
	return err
}

// send waits until the stream has taken some of what is unsent.
func (t *TLSConn) send(ctx context.Context) error {
	t.sending = true
	defer func() {
		t.sending = false
		t.sent.WakeAll()
	}()
	var n int
	var err error
	p := t.out[t.outStart:]
	if s, ok := t.stream.(someWriter); ok {
		n, err = s.writeSome(ctx, p)
	} else {
		n, err = t.stream.WriteContext(ctx, p)
	}
	t.took(n)
	if err != nil && ctx.Err() == nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		t.outEnd = err
	}
	return err
}

// took forgets n bytes, which are sent.
func (t *TLSConn) took(n int) {
	t.outStart += n
	if t.outStart == len(t.out) {
		t.buffers.put(t.out)
		t.out, t.outStart = nil, 0
	}
}

// push sends what can be sent without a wait, and leaves the rest to whoever sends
// already, or to a task made for it.
func (t *TLSConn) push() {
	if t.unsent() == 0 || t.sending || t.pumping || t.outEnd != nil {
		return
	}
	if s, ok := t.stream.(tryWriter); ok {
		n, err := s.tryWrite(t.out[t.outStart:])
		t.took(n)
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			t.outEnd = err
			t.cutOff()
		}
		if err != nil || t.unsent() == 0 {
			return
		}
	}
	t.startPump()
}

// cutOff is for what could not be sent where nobody waits who would close the stream for
// it: the peer must not wait for the rest. What it has sent can still be read.
func (t *TLSConn) cutOff() { t.stream.CloseWrite() }

func (t *TLSConn) startPump() {
	t.pumping = true
	asyncio.Go(t.poller.Root(), t.pump, asyncio.TaskName("sender of a TLS connection"))
}

// pump is a task that sends what others have left, and closes the stream after that
// where Close was called. Cancelled, as at the end of Run, it goes on for the time of a
// shutdown; then it resets the connection, on which somebody may wait for an answer to
// what could not be sent.
func (t *TLSConn) pump(ctx context.Context) error {
	defer func() {
		t.pumping = false
		if t.closed {
			t.stream.Close()
		}
	}()
	ctx, cancel := asyncio.Shield(ctx, t.opts.shutdown)
	defer cancel()
	switch err := t.drain(ctx); {
	case err != nil && ctx.Err() != nil:
		t.stream.Abort()
	case t.outEnd != nil:
		t.cutOff()
	}
	return nil // what went wrong the next write says
}
