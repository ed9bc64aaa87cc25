package aionet

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/inside"
)

// DefaultBuffer is the size in bytes of buffers that nobody gave another size: of each
// direction of a memory stream, and of a [Reader].
const DefaultBuffer = 64 << 10

// A MemoryConn is one end of a stream within the process, made by [Pipe] or a
// [MemoryListener]. It behaves like a TCP connection without a network: bytes have a
// bounded buffer, each direction can be closed by itself, what was written before a
// Close can still be read, and an Abort resets the peer. Its deadlines are on the
// loop's clock, so that it is the stream for tests under a virtual one.
//
// Both ends belong to the loop on which they were made.
type MemoryConn struct {
	poller        inside.Poller
	in, out       *memoryHalf
	local, remote MemoryAddr
	closed        bool
	readLimit     timeLimit
	writeLimit    timeLimit
}

// A MemoryAddr is the address of a memory stream or listener: a name and no more.
type MemoryAddr string

// Network is "memory".
func (a MemoryAddr) Network() string { return "memory" }

func (a MemoryAddr) String() string { return string(a) }

// Pipe makes a stream within the process and returns its two ends. Each direction
// holds up to buffer bytes, for example [DefaultBuffer], and then the writer waits.
// Where buffer is 0 a write waits until its bytes have been read, as with [net.Pipe].
// Pipe panics where ctx does not lead to a running loop, or buffer is negative.
func Pipe(ctx context.Context, buffer int) (a, b *MemoryConn) {
	return newPipe(ctx, buffer, "pipe:a", "pipe:b")
}

func newPipe(ctx context.Context, buffer int, a, b MemoryAddr) (*MemoryConn, *MemoryConn) {
	if buffer < 0 {
		panic("aionet: a pipe cannot have a buffer of less than 0 bytes")
	}
	p := inside.PollerOf(ctx)
	if p == nil {
		panic(asyncio.ErrNoLoop)
	}
	there, back := &memoryHalf{limit: buffer}, &memoryHalf{limit: buffer}
	return newMemoryConn(p, back, there, a, b), newMemoryConn(p, there, back, b, a)
}

func newMemoryConn(p inside.Poller, in, out *memoryHalf, local, remote MemoryAddr) *MemoryConn {
	return &MemoryConn{
		poller: p, in: in, out: out, local: local, remote: remote,
		readLimit:  timeLimit{poller: p, line: &in.readers},
		writeLimit: timeLimit{poller: p, line: &out.writers},
	}
}

// ReadContext waits until there is at least one byte and moves up to len(p) bytes to p.
// At the end of the stream it returns io.EOF. A read that is cancelled took nothing
// (rule C3). A second reader gets [asyncio.ErrBusy] (rule N1).
func (c *MemoryConn) ReadContext(ctx context.Context, p []byte) (int, error) {
	n, err := c.in.read(ctx, p, conditions{&c.closed, &c.readLimit})
	return n, c.fail("read", err)
}

// WriteContext waits until all of p is in the peer's buffer. Where it is cancelled, or
// its deadline passes, it returns how many bytes are; after a cancellation in the
// middle of p every later write fails with [ErrPartialWrite]. A second writer gets
// [asyncio.ErrBusy] (rule N1).
func (c *MemoryConn) WriteContext(ctx context.Context, p []byte) (int, error) {
	n, err := c.out.write(ctx, p, false, conditions{&c.closed, &c.writeLimit})
	return n, c.fail("write", err)
}

// writeSome waits until at least one byte of p is on its way and returns how many are.
// Cancelled, it wrote nothing.
func (c *MemoryConn) writeSome(ctx context.Context, p []byte) (int, error) {
	n, err := c.out.write(ctx, p, true, conditions{&c.closed, &c.writeLimit})
	return n, c.fail("write", err)
}

// tryWrite writes what can be written without a wait, which may be nothing.
func (c *MemoryConn) tryWrite(p []byte) (int, error) {
	if err := c.out.writable(conditions{&c.closed, &c.writeLimit}); err != nil {
		return 0, c.fail("write", err)
	}
	return c.out.put(p), nil
}

// Read is [MemoryConn.ReadContext] under the context of the running task.
func (c *MemoryConn) Read(p []byte) (int, error) {
	ctx, err := c.poller.Context()
	if err != nil {
		return 0, err
	}
	return c.ReadContext(ctx, p)
}

// Write is [MemoryConn.WriteContext] under the context of the running task.
func (c *MemoryConn) Write(p []byte) (int, error) {
	ctx, err := c.poller.Context()
	if err != nil {
		return 0, err
	}
	return c.WriteContext(ctx, p)
}

// ended tells whether nothing more can be read.
func (c *MemoryConn) ended() bool { return c.closed || c.in.over || c.in.reset }

// Close closes both directions. The peer still reads what was written, and then
// io.EOF; its writes fail with EPIPE. Waits of this end return [net.ErrClosed], and
// so does a second Close.
func (c *MemoryConn) Close() error {
	if c.closed {
		return c.fail("close", net.ErrClosed)
	}
	c.closed = true
	c.readLimit.stop()
	c.writeLimit.stop()
	c.out.finish()
	c.in.refuse()
	return nil
}

// CloseWrite tells the peer that nothing more will come: it reads what was written and
// then io.EOF. Reading goes on.
func (c *MemoryConn) CloseWrite() error {
	if c.closed {
		return c.fail("close", net.ErrClosed)
	}
	c.out.finish()
	return nil
}

// Abort closes the stream and drops what the peer has not read: its reads and writes
// fail with ECONNRESET.
func (c *MemoryConn) Abort() error {
	if !c.closed {
		c.out.abort()
		c.in.abort()
	}
	return c.Close()
}

// LocalAddr is a [MemoryAddr].
func (c *MemoryConn) LocalAddr() net.Addr { return c.local }

// RemoteAddr is the peer's [MemoryAddr].
func (c *MemoryConn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline sets both deadlines, times on the loop's clock (see [asyncio.Now]), for
// waits under way and later ones; the zero time takes them away.
func (c *MemoryConn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// SetReadDeadline is [MemoryConn.SetDeadline] for reads alone. After it they fail with
// [os.ErrDeadlineExceeded] and take nothing.
func (c *MemoryConn) SetReadDeadline(t time.Time) error { return c.setLimit(&c.readLimit, t) }

// SetWriteDeadline is [MemoryConn.SetDeadline] for writes alone.
func (c *MemoryConn) SetWriteDeadline(t time.Time) error { return c.setLimit(&c.writeLimit, t) }

// SetIdleTimeout makes a read that has to wait for longer than d fail with
// [os.ErrDeadlineExceeded], and those after it, until it is set again; 0 is no limit. A
// deadline, while there is one, holds instead.
func (c *MemoryConn) SetIdleTimeout(d time.Duration) {
	if !c.closed && !hasEnded(c.poller) {
		c.readLimit.set(time.Time{})
		c.readLimit.each = max(d, 0)
	}
}

func (c *MemoryConn) setLimit(d *timeLimit, t time.Time) error {
	if c.closed || hasEnded(c.poller) {
		return c.fail("set", net.ErrClosed)
	}
	d.set(t)
	return nil
}

// fail is err as package net would return it.
func (c *MemoryConn) fail(op string, err error) error {
	if err == nil {
		return nil // before the addresses become interfaces, which allocates
	}
	return opError(op, "memory", c.local, c.remote, err)
}
