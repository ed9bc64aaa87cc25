package aionet

import (
	"context"
	"io"
	"net"
	"time"

	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/internal/inside"
)

// A Conn is a connection of sockets on the loop: tcp, unix or unixpacket, or a
// descriptor that was adopted. It is a [Stream]. What it says of addresses and
// errors is what package net says.
type Conn struct {
	socket  socket
	network string
	kind    driver.Kind
	local   net.Addr
	remote  net.Addr
}

var _ Stream = (*Conn)(nil)

// newConn makes fd a connection. peer may be nil: then the system is asked.
func newConn(p inside.Poller, fd int, network string, k driver.Kind, peer net.Addr) *Conn {
	c := &Conn{network: network, kind: k, remote: peer}
	c.socket.open(p, fd, k)
	c.local = c.addr(c.socket.net.LocalAddr)
	if peer == nil {
		c.remote = c.addr(c.socket.net.PeerAddr)
	}
	return c
}

func (c *Conn) addr(ask func(fd int) (driver.Addr, error)) net.Addr {
	a, err := ask(c.socket.fd)
	if err != nil {
		return nil
	}
	return netAddr(a, c.network)
}

// Read is ReadContext under the context of the calling task.
func (c *Conn) Read(p []byte) (int, error) {
	ctx, err := c.socket.poller.Context()
	if err != nil {
		return 0, c.fail("read", err)
	}
	return c.ReadContext(ctx, p)
}

// Write is WriteContext under the context of the calling task.
func (c *Conn) Write(p []byte) (int, error) {
	ctx, err := c.socket.poller.Context()
	if err != nil {
		return 0, c.fail("write", err)
	}
	return c.WriteContext(ctx, p)
}

// ReadContext waits until there is data and reads what fits into p; at the end of
// the stream it returns io.EOF. A cancelled read has taken nothing.
func (c *Conn) ReadContext(ctx context.Context, p []byte) (int, error) {
	n, err := c.socket.read(ctx, p)
	if err != nil {
		return n, c.fail("read", err)
	}
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// WriteContext waits until the system has taken all of p. With an error it returns
// how much was taken; after a cancellation in the middle of p the connection refuses
// further writes with [ErrPartialWrite]. A deadline does not do that: whoever sets
// one goes on where it stopped.
func (c *Conn) WriteContext(ctx context.Context, p []byte) (int, error) {
	n, err := c.socket.write(ctx, p)
	if err != nil {
		return n, c.fail("write", err)
	}
	return n, nil
}

// WithContext is [Bind] for c: a view whose Read and Write wait under ctx.
func (c *Conn) WithContext(ctx context.Context) net.Conn { return Bind(ctx, c) }

// Close closes the connection; waits on it end with net.ErrClosed. What was written
// is still sent, unless linger says otherwise. It does not wait, and may be called
// twice: the second time it returns net.ErrClosed, as package net does.
func (c *Conn) Close() error {
	first, err := c.socket.close()
	if !first {
		err = net.ErrClosed
	}
	return c.fail("close", err)
}

// Abort closes the connection at once. What was written and not sent is dropped, and
// the peer of a TCP connection sees a reset.
func (c *Conn) Abort() error {
	if !c.socket.closed && isTCP(c.kind) {
		c.socket.net.SetOption(c.socket.fd, driver.Linger, 0) // without it this is a Close
	}
	return c.Close()
}

// CloseWrite tells the peer that no more will come; reading goes on.
func (c *Conn) CloseWrite() error { return c.shutdown(driver.ShutWrite) }

// CloseRead makes reads return io.EOF. What the peer still sends is dropped.
func (c *Conn) CloseRead() error { return c.shutdown(driver.ShutRead) }

func (c *Conn) shutdown(how driver.How) error {
	if c.socket.closed {
		return c.fail("close", net.ErrClosed)
	}
	return c.fail("close", wrapCall("shutdown", c.socket.net.Shutdown(c.socket.fd, how)))
}

// LocalAddr is the address of this end. It stays known after Close.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr is the address of the peer.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline is SetReadDeadline and SetWriteDeadline.
func (c *Conn) SetDeadline(t time.Time) error {
	return c.deadline(t, &c.socket.in, &c.socket.out)
}

// SetReadDeadline makes reads fail with os.ErrDeadlineExceeded from t on, the one
// that waits as well; the zero time is never. The clock is the loop's:
// asyncio.Now(ctx).Add(d) is right under a virtual clock as well.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.deadline(t, &c.socket.in) }

// SetWriteDeadline is SetReadDeadline for writes.
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.deadline(t, &c.socket.out) }

func (c *Conn) deadline(t time.Time, halves ...*half) error {
	if c.socket.closed {
		return c.fail("set", net.ErrClosed)
	}
	for _, h := range halves {
		c.socket.setDeadline(h, t)
	}
	return nil
}

// fail is err as package net would return it.
func (c *Conn) fail(op string, err error) error {
	return opError(op, c.network, c.local, c.remote, err)
}
