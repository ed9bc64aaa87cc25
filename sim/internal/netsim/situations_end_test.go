//go:build linux && !asyncio_portable

package netsim_test

import "github.com/goasyncio/asyncio/internal/driver"

var tcpEnds = []situation{
	{"a connection", func(p *play) {
		c, s := p.pair()
		p.events(c)
		p.events(s)
		p.read(c, 5)
		p.send(c, "hello")
		p.events(s)
		p.read(s, 3)
		p.read(s, 3)
		p.read(s, 3)
		p.num("writev", 5, second(p.Writev(c, [][]byte{nil, []byte("ab"), {}, []byte("cde")})))
		p.settle()
		p.read(s, 10)
		p.num("write of nothing", 0, second(p.Write(c, nil)))
		p.num("recv of nothing", 0, second(p.Recv(c, nil)))
		p.accept(c)
		p.note("listen", p.Listen(c, 1))
		p.note("bind", p.Bind(c, at("127.0.0.1:0")))
	}},
	{"the peer has closed", func(p *play) {
		c, s := p.pair()
		p.send(c, "bye")
		p.close(c)
		p.events(s)
		p.read(s, 2)
		p.read(s, 2)
		p.read(s, 2)
		p.peer(s)
		p.send(s, "taken")
		p.events(s)
		p.send(s, "not taken")
		p.read(s, 2)
		p.note("socket error", p.SocketError(s))
		p.peer(s)
		p.shut(s, driver.ShutWrite)
	}},
	{"the peer has closed, and so does this end", func(p *play) {
		c, s := p.pair()
		p.close(c)
		p.shut(s, driver.ShutWrite)
		p.all(s)
		p.shut(s, driver.ShutWrite)
	}},
	{"this end has ended writing", func(p *play) {
		c, s := p.pair()
		p.shut(c, driver.ShutWrite)
		p.events(c)
		p.events(s)
		p.send(c, "x")
		p.shut(c, driver.ShutWrite)
		p.read(s, 1)
		p.send(s, "answer")
		p.read(c, 10)
		p.peer(c)
		p.close(s)
		p.all(c)
		p.shut(c, driver.ShutBoth)
	}},
	{"both ends have ended writing", func(p *play) {
		c, s := p.pair()
		p.shut(c, driver.ShutWrite)
		p.shut(s, driver.ShutWrite)
		p.all(c)
		p.all(s)
		p.shut(c, driver.ShutRead)
	}},
	{"this end does not read any more", func(p *play) {
		c, s := p.pair()
		p.send(s, "before")
		p.shut(c, driver.ShutRead)
		p.events(c)
		p.read(c, 10)
		p.read(c, 10)
		p.send(s, "after")
		p.read(c, 10)
		p.read(c, 10)
		p.send(c, "x")
		p.read(s, 10)
		p.close(s)
		p.all(c)
	}},
	{"a reset, after data", func(p *play) {
		c, s := p.pair()
		p.send(c, "data")
		p.set(c, driver.Linger, 0)
		p.close(c)
		p.events(s)
		p.read(s, 2)
		p.read(s, 10)
		p.read(s, 10)
		p.read(s, 10)
		p.send(s, "x")
		p.events(s)
		p.peer(s)
		p.shut(s, driver.ShutBoth)
		p.note("connect", p.Connect(s, at("127.0.0.1:1")))
	}},
	{"a reset, and a write", func(p *play) {
		c, s := p.pair()
		p.set(c, driver.Linger, 0)
		p.close(c)
		p.send(s, "x")
		p.send(s, "x")
		p.read(s, 1)
	}},
	{"a reset, and the error is asked for", func(p *play) {
		c, s := p.pair()
		p.set(c, driver.Linger, 0)
		p.close(c)
		p.note("socket error", p.SocketError(s))
		p.note("socket error", p.SocketError(s))
		p.all(s)
	}},
	{"a reset after the end", func(p *play) {
		c, s := p.pair()
		p.shut(c, driver.ShutWrite)
		p.send(s, "unread")
		p.close(c)
		p.all(s)
	}},
	{"a reset of who has ended writing", func(p *play) {
		c, s := p.pair()
		p.shut(s, driver.ShutWrite)
		p.set(c, driver.Linger, 0)
		p.close(c)
		p.all(s)
	}},
	{"a close with something unread", func(p *play) {
		c, s := p.pair()
		p.send(s, "unread")
		p.send(c, "read?")
		p.close(c)
		p.all(s)
	}},
	{"a close, and something comes", func(p *play) {
		c, s := p.pair()
		p.close(c)
		p.num("write", 1, second(p.Write(s, []byte("a"))))
		p.settle()
		p.all(s)
	}},
	{"a writer that is full", func(p *play) {
		c, s := p.pair()
		p.fill(c)
		p.events(c)
		p.shut(c, driver.ShutWrite)
		p.events(c)
		p.close(s)
		p.all(c)
	}},
	{"a full writer's peer reads", func(p *play) {
		c, s := p.pair()
		p.fill(c)
		p.drain(s)
		p.events(c)
		p.set(c, driver.Linger, 0)
		p.fill(c)
		p.close(c)
		p.events(s)
	}},
}

// fill writes until nothing goes any more.
func (p *play) fill(fd int) {
	for tries := 0; tries < 3; {
		if _, err := p.Write(fd, make([]byte, 100_000)); err != nil {
			tries++
			p.settle()
		}
	}
}

// drain reads all that comes.
func (p *play) drain(fd int) {
	buf := make([]byte, 100_000)
	for tries := 0; tries < 3; {
		if _, err := p.Read(fd, buf); err != nil {
			tries++
			p.settle()
		}
	}
}
