package aionet

import (
	"net"
	"syscall"
	"time"

	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/internal/inside"
)

// An endpoint is what connections of bytes and of packets have in common.
type endpoint struct {
	socket  socket
	network string
	kind    driver.Kind
	local   net.Addr
	remote  net.Addr    // nil for packets without a fixed peer
	file    *socketFile // of a Unix socket; nil where there is none
}

func (e *endpoint) open(p inside.Poller, fd int, network string, k driver.Kind) {
	e.network, e.kind = network, k
	e.socket.open(p, fd, k)
}

// addr is what the system answers, as package net has it.
func (e *endpoint) addr(ask func(fd int) (driver.Addr, error)) net.Addr {
	a, err := ask(e.socket.fd)
	if err != nil {
		return nil
	}
	return netAddr(a, e.network)
}

// LocalAddr is the address of this end. It stays known after Close.
func (e *endpoint) LocalAddr() net.Addr { return e.local }

// RemoteAddr is the address of the peer; nil for a socket that has no fixed one.
func (e *endpoint) RemoteAddr() net.Addr { return e.remote }

// Close closes the socket; waits on it end with net.ErrClosed. What was written is
// still sent, unless linger says otherwise. It does not wait, and may be called
// twice: the second time it returns net.ErrClosed, as package net does.
func (e *endpoint) Close() error {
	first, err := e.socket.close()
	if !first {
		return e.fail("close", net.ErrClosed)
	}
	e.file.remove()
	return e.fail("close", err)
}

// SetDeadline is SetReadDeadline and SetWriteDeadline.
func (e *endpoint) SetDeadline(t time.Time) error {
	return e.deadline(t, &e.socket.in, &e.socket.out)
}

// SetReadDeadline makes reads fail with os.ErrDeadlineExceeded from t on, the one
// that waits as well; the zero time is never. The clock is the loop's:
// asyncio.Now(ctx).Add(d) is right under a virtual clock as well.
func (e *endpoint) SetReadDeadline(t time.Time) error { return e.deadline(t, &e.socket.in) }

// SetWriteDeadline is SetReadDeadline for writes.
func (e *endpoint) SetWriteDeadline(t time.Time) error { return e.deadline(t, &e.socket.out) }

func (e *endpoint) deadline(t time.Time, halves ...*half) error {
	if e.socket.closed {
		return e.fail("set", net.ErrClosed)
	}
	for _, h := range halves {
		e.socket.setDeadline(h, t)
	}
	return nil
}

// SetIdleTimeout makes a read that has to wait for longer than d fail with
// os.ErrDeadlineExceeded, and those after it, until it is set again; 0 is no limit. A
// deadline, while there is one, holds instead. It costs no timer for each read.
func (e *endpoint) SetIdleTimeout(d time.Duration) {
	e.socket.setLimit(&e.socket.in, d)
}

// OnReadable makes the loop call f once, when there is something to read, the end
// included, when a deadline has passed or the connection is closed: asyncio's
// add_reader, for connections that need no task while nothing comes. Until then it
// counts as the reader (rule N1). f must not wait; it may start a task.
func (e *endpoint) OnReadable(f func()) error {
	return e.fail("read", e.socket.whenReadable(f))
}

// SetReadBuffer sets the size of the system's buffer for what has come.
func (e *endpoint) SetReadBuffer(bytes int) error { return e.set(driver.ReadBuffer, bytes) }

// SetWriteBuffer sets the size of the system's buffer for what is to be sent.
func (e *endpoint) SetWriteBuffer(bytes int) error { return e.set(driver.WriteBuffer, bytes) }

func (e *endpoint) set(o driver.Option, value int) error {
	if e.socket.closed {
		return e.fail("set", net.ErrClosed)
	}
	return e.fail("set", wrapCall("setsockopt", e.socket.net.SetOption(e.socket.fd, o, value)))
}

// SyscallConn is the descriptor, for settings that this package does not know. Its
// Read and Write wait under the context of the calling task until their function
// returns true. A descriptor of a simulated network is a number and nothing else.
func (e *endpoint) SyscallConn() (syscall.RawConn, error) {
	if e.socket.closed {
		return nil, e.fail("raw-control", net.ErrClosed)
	}
	return &rawConn{&e.socket}, nil
}

// fail is err as package net would return it.
func (e *endpoint) fail(op string, err error) error {
	if op == "set" {
		return e.failTo(op, nil, err) // it is about this end alone
	}
	return e.failTo(op, e.remote, err)
}

// failTo is fail for a call about addr. Where there is no other, it is our own.
func (e *endpoint) failTo(op string, addr net.Addr, err error) error {
	source := e.local
	if addr == nil {
		addr, source = e.local, nil
	}
	return opError(op, e.network, source, addr, err)
}
