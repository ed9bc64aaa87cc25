//go:build linux && !asyncio_portable

package netsim_test

import (
	"net/netip"

	"github.com/goasyncio/asyncio/internal/driver"
)

// A situation is a few calls in a row.
type situation struct {
	name string
	play func(p *play)
}

var situations = slicesOf(tcpBeginnings, tcpConnects, tcpEnds, tcpNames, udpSituations, unixSituations)

func slicesOf(all ...[]situation) (flat []situation) {
	for _, s := range all {
		flat = append(flat, s...)
	}
	return flat
}

var tcpBeginnings = []situation{
	{"a socket that is nothing yet", func(p *play) {
		fd := p.socket(tcp)
		p.all(fd)
		p.shut(fd, driver.ShutBoth)
		p.accept(fd)
		p.note("is at", p.local(fd))
		p.num("write of nothing", 0, second(p.Write(fd, nil)))
		p.num("read of nothing", 0, second(p.Read(fd, nil)))
		p.num("recv of nothing", 0, second(p.Recv(fd, nil)))
	}},
	{"a listener", func(p *play) {
		l, a := p.listener(tcp)
		p.all(l)
		p.note("connect", p.Connect(l, a))
		p.note("listen", p.Listen(l, 10))
		p.note("bind", p.Bind(l, at("127.0.0.1:0")))
		p.accept(l)
		p.note("is at port 0", p.local(l).IP.Port() == 0)
		p.shut(l, driver.ShutWrite)
		p.events(l)
		p.shut(l, driver.ShutRead)
		p.all(l)
		p.accept(l)
		c := p.socket(tcp)
		p.dial(c, a)
		p.note("listen", p.Listen(l, 10))
		p.dial(c, a)
	}},
	{"listen without bind", func(p *play) {
		fd := p.socket(tcp)
		p.note("listen", p.Listen(fd, 1))
		p.note("has a port", p.local(fd).IP.Port() != 0)
		p.note("is at", p.local(fd).IP.Addr())
	}},
	{"bind twice", func(p *play) {
		fd := p.socket(tcp)
		p.note("bind", p.Bind(fd, at("127.0.0.1:0")))
		p.note("bind", p.Bind(fd, at("127.0.0.1:0")))
		p.events(fd)
		p.shut(fd, driver.ShutRead)
	}},
	{"bind to what is not there, or of another kind", func(p *play) {
		four, six := p.socket(tcp), p.socket(tcp6)
		p.note("bind", p.Bind(four, at("192.0.2.1:0")))
		p.note("bind", p.Bind(six, at("[2001:db8::1]:0")))
		p.note("bind", p.Bind(four, at("[::1]:0")))
		p.note("bind", p.Bind(six, at("127.0.0.1:0")))
		p.note("bind", p.Bind(four, driver.Addr{}))
		p.note("bind", p.Bind(six, at("[::ffff:127.0.0.1]:0")))
		p.note("is at", p.local(six).IP.Addr())
		only := p.socket(tcp6)
		p.set(only, driver.V6Only, 1)
		p.note("bind", p.Bind(only, at("[::ffff:127.0.0.1]:0")))
		p.note("bind", p.Bind(only, at("[::1]:0")))
		p.set(only, driver.V6Only, 0)
	}},
	{"an address that is taken", func(p *play) { shared(p, nil, nil) }},
	{"an address that both reuse", func(p *play) { shared(p, reuse(driver.ReuseAddr), reuse(driver.ReuseAddr)) }},
	{"an address that one reuses", func(p *play) { shared(p, reuse(driver.ReuseAddr), nil) }},
	{"an address that both share", func(p *play) { shared(p, reuse(driver.ReusePort), reuse(driver.ReusePort)) }},
	{"an address that one shares", func(p *play) { shared(p, nil, reuse(driver.ReusePort)) }},
	{"addresses that overlap", func(p *play) {
		for _, pair := range [][2]string{
			{"127.0.0.1", "0.0.0.0"}, {"0.0.0.0", "127.0.0.1"}, {"127.0.0.1", "127.0.0.2"}, {"::", "0.0.0.0"},
			{"0.0.0.0", "::"}, {"::1", "127.0.0.1"}, {"::", "::1"}, {"::", "127.0.0.1"}, {"::1", "::"}, {"::1", "0.0.0.0"},
		} {
			for only := range 2 {
				first := p.boundTo(pair[0], 0, only)
				second := p.boundTo(pair[1], p.local(first).IP.Port(), only)
				p.close(first)
				p.close(second)
			}
		}
	}},
	{"a client that is bound", func(p *play) {
		l, a := p.listener(tcp)
		c, d := p.socket(tcp), p.socket(tcp)
		p.set(c, driver.ReuseAddr, 1)
		p.set(d, driver.ReuseAddr, 1)
		p.note("bind", p.Bind(c, at("127.0.0.1:0")))
		mine := p.local(c)
		p.dial(c, a)
		p.note("same port", p.local(c) == mine)
		p.note("bind", p.Bind(d, mine))
		p.note("the same connection again", p.Connect(d, a))
		p.accept(l)
	}},
}

func second(_ int, err error) error { return err }

func reuse(o driver.Option) func(p *play, fd int) {
	return func(p *play, fd int) { p.set(fd, o, 1) }
}

// shared is two sockets for one address.
func shared(p *play, one, other func(*play, int)) {
	a, b := p.socket(tcp), p.socket(tcp)
	if one != nil {
		one(p, a)
	}
	if other != nil {
		other(p, b)
	}
	p.note("bind", p.Bind(a, at("127.0.0.1:0")))
	where := p.local(a)
	p.note("bind", p.Bind(b, where))
	p.note("listen", p.Listen(a, 1))
	p.note("listen", p.Listen(b, 1))
	third := p.socket(tcp)
	if other != nil {
		other(p, third)
	}
	p.note("bind", p.Bind(third, where))
}

// boundTo is a socket at an address; only counts for IPv6.
func (p *play) boundTo(ip string, port uint16, only int) int {
	a := netip.MustParseAddr(ip)
	k := tcp
	if a.Is6() {
		k = tcp6
	}
	fd := p.socket(k)
	if a.Is6() {
		p.set(fd, driver.V6Only, only)
	}
	p.note("bind "+ip, p.Bind(fd, driver.Addr{IP: netip.AddrPortFrom(a, port)}))
	return fd
}

var tcpConnects = []situation{
	{"connect to nobody", func(p *play) {
		_, a := p.gone()
		c := p.socket(tcp)
		p.note("connect", p.Connect(c, a))
		p.settle()
		p.events(c)
		p.peer(c)
		p.note("socket error", p.SocketError(c))
		p.events(c)
		p.all(c)
		p.shut(c, driver.ShutBoth)
		p.dial(c, a)
	}},
	{"connect to nobody, and read", func(p *play) {
		_, a := p.gone()
		c := p.socket(tcp)
		p.note("connect", p.Connect(c, a))
		p.settle()
		p.read(c, 1)
		p.read(c, 1)
		p.send(c, "x")
	}},
	{"connect to nobody, and write", func(p *play) {
		_, a := p.gone()
		c := p.socket(tcp)
		p.note("connect", p.Connect(c, a))
		p.settle()
		p.send(c, "x")
		p.send(c, "x")
		p.read(c, 1)
	}},
	{"connect to nobody, and ask by connect", func(p *play) {
		_, a := p.gone()
		c := p.socket(tcp)
		for range 4 {
			p.note("connect", p.Connect(c, a))
			p.settle()
		}
	}},
	{"a socket that was refused connects to somebody else", func(p *play) {
		_, a := p.gone()
		l, b := p.listener(tcp)
		c := p.socket(tcp)
		p.dial(c, a)
		p.dial(c, b)
		s := p.accept(l)
		p.send(s, "hello")
		p.read(c, 10)
		p.events(c)
	}},
	{"connect twice", func(p *play) {
		_, a := p.listener(tcp)
		c := p.socket(tcp)
		for range 3 {
			p.note("connect", p.Connect(c, a))
			p.settle()
		}
		p.all(c)
	}},
	{"connect to what a socket cannot reach", func(p *play) {
		four, six, only := p.socket(tcp), p.socket(tcp6), p.socket(tcp6)
		p.set(only, driver.V6Only, 1)
		p.note("connect", p.Connect(four, at("[::1]:1")))
		p.note("connect", p.Connect(six, at("127.0.0.1:1")))
		p.note("connect", p.Connect(only, at("[::ffff:127.0.0.1]:1")))
		p.note("connect", p.Connect(four, driver.Addr{}))
		p.note("connect", p.Connect(four, at("127.0.0.1:0")))
		p.settle()
		p.note("outcome", p.SocketError(four))
		p.note("connect", p.Connect(p.socket(tcp), at("224.0.0.1:80")))
	}},
	{"connect to no particular address", func(p *play) {
		l, a := p.listener(tcp)
		c := p.socket(tcp)
		p.dial(c, driver.Addr{IP: netip.AddrPortFrom(netip.IPv4Unspecified(), a.IP.Port())})
		p.accept(l)
		p.note("is at", p.local(c).IP.Addr())
		other, err := p.PeerAddr(c)
		p.note("peer", other.IP.Addr(), err)
	}},
	{"more connections than the backlog has room for", func(p *play) {
		l := p.socket(tcp)
		p.note("bind", p.Bind(l, at("127.0.0.1:0")))
		p.note("listen", p.Listen(l, 1))
		for range 2 {
			p.dial(p.socket(tcp), p.local(l))
		}
		third := p.socket(tcp)
		p.note("connect", p.Connect(third, p.local(l)))
		for range 2 {
			p.accept(l)
		}
	}},
	{"a listener that is closed before it accepts", func(p *play) {
		l, a := p.listener(tcp)
		c := p.socket(tcp)
		p.dial(c, a)
		p.send(c, "hello")
		p.close(l)
		p.all(c)
	}},
}

// gone is an address where somebody was.
func (p *play) gone() (int, driver.Addr) {
	l, a := p.listener(tcp)
	p.close(l)
	return l, a
}

var tcpNames = []situation{
	{"a listener for both families", func(p *play) {
		l := p.socket(tcp6)
		p.set(l, driver.V6Only, 0)
		p.note("bind", p.Bind(l, at("[::]:0")))
		p.note("listen", p.Listen(l, 5))
		port := p.local(l).IP.Port()
		for _, ip := range []string{"127.0.0.1", "::1", "127.0.0.3"} {
			a := netip.MustParseAddr(ip)
			k := tcp
			if a.Is6() {
				k = tcp6
			}
			c := p.socket(k)
			p.dial(c, driver.Addr{IP: netip.AddrPortFrom(a, port)})
			s, peer, err := p.Accept(l)
			p.note("accept", peer.IP.Addr(), err)
			p.open = append(p.open, s)
			p.note("names", p.local(c).IP.Addr(), p.local(s).IP.Addr())
			p.note("same", p.local(c) == peer)
		}
	}},
	{"a listener for one family", func(p *play) {
		l := p.socket(tcp6)
		p.set(l, driver.V6Only, 1)
		p.note("bind", p.Bind(l, at("[::]:0")))
		p.note("listen", p.Listen(l, 5))
		c := p.socket(tcp)
		p.dial(c, driver.Addr{IP: netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), p.local(l).IP.Port())})
	}},
	{"an IPv6 client of an IPv4 server", func(p *play) {
		l, a := p.listener(tcp)
		c := p.socket(tcp6)
		p.dial(c, driver.Addr{IP: netip.AddrPortFrom(netip.AddrFrom16(a.IP.Addr().As16()), a.IP.Port())})
		p.note("is at", p.local(c).IP.Addr())
		s, peer, err := p.Accept(l)
		p.open = append(p.open, s)
		p.note("accept", peer.IP.Addr(), err)
	}},
	{"what an accepted connection inherits", func(p *play) {
		l, a := p.listener(tcp)
		for _, o := range []driver.Option{driver.NoDelay, driver.KeepAlive, driver.ReuseAddr} {
			p.set(l, o, 1)
		}
		p.set(l, driver.KeepIdle, 33)
		c := p.socket(tcp)
		p.dial(c, a)
		s := p.accept(l)
		for o := range driver.V6Only + 1 {
			if o != driver.ReadBuffer && o != driver.WriteBuffer {
				v, err := p.Option(s, o)
				p.note("option", o, v, err)
				v, err = p.Option(c, o)
				p.note("option", o, v, err)
			}
		}
		p.set(c, driver.KeepIdle, 0)
		p.set(c, driver.KeepCount, 1000)
		p.set(c, driver.KeepCount, 3)
		p.set(c, driver.ReadBuffer, 1)
		p.set(c, driver.WriteBuffer, 1)
		p.num("read buffer", 0, nil)
		n, err := p.Option(c, driver.ReadBuffer)
		p.num("read buffer", n, err)
		n, err = p.Option(c, driver.WriteBuffer)
		p.num("write buffer", n, err)
		p.set(c, driver.WriteBuffer, 50_000)
		n, err = p.Option(c, driver.WriteBuffer)
		p.num("write buffer", n, err)
	}},
	{"a number that is nobody's", func(p *play) {
		fd := p.socket(tcp)
		p.close(fd)
		p.note("close", p.CloseSocket(fd))
		p.note("bind", p.Bind(fd, at("127.0.0.1:0")))
		p.note("listen", p.Listen(fd, 1))
		p.note("connect", p.Connect(fd, at("127.0.0.1:1")))
		p.note("accept", third(p.Accept(fd)))
		p.note("read", second(p.Read(fd, make([]byte, 1))))
		p.note("recv", second(p.Recv(fd, make([]byte, 1))))
		p.note("write", second(p.Write(fd, []byte("x"))))
		p.note("send", second(p.Send(fd, []byte("x"))))
		p.note("writev", second(p.Writev(fd, [][]byte{[]byte("x")})))
		p.note("sendmsg", second(p.SendMsg(fd, nil, nil, driver.Addr{})))
		_, err := p.RecvMsg(fd, nil, nil)
		p.note("recvmsg", err)
		p.note("error", p.SocketError(fd))
		p.peer(fd)
		p.note("local", p.local(fd))
		p.shut(fd, driver.ShutRead)
		p.set(fd, driver.NoDelay, 1)
		p.events(fd)
	}},
}

func third(_ int, _ driver.Addr, err error) error { return err }
