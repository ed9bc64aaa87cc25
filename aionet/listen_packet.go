package aionet

import (
	"context"
	"errors"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/internal/inside"
)

// ListenPacket opens a socket for datagrams on an address, as net.ListenPacket does:
// udp, udp4, udp6, unixgram. It waits only if the address has a name.
func ListenPacket(ctx context.Context, network, address string) (*PacketConn, error) {
	return new(ListenConfig).ListenPacket(ctx, network, address)
}

// ListenPacket opens a socket for datagrams; see the function of the same name.
// ReusePort and Control hold for it.
func (lc *ListenConfig) ListenPacket(ctx context.Context, network, address string) (*PacketConn, error) {
	p := inside.PollerOf(ctx)
	if p == nil {
		return nil, asyncio.ErrNoLoop
	}
	addrs, err := packetAddrs(ctx, lc.resolver(), network, address, true)
	if err != nil {
		return nil, opError("listen", network, nil, nil, err)
	}
	for _, a := range firstChoice(addrs) {
		var c *PacketConn
		if c, err = lc.listenPacket(p, network, a); err == nil {
			return c, nil
		}
		err = opError("listen", network, nil, netAddr(a, network), err)
	}
	return nil, err
}

func packetAddrs(ctx context.Context, r Resolver, network, address string, listen bool) ([]driver.Addr, error) {
	k, err := kindOf(network)
	if err != nil {
		return nil, err
	}
	if k.Type != driver.Datagram {
		return nil, errors.New(network + " is not for packets: use Dial or Listen")
	}
	return resolve(ctx, r, network, k, address, listen)
}

func (lc *ListenConfig) listenPacket(p inside.Poller, network string, a driver.Addr) (*PacketConn, error) {
	k := driver.Kind{Family: familyOf(a), Type: driver.Datagram}
	fd, err := p.Driver().Network().Socket(k)
	if err != nil {
		return nil, wrapCall("socket", err)
	}
	c := newPacketConn(p, fd, network, k)
	if err := lc.bind(&c.socket, k, network, a, bothFamilies(network, a)); err != nil {
		c.socket.close()
		return nil, err
	}
	c.file = fileOf(c.socket.net, a)
	c.bound()
	return c, nil
}

// bound finishes a socket that has its address.
func (c *PacketConn) bound() {
	if c.kind.Family != driver.Unix {
		c.socket.net.SetOption(c.socket.fd, driver.Broadcast, 1) // as package net does
	}
	c.local = c.addr(c.socket.net.LocalAddr)
}

// DialPacket opens a socket for datagrams that is connected to address: Read and
// Write are to and from that peer alone, and its refusals are errors.
func DialPacket(ctx context.Context, network, address string) (*PacketConn, error) {
	return new(Dialer).DialPacket(ctx, network, address)
}

// DialPacket opens a connected socket for datagrams; see the function of the same
// name. LocalAddr, Resolver and Control hold for it.
func (d *Dialer) DialPacket(ctx context.Context, network, address string) (*PacketConn, error) {
	p := inside.PollerOf(ctx)
	if p == nil {
		return nil, asyncio.ErrNoLoop
	}
	addrs, err := packetAddrs(ctx, d.resolver(), network, address, false)
	if err != nil {
		return nil, opError("dial", network, d.LocalAddr, nil, err)
	}
	to := firstChoice(addrs)[0]
	c, err := d.dialPacket(p, network, to)
	if err != nil {
		return nil, opError("dial", network, d.LocalAddr, netAddr(to, network), err)
	}
	return c, nil
}

func (d *Dialer) dialPacket(p inside.Poller, network string, to driver.Addr) (*PacketConn, error) {
	k := driver.Kind{Family: familyOf(to), Type: driver.Datagram}
	fd, err := p.Driver().Network().Socket(k)
	if err != nil {
		return nil, wrapCall("socket", err)
	}
	c := newPacketConn(p, fd, network, k)
	dialing := &dialing{Dialer: d, poller: p, network: network, kind: k}
	err = dialing.prepare(&c.endpoint, to)
	if err == nil {
		err = wrapCall("connect", c.socket.net.Connect(fd, to))
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	c.remote = netAddr(to, network)
	c.bound()
	return c, nil
}
