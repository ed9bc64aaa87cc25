package aionet

import (
	"errors"
	"fmt"
	"net"

	"github.com/goasyncio/asyncio"
)

// OnHangup makes the loop call f when the peer has hung up: it will send no more,
// because it has closed the connection or its half of it, or is gone. Data that it
// sent before may still be there to be read. f is a callback, which cannot wait, and
// is called once; where the peer has hung up already, or the connection is closed, in
// the next round. nil takes a function back that was not called yet. It costs nothing
// while nothing happens.
//
// A server uses it to give up work for a client that waits no longer, while it has no
// read under way that would tell.
func (c *Conn) OnHangup(f func()) error {
	s := &c.socket
	if s.closed {
		return c.fail("set", net.ErrClosed)
	}
	if s.tellHangup(f); f == nil {
		return nil
	}
	if s.hangup {
		s.hungUp()
		return nil
	}
	err := s.watch()
	if err != nil {
		s.tellHangup(nil)
	}
	return c.fail("set", err)
}

// tellHangup makes f the function that waits for the end; nil is none. It counts as a
// wait that a descriptor can end (rule L5), since a task may depend on it.
func (s *socket) tellHangup(f func()) {
	if s.onHangup != nil {
		s.poller.Await(-1)
	}
	if s.onHangup = f; f != nil {
		s.poller.Await(1)
	}
}

// hungUp calls the function that waits for it.
func (s *socket) hungUp() {
	if f := s.onHangup; f != nil {
		s.tellHangup(nil)
		asyncio.CallSoon(s.poller.Root(), func() {
			if !s.closed {
				f()
			}
		})
	}
}

// OnHangup is [Conn.OnHangup]: the peer has closed its end, or its half, or aborted.
func (c *MemoryConn) OnHangup(f func()) error {
	if c.closed {
		return c.fail("set", net.ErrClosed)
	}
	c.in.onEnd = f
	if f != nil {
		c.in.onEnd = func() { asyncio.CallSoon(c.poller.Root(), func() { c.tell(f) }) }
	}
	if c.in.finished || c.in.reset {
		c.in.ended()
	}
	return nil
}

func (c *MemoryConn) tell(f func()) {
	if !c.closed {
		f()
	}
}

// ended calls the function that waits for the end of the stream.
func (h *memoryHalf) ended() {
	if f := h.onEnd; f != nil {
		h.onEnd = nil
		f()
	}
}

// OnHangup is that of the stream below, where it has one: a peer that ends TLS without
// closing the stream has not hung up.
func (t *TLSConn) OnHangup(f func()) error {
	if t.closed {
		return t.fail("set", net.ErrClosed)
	}
	if s, ok := t.stream.(interface{ OnHangup(f func()) error }); ok {
		return s.OnHangup(f)
	}
	return fmt.Errorf("a %T does not tell when its peer hangs up: %w", t.stream, errors.ErrUnsupported)
}
