package asynciotest_test

import (
	"context"
	"net"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/internal/inside"
)

// A netListener is a listener of package net for the tasks of a loop, as a netStream
// is a connection.
type netListener struct {
	net.Listener
	ctx    context.Context
	accept netDirection
}

var _ asynciotest.Listener[*netStream] = (*netListener)(nil)

// deadliner is what all listeners of package net have.
type deadliner interface{ SetDeadline(time.Time) error }

func newNetListener(ctx context.Context, l net.Listener) *netListener {
	n := &netListener{Listener: l, ctx: ctx}
	n.accept.set = l.(deadliner).SetDeadline
	return n
}

func (l *netListener) AcceptContext(ctx context.Context) (*netStream, error) {
	if err := asyncio.Checkpoint(ctx); err != nil {
		return nil, err
	}
	if l.accept.busy {
		return nil, asyncio.ErrBusy
	}
	c, err := interruptible(ctx, &l.accept, l.Listener.Accept)
	if c == nil {
		return nil, err
	}
	return newNetStream(l.ctx, c), nil
}

func (l *netListener) Accept() (net.Conn, error) {
	ctx, err := inside.PollerOf(l.ctx).Context()
	if err != nil {
		return nil, err
	}
	c, err := l.AcceptContext(ctx)
	if err != nil {
		return nil, err
	}
	return c, nil
}

func (l *netListener) SetDeadline(t time.Time) error { return l.accept.setDeadline(t) }

// dialNet connects on a thread.
func dialNet(ctx context.Context, to net.Addr) (*netStream, error) {
	c, err := asyncio.ToThread(ctx, func(context.Context) (net.Conn, error) { return net.Dial(to.Network(), to.String()) })
	if err != nil {
		return nil, err
	}
	return newNetStream(ctx, c), nil
}

// A netPackets is a socket for datagrams of package net for the tasks of a loop.
type netPackets struct {
	*netStream
	packets net.PacketConn
}

var _ asynciotest.PacketConn = (*netPackets)(nil)

func newNetPackets(ctx context.Context, c net.PacketConn) *netPackets {
	return &netPackets{newNetStream(ctx, c.(net.Conn)), c}
}

func (c *netPackets) ReadFromContext(ctx context.Context, p []byte) (n int, from net.Addr, err error) {
	n, err = c.call(ctx, &c.read, "read", 1, func() (n int, err error) {
		n, from, err = c.packets.ReadFrom(p)
		return n, err
	})
	return n, from, err
}

func (c *netPackets) WriteToContext(ctx context.Context, p []byte, to net.Addr) (int, error) {
	return c.call(ctx, &c.write, "write", 1, func() (int, error) { return c.packets.WriteTo(p, to) })
}

func (c *netPackets) ReadFrom(p []byte) (int, net.Addr, error) {
	ctx, err := c.loop.Context()
	if err != nil {
		return 0, nil, err
	}
	return c.ReadFromContext(ctx, p)
}

func (c *netPackets) WriteTo(p []byte, to net.Addr) (int, error) {
	ctx, err := c.loop.Context()
	if err != nil {
		return 0, err
	}
	return c.WriteToContext(ctx, p, to)
}
