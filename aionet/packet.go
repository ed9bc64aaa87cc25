package aionet

import (
	"context"
	"net"
	"net/netip"
	"syscall"

	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/internal/inside"
)

// A PacketConn is a socket for datagrams on the loop: udp or unixgram. It is a
// net.PacketConn, and one that [DialPacket] has connected is a net.Conn as well.
// Each read takes one datagram, an empty one included; each write sends one.
type PacketConn struct{ endpoint }

var (
	_ net.PacketConn = (*PacketConn)(nil)
	_ net.Conn       = (*PacketConn)(nil)
)

// A Datagram tells about what ReadMessage has taken.
type Datagram struct {
	N         int      // bytes in p
	OOBN      int      // bytes of ancillary data in oob
	Truncated bool     // it was longer than p: the rest is lost
	From      net.Addr // nil where the sender has no address
}

func newPacketConn(p inside.Poller, fd int, network string, k driver.Kind) *PacketConn {
	c := new(PacketConn)
	c.open(p, fd, network, k)
	c.socket.in.what = "a datagram"
	return c
}

// ReadFromContext waits for a datagram and copies what fits into p; the rest of a
// longer one is lost, as it is with package net: [PacketConn.ReadMessage] tells. A
// cancelled read has taken none.
func (c *PacketConn) ReadFromContext(ctx context.Context, p []byte) (int, net.Addr, error) {
	m, err := c.receive(ctx, p, nil)
	return m.N, c.sender(m), err
}

// ReadFromAddrPort is ReadFromContext for IP networks, without an allocation.
func (c *PacketConn) ReadFromAddrPort(ctx context.Context, p []byte) (int, netip.AddrPort, error) {
	m, err := c.receive(ctx, p, nil)
	return m.N, unmapped(m.From.IP), err
}

// ReadMessage is ReadFromContext with the ancillary data, and with the news that a
// datagram was longer than p.
func (c *PacketConn) ReadMessage(ctx context.Context, p, oob []byte) (Datagram, error) {
	m, err := c.receive(ctx, p, oob)
	return Datagram{N: m.N, OOBN: m.OOBN, Truncated: m.Truncated, From: c.sender(m)}, err
}

func (c *PacketConn) sender(m driver.Message) net.Addr {
	if m.From == (driver.Addr{}) {
		return nil
	}
	return netAddr(m.From, c.network)
}

func (c *PacketConn) receive(ctx context.Context, p, oob []byte) (driver.Message, error) {
	s := &c.socket
	if err := s.enter(ctx, &s.in); err != nil {
		return driver.Message{}, c.fail("read", err)
	}
	for {
		if s.in.ready {
			m, err := s.net.RecvMsg(s.fd, p, oob)
			if err == nil {
				s.in.spent += m.N
				return m, nil
			}
			if err != syscall.EAGAIN {
				return driver.Message{}, c.fail("read", wrapCall("recvmsg", err))
			}
			s.in.ready = false
		}
		if err := s.await(ctx, &s.in); err != nil {
			return driver.Message{}, c.fail("read", err)
		}
	}
}

// WriteToContext sends p as one datagram to addr. It waits while the system has no
// room for it; that the system has taken it does not mean that it arrives.
func (c *PacketConn) WriteToContext(ctx context.Context, p []byte, addr net.Addr) (int, error) {
	to := seamAddr(addr)
	switch {
	case c.remote != nil:
		return 0, c.failTo("write", addr, net.ErrWriteToConnected)
	case to == driver.Addr{}:
		return 0, c.failTo("write", addr, syscall.EDESTADDRREQ)
	case to.Unix != (c.kind.Family == driver.Unix):
		return 0, &net.OpError{Op: "write", Net: c.network, Source: c.local, Addr: addr, Err: syscall.EINVAL}
	}
	return c.send(ctx, p, to, addr)
}

// WriteToAddrPort is WriteToContext for IP networks, without an allocation.
func (c *PacketConn) WriteToAddrPort(ctx context.Context, p []byte, to netip.AddrPort) (int, error) {
	if c.remote != nil {
		return 0, c.failTo("write", net.UDPAddrFromAddrPort(to), net.ErrWriteToConnected)
	}
	return c.send(ctx, p, driver.Addr{IP: to}, nil)
}

func (c *PacketConn) send(ctx context.Context, p []byte, to driver.Addr, addr net.Addr) (int, error) {
	s := &c.socket
	if err := s.enter(ctx, &s.out); err != nil {
		return 0, c.failTo("write", addr, err)
	}
	switch {
	case to.IP.Addr().Is4() && c.kind.Family == driver.IPv6:
		to.IP = netip.AddrPortFrom(netip.AddrFrom16(to.IP.Addr().As16()), to.IP.Port())
	case c.kind.Family == driver.IPv4:
		to.IP = unmapped(to.IP)
	}
	for {
		if s.out.ready {
			n, err := s.net.SendMsg(s.fd, p, nil, to)
			if err == nil {
				s.out.spent += n
				return n, nil
			}
			if err != syscall.EAGAIN {
				return 0, c.failTo("write", addr, wrapCall("sendmsg", err))
			}
			s.out.ready = false
		}
		if err := c.awaitRoom(ctx, to); err != nil {
			return 0, c.failTo("write", addr, err)
		}
	}
}

// awaitRoom waits until a datagram that was refused may be taken. A Unix socket that
// is not connected is writable while its receiver is full: the attempt itself, which
// takes and gives back a buffer, is told as an event, and the loop would spin. There
// only time helps.
func (c *PacketConn) awaitRoom(ctx context.Context, to driver.Addr) error {
	if to.Unix {
		return c.socket.pause(ctx, &c.socket.out)
	}
	return c.socket.await(ctx, &c.socket.out)
}

// ReadFrom is ReadFromContext under the context of the calling task.
func (c *PacketConn) ReadFrom(p []byte) (int, net.Addr, error) {
	ctx, err := c.socket.poller.Context()
	if err != nil {
		return 0, nil, c.fail("read", err)
	}
	return c.ReadFromContext(ctx, p)
}

// WriteTo is WriteToContext under the context of the calling task.
func (c *PacketConn) WriteTo(p []byte, addr net.Addr) (int, error) {
	ctx, err := c.socket.poller.Context()
	if err != nil {
		return 0, c.failTo("write", addr, err)
	}
	return c.WriteToContext(ctx, p, addr)
}

// ReadContext is ReadFromContext without the sender.
func (c *PacketConn) ReadContext(ctx context.Context, p []byte) (int, error) {
	m, err := c.receive(ctx, p, nil)
	return m.N, err
}

// WriteContext sends p to the peer of a connected socket.
func (c *PacketConn) WriteContext(ctx context.Context, p []byte) (int, error) {
	if c.remote == nil {
		return 0, c.fail("write", syscall.EDESTADDRREQ)
	}
	return c.send(ctx, p, driver.Addr{}, c.remote)
}

// Read is ReadContext under the context of the calling task.
func (c *PacketConn) Read(p []byte) (int, error) {
	n, _, err := c.ReadFrom(p)
	return n, err
}

// Write is WriteContext under the context of the calling task.
func (c *PacketConn) Write(p []byte) (int, error) {
	ctx, err := c.socket.poller.Context()
	if err != nil {
		return 0, c.failTo("write", c.remote, err)
	}
	return c.WriteContext(ctx, p)
}
