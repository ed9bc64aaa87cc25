package aionet

import (
	"context"
	"io"
	"net"

	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/internal/inside"
)

// A Conn is a connection of sockets on the loop: tcp, unix or unixpacket, or a
// descriptor that was adopted. It is a [Stream]. What it says of addresses and
// errors is what package net says.
type Conn struct{ endpoint }

var _ Stream = (*Conn)(nil)

// newConn makes fd a connection. peer may be nil: then the system is asked.
func newConn(p inside.Poller, fd int, network string, k driver.Kind, peer net.Addr) *Conn {
	c := new(Conn)
	c.open(p, fd, network, k)
	c.local, c.remote = c.addr(c.socket.net.LocalAddr), peer
	if peer == nil {
		c.remote = c.addr(c.socket.net.PeerAddr)
	}
	return c
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

// ended tells whether nothing more can be read.
func (c *Conn) ended() bool { return c.socket.closed || c.socket.over }

// WithContext is [Bind] for c: a view whose Read and Write wait under ctx.
func (c *Conn) WithContext(ctx context.Context) net.Conn { return Bind(ctx, c) }

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
