//go:build linux && !asyncio_portable

package netsim_test

import (
	"net/netip"

	"github.com/goasyncio/asyncio/internal/driver"
)

var (
	udp  = driver.Kind{Family: driver.IPv4, Type: driver.Datagram}
	udp6 = driver.Kind{Family: driver.IPv6, Type: driver.Datagram}
)

func (p *play) bound(k driver.Kind, a driver.Addr) (int, driver.Addr) {
	fd := p.socket(k)
	p.note("bind", p.Bind(fd, a))
	return fd, p.local(fd)
}

func (p *play) sendTo(fd int, text string, to driver.Addr) {
	n, err := p.SendMsg(fd, []byte(text), nil, to)
	p.num("sendmsg", n, err)
	p.settle()
}

// recv notes what came, and whether it is from the sender that it should be from.
func (p *play) recv(fd, room int, from driver.Addr) {
	buf := make([]byte, room)
	m, err := p.RecvMsg(fd, buf, nil)
	p.note("recvmsg", string(buf[:m.N]), m.Truncated, m.From == from, m.OOBN, err)
}

var udpSituations = []situation{
	{"a UDP socket that is nothing yet", func(p *play) {
		u := p.socket(udp)
		p.events(u)
		p.read(u, 1)
		p.send(u, "x")
		p.peer(u)
		p.note("error", p.SocketError(u))
		p.note("listen", p.Listen(u, 1))
		p.accept(u)
		p.note("is at", p.local(u).IP.Addr(), p.local(u).IP.Port() != 0)
		p.shut(u, driver.ShutBoth)
		p.events(u)
		p.read(u, 1)
	}},
	{"datagrams back and forth", func(p *play) {
		a, atA := p.bound(udp, at("127.0.0.1:0"))
		b, atB := p.bound(udp, at("127.0.0.1:0"))
		for _, text := range []string{"one", "", "three"} {
			p.sendTo(a, text, atB)
		}
		p.events(b)
		p.recv(b, 10, atA)
		p.recv(b, 10, atA)
		p.recv(b, 2, atA)
		p.recv(b, 10, driver.Addr{})
		p.sendTo(b, "back", atA)
		p.read(a, 2)
		p.read(a, 2)
		p.sendTo(a, "x", driver.Addr{})
		p.note("bind", p.Bind(a, at("127.0.0.1:0")))
		n, err := p.Writev(a, [][]byte{[]byte("x")})
		p.num("writev", n, err)
	}},
	{"a datagram that is too long", func(p *play) {
		a, atA := p.bound(udp, at("127.0.0.1:0"))
		_, err := p.SendMsg(a, make([]byte, 65_508), nil, atA)
		p.note("too long", err)
		n, err := p.SendMsg(a, make([]byte, 65_507), nil, atA)
		p.num("as long as can be", n, err)
		p.settle()
		m, err := p.RecvMsg(a, make([]byte, 70_000), nil)
		p.note("came", m.N, m.Truncated, err)
	}},
	{"a connected UDP socket whose peer is gone", func(p *play) {
		b, atB := p.bound(udp, at("127.0.0.1:0"))
		p.close(b)
		a := p.socket(udp)
		p.note("connect", p.Connect(a, atB))
		p.peer(a)
		p.note("error", p.SocketError(a))
		p.send(a, "anybody?")
		p.events(a)
		p.read(a, 1)
		p.read(a, 1)
		p.send(a, "anybody?")
		p.send(a, "told")
		p.send(a, "anybody?")
		p.note("error", p.SocketError(a))
		p.note("error", p.SocketError(a))
	}},
	{"an unconnected UDP socket to nobody", func(p *play) {
		b, atB := p.bound(udp, at("127.0.0.1:0"))
		p.close(b)
		a, _ := p.bound(udp, at("127.0.0.1:0"))
		p.sendTo(a, "anybody?", atB)
		p.events(a)
		p.read(a, 1)
	}},
	{"a connected UDP socket and a stranger", func(p *play) {
		a, atA := p.bound(udp, at("127.0.0.1:0"))
		b, atB := p.bound(udp, at("127.0.0.1:0"))
		s, _ := p.bound(udp, at("127.0.0.1:0"))
		p.note("connect", p.Connect(a, atB))
		p.sendTo(s, "stranger", atA)
		p.sendTo(b, "friend", atA)
		p.recv(a, 10, atB)
		p.recv(a, 10, atB)
		p.sendTo(a, "elsewhere", p.local(s))
		p.recv(s, 10, atA)
		p.note("connect", p.Connect(a, p.local(s)))
		p.send(a, "again")
		p.recv(s, 10, atA)
	}},
	{"a UDP socket that is shut down", func(p *play) {
		a, atA := p.bound(udp, at("127.0.0.1:0"))
		b, _ := p.bound(udp, at("127.0.0.1:0"))
		p.note("connect", p.Connect(a, p.local(b)))
		p.sendTo(b, "before", atA)
		p.shut(a, driver.ShutWrite)
		p.events(a)
		p.send(a, "x")
		p.shut(a, driver.ShutRead)
		p.events(a)
		p.read(a, 10)
		p.read(a, 10)
		p.sendTo(b, "after", atA)
		p.read(a, 10)
	}},
	{"UDP between families", func(p *play) {
		six := p.socket(udp6)
		p.set(six, driver.V6Only, 0)
		p.note("bind", p.Bind(six, at("[::]:0")))
		four, at4 := p.bound(udp, at("127.0.0.1:0"))
		port := p.local(six).IP.Port()
		p.sendTo(four, "hello", driver.Addr{IP: netip.AddrPortFrom(at4.IP.Addr(), port)})
		buf := make([]byte, 10)
		m, err := p.RecvMsg(six, buf, nil)
		p.note("came", m.N, m.From.IP.Addr(), err)
		p.sendTo(six, "back", m.From)
		p.recv(four, 10, driver.Addr{IP: netip.AddrPortFrom(at4.IP.Addr(), port)})
		p.sendTo(six, "x", at4)
		p.sendTo(four, "x", driver.Addr{IP: netip.AddrPortFrom(netip.IPv6Loopback(), port)})
		p.note("connect", p.Connect(four, at("[::1]:1")))
		p.note("is at", p.local(six).IP.Addr())
	}},
	{"a UDP socket without an address", func(p *play) {
		b, atB := p.bound(udp, at("127.0.0.1:0"))
		a := p.socket(udp)
		p.sendTo(a, "x", atB)
		p.note("is at", p.local(a).IP.Addr(), p.local(a).IP.Port() != 0)
		m, err := p.RecvMsg(b, make([]byte, 1), nil)
		p.note("came", m.From.IP.Addr(), m.From.IP.Port() == p.local(a).IP.Port(), err)
		c := p.socket(udp)
		p.note("connect", p.Connect(c, atB))
		p.note("is at", p.local(c).IP.Addr(), p.local(c).IP.Port() != 0)
	}},
	{"UDP to where nothing goes", func(p *play) {
		a, _ := p.bound(udp, at("127.0.0.1:0"))
		p.sendTo(a, "x", at("127.0.0.1:0"))
		p.sendTo(a, "x", at("255.255.255.255:9"))
		p.sendTo(a, "x", driver.Addr{Unix: true, Name: "/x"})
		p.note("connect", p.Connect(a, driver.Addr{}))
	}},
	{"one UDP port for two", func(p *play) {
		for _, o := range []driver.Option{driver.ReuseAddr, driver.ReusePort, driver.KeepAlive} {
			a, b := p.socket(udp), p.socket(udp)
			p.set(a, o, 1)
			p.note("bind", p.Bind(a, at("127.0.0.1:0")))
			where := p.local(a)
			p.note("bind", p.Bind(b, where))
			p.set(b, o, 1)
			p.note("bind", p.Bind(b, where))
		}
	}},
	{"options of every kind of socket", func(p *play) {
		for f := driver.IPv4; f <= driver.Unix; f++ {
			for t := driver.Stream; t <= driver.SeqPacket; t++ {
				fd, err := p.Socket(driver.Kind{Family: f, Type: t})
				p.note("socket", err)
				if err != nil {
					continue
				}
				p.open = append(p.open, fd)
				for o := range driver.V6Only + 1 {
					v, err := p.Option(fd, o)
					if o == driver.ReadBuffer || o == driver.WriteBuffer {
						v = 0
					}
					p.note("option", o, v, err)
					p.set(fd, o, 1)
					v, err = p.Option(fd, o)
					p.note("option", o, v, err)
				}
			}
		}
	}},
}
