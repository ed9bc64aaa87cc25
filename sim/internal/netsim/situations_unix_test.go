//go:build linux && !asyncio_portable

package netsim_test

import (
	"strings"
	"syscall"

	"github.com/goasyncio/asyncio/internal/driver"
)

var (
	unix     = driver.Kind{Family: driver.Unix, Type: driver.Stream}
	unixgram = driver.Kind{Family: driver.Unix, Type: driver.Datagram}
	packets  = driver.Kind{Family: driver.Unix, Type: driver.SeqPacket}
)

func (p *play) path(name string) driver.Addr { return driver.Addr{Unix: true, Name: p.dir + name} }

// told notes an address of a Unix socket, without the directory.
func (p *play) name(what string, a driver.Addr, err error) {
	p.note(what, a.Unix, strings.TrimPrefix(a.Name, p.dir), err)
}

func (p *play) names(fd int) {
	a, err := p.LocalAddr(fd)
	p.name("local", a, err)
	a, err = p.PeerAddr(fd)
	p.name("peer", a, err)
}

func (p *play) unixPair(k driver.Kind) (c, s int) {
	l := p.socket(k)
	p.note("bind", p.Bind(l, p.path("pair")))
	p.note("listen", p.Listen(l, 4))
	c = p.socket(k)
	p.dial(c, p.path("pair"))
	s = p.accept(l)
	p.close(l)
	syscall.Unlink(p.dir + "pair")
	return c, s
}

func (p *play) message(fd, room int) {
	buf := make([]byte, room)
	m, err := p.RecvMsg(fd, buf, nil)
	p.name("from", m.From, err)
	p.note("message", string(buf[:m.N]), m.Truncated)
	p.settle()
}

var unixSituations = []situation{
	{"a Unix socket that is nothing yet", func(p *play) {
		for _, k := range []driver.Kind{unix, unixgram, packets} {
			u := p.socket(k)
			p.events(u)
			p.read(u, 1)
			p.send(u, "x")
			p.names(u)
			p.note("error", p.SocketError(u))
			p.note("listen", p.Listen(u, 1))
			p.accept(u)
			p.shut(u, driver.ShutBoth)
			p.events(u)
			p.read(u, 1)
			p.send(u, "x")
		}
	}},
	{"Unix connections to what is not there", func(p *play) {
		for _, k := range []driver.Kind{unix, unixgram, packets} {
			u := p.socket(k)
			p.note("connect", p.Connect(u, p.path("nowhere")))
			p.note("connect", p.Connect(u, driver.Addr{Unix: true, Name: "\x00asyncio nowhere"}))
			p.note("connect", p.Connect(u, driver.Addr{Unix: true}))
			p.note("connect", p.Connect(u, at("127.0.0.1:1")))
			p.note("bind", p.Bind(u, at("127.0.0.1:1")))
			p.note("bind", p.Bind(u, driver.Addr{Unix: true, Name: "/" + strings.Repeat("x", 200)}))
			b := p.socket(k)
			p.note("bind", p.Bind(b, p.path("quiet")))
			p.note("bind", p.Bind(b, p.path("again")))
			p.note("bind", p.Bind(u, p.path("quiet")))
			p.note("connect", p.Connect(u, p.path("quiet")))
			syscall.Unlink(p.dir + "quiet")
			p.close(b)
		}
		d := p.socket(unixgram)
		p.note("bind", p.Bind(d, p.path("gram")))
		p.note("another kind", p.Connect(p.socket(unix), p.path("gram")))
		p.note("another kind", p.Connect(p.socket(packets), p.path("gram")))
	}},
	{"an abstract name", func(p *play) {
		a := driver.Addr{Unix: true, Name: "\x00asyncio situation"}
		l := p.socket(unix)
		p.note("bind", p.Bind(l, a))
		p.note("bind", p.Bind(p.socket(unix), a))
		p.note("connect", p.Connect(p.socket(unix), a))
		p.note("listen", p.Listen(l, 4))
		c := p.socket(unix)
		p.dial(c, a)
		p.names(c)
		p.names(p.accept(l))
		none := p.socket(unix)
		p.note("bind", p.Bind(none, driver.Addr{Unix: true}))
		got, err := p.LocalAddr(none)
		p.note("got a name", len(got.Name), err)
	}},
	{"a Unix connection", func(p *play) {
		for _, k := range []driver.Kind{unix, packets} {
			c, s := p.unixPair(k)
			p.names(c)
			p.names(s)
			p.events(c)
			p.events(s)
			p.read(c, 1)
			p.send(c, "hello")
			p.send(c, "world")
			p.events(s)
			p.read(s, 3)
			p.message(s, 10)
			p.read(s, 10)
			p.num("send with an address", 0, second(p.SendMsg(c, []byte("x"), nil, p.path("pair"))))
			p.num("writev", 0, second(p.Writev(c, [][]byte{[]byte("a"), []byte("b")})))
			p.drain(s)
			p.note("listen", p.Listen(c, 1))
			p.accept(c)
			p.send(c, "unread")
			p.close(c)
			p.events(s)
			p.read(s, 10)
			p.read(s, 10)
			p.send(s, "x")
			p.names(s)
			p.close(s)
		}
	}},
	{"a Unix connection that ends", func(p *play) {
		for _, k := range []driver.Kind{unix, packets} {
			c, s := p.unixPair(k)
			p.shut(c, driver.ShutWrite)
			p.events(c)
			p.events(s)
			p.read(s, 1)
			p.send(c, "x")
			p.send(s, "answer")
			p.read(c, 10)
			p.send(s, "unread")
			p.close(c)
			p.events(s)
			p.send(s, "x")
			p.note("error", p.SocketError(s))
			p.read(s, 1)
			p.close(s)
		}
	}},
	{"a sequence of packets that ends", func(p *play) {
		c, s := p.unixPair(packets)
		p.send(c, "first")
		p.send(c, "second")
		p.close(c)
		p.events(s)
		p.message(s, 3)
		p.message(s, 10)
		p.message(s, 10)
		p.send(s, "x")
	}},
	{"a Unix listener that is closed before it accepts", func(p *play) {
		l := p.socket(unix)
		p.note("bind", p.Bind(l, p.path("l")))
		p.note("listen", p.Listen(l, 0))
		p.events(l)
		c, d := p.socket(unix), p.socket(unix)
		p.dial(c, p.path("l"))
		p.events(l)
		p.note("no room", p.Connect(d, p.path("l")))
		p.send(c, "x")
		p.close(l)
		p.events(c)
		p.read(c, 1)
		p.read(c, 1)
		p.send(c, "x")
	}},
	{"Unix datagrams", func(p *play) {
		a, b, none := p.socket(unixgram), p.socket(unixgram), p.socket(unixgram)
		p.note("bind", p.Bind(a, p.path("a")))
		p.note("bind", p.Bind(b, p.path("b")))
		p.sendTo(a, "from a", p.path("b"))
		p.sendTo(none, "from nobody", p.path("b"))
		p.sendTo(a, "", p.path("b"))
		p.sendTo(a, "long one", p.path("b"))
		p.events(b)
		for range 3 {
			p.message(b, 20)
		}
		p.message(b, 4)
		p.message(b, 4)
		p.sendTo(a, "x", p.path("missing"))
		p.note("connect", p.Connect(a, p.path("b")))
		p.names(a)
		p.send(a, "connected")
		p.message(b, 20)
		p.sendTo(none, "x", p.path("a"))
		p.note("connect", p.Connect(none, p.path("a")))
		p.close(b)
		p.events(a)
		p.send(a, "x")
		p.send(a, "x")
	}},
	{"a Unix datagram that is too long", func(p *play) {
		a := p.socket(unixgram)
		p.note("bind", p.Bind(a, p.path("a")))
		p.note("send", second(p.SendMsg(a, make([]byte, 250_000), nil, p.path("a"))))
		n, err := p.SendMsg(a, make([]byte, 100_000), nil, p.path("a"))
		p.num("send", n, err)
	}},
	{"a Unix datagram socket whose peer does not read", func(p *play) {
		a, b := p.socket(unixgram), p.socket(unixgram)
		p.note("bind", p.Bind(b, p.path("b")))
		p.note("connect", p.Connect(a, p.path("b")))
		n := 0
		for ; n < 1000; n++ {
			if _, err := p.Write(a, []byte("x")); err != nil {
				p.note("write", err)
				break
			}
		}
		p.note("room for", n)
		p.events(a)
		p.message(b, 1)
		p.events(a)
		p.send(a, "x")
		p.shut(b, driver.ShutRead)
		p.send(a, "x")
		p.close(b)
		p.events(a)
		p.send(a, "x")
	}},
	{"a Unix stream whose peer does not read", func(p *play) {
		c, s := p.unixPair(unix)
		p.fill(c)
		p.events(c)
		p.drain(s)
		p.events(c)
	}},
}
