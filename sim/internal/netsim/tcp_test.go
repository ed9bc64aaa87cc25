package netsim_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/sim/internal/netsim"
)

func TestConnections(t *testing.T) {
	t.Run("both sides know the same addresses", func(t *testing.T) {
		w := newWorld(t, 1)
		l, bound := w.listen(w.b, tcp, anyPort)
		c := w.socket(w.a, tcp)
		w.must(c.dial(port(ipB, bound)))
		s := l.accept()
		local, err := w.a.LocalAddr(c.fd)
		w.must(err)
		seen, err := w.b.PeerAddr(s.fd)
		w.must(err)
		if local != seen || local.IP.Addr() != ipA {
			t.Errorf("the client is at %v and is seen at %v", local, seen)
		}
		local, err = w.b.LocalAddr(s.fd)
		w.must(err)
		if seen, err = w.a.PeerAddr(c.fd); err != nil || local != seen || seen != port(ipB, bound) {
			t.Errorf("the server is at %v and is seen at %v, %v", local, seen, err)
		}
	})
	t.Run("take three times the latency until they can be accepted", func(t *testing.T) {
		w := newWorld(t, 1)
		l, bound := w.listen(w.b, tcp, anyPort)
		c := w.socket(w.a, tcp)
		w.want("Connect", w.a.Connect(c.fd, port(ipB, bound)), syscall.EINPROGRESS)
		w.pass(199 * time.Microsecond)
		w.want("SocketError", w.a.SocketError(c.fd), syscall.EINPROGRESS)
		w.pass(1 * time.Microsecond)
		if err := w.a.SocketError(c.fd); err != nil || c.told()&driver.Writable == 0 {
			t.Errorf("after two times: %v, told %v", err, c.told())
		}
		if l.told() != 0 {
			t.Error("the listener knows already")
		}
		w.pass(100 * time.Microsecond)
		if l.told() != driver.Readable {
			t.Errorf("after three times the listener was told %v", l.told())
		}
	})
	t.Run("are refused where nobody listens", func(t *testing.T) {
		w := newWorld(t, 1)
		w.want("dial", w.socket(w.a, tcp).dial(at("10.0.0.2:80")), syscall.ECONNREFUSED)
		w.want("dial", w.socket(w.a, tcp).dial(at("127.0.0.1:80")), syscall.ECONNREFUSED)
	})
	t.Run("fail after three seconds where nobody has the address", func(t *testing.T) {
		w := newWorld(t, 1)
		w.want("dial", w.socket(w.a, tcp).dial(at("10.9.9.9:80")), syscall.EHOSTUNREACH)
		if d := w.env.Now(); d < driver.Instant(3*time.Second) || d > driver.Instant(4*time.Second) {
			t.Errorf("after %v", time.Duration(d))
		}
	})
}

func TestBytesArriveAsTheyWereSent(t *testing.T) {
	for _, chunk := range []int{1000, 50_000, 1 << 20} {
		w := newWorld(t, 1)
		c, s := w.pair()
		w.must(exchange(c, s, pattern(2<<20), chunk))
		w.must(exchange(s, c, pattern(2<<20), chunk))
	}
}

func TestAMessageTakesTheLatency(t *testing.T) {
	w := newWorld(t, 1)
	c, s := w.pair()
	w.pass(time.Millisecond)
	s.forget()
	w.must(c.write([]byte("hello")))
	w.pass(99 * time.Microsecond)
	if s.told() != 0 {
		t.Errorf("told %v too early", s.told())
	}
	w.pass(time.Microsecond)
	if s.told() != driver.Readable|driver.Writable {
		t.Errorf("told %v", s.told())
	}
	if got, err := s.read(5); string(got) != "hello" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func TestAPeerThatDoesNotReadStopsTheWriter(t *testing.T) {
	w := newWorld(t, 1)
	c, s := w.pair()
	sent := 0
	for {
		n, err := w.a.Write(c.fd, make([]byte, 10_000))
		if sent += n; err == syscall.EAGAIN {
			c.forget()
			w.pass(time.Second)
			if c.told()&driver.Writable == 0 {
				break
			}
		} else {
			w.must(err)
		}
	}
	if sent < 150<<10 || sent > 200<<10 {
		t.Errorf("%d bytes are in between", sent)
	}
	if got, err := s.read(sent); len(got) != sent || err != nil {
		t.Fatalf("%d of %d, %v", len(got), sent, err)
	}
	c.await(driver.Writable)
	w.must(c.write([]byte("more")))
}

func TestAListenerWithSmallBuffersGetsUsualOnesWhenAllIsQuiet(t *testing.T) {
	w := newWorld(t, 1)
	w.net.SetFaults(netsim.Faults{SmallBuffers: 1})
	l, bound := w.listen(w.b, tcp, anyPort)
	room := func() (n int) {
		c := w.socket(w.a, tcp)
		w.must(c.dial(port(ipB, bound)))
		s := l.accept()
		n, err := w.b.Write(s.fd, make([]byte, 100_000))
		w.must(err)
		c.close()
		s.close()
		return n
	}
	if n := room(); n > 4096 {
		t.Errorf("a connection takes %d bytes at once: its buffers are not small", n)
	}
	w.net.Quiet()
	if n := room(); n < 50_000 {
		t.Errorf("when all is quiet a connection takes %d bytes at once", n)
	}
}

func TestTheEndOfAStream(t *testing.T) {
	t.Run("comes after the data, with a hangup", func(t *testing.T) {
		w := newWorld(t, 1)
		c, s := w.pair()
		w.must(c.write([]byte("bye")))
		c.close()
		if got, err := s.read(10); string(got) != "bye" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		if s.told() != driver.Readable|driver.Writable|driver.Hangup {
			t.Errorf("told %v", s.told())
		}
	})
	t.Run("of one direction leaves the other", func(t *testing.T) {
		w := newWorld(t, 1)
		c, s := w.pair()
		w.must(w.a.Shutdown(c.fd, driver.ShutWrite))
		if got, err := s.read(1); len(got) != 0 || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		w.must(s.write([]byte("answer")))
		if got, err := c.read(6); string(got) != "answer" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		w.want("a write after the end", c.write([]byte("x")), syscall.EPIPE)
	})
	t.Run("loses nothing of what was written before", func(t *testing.T) {
		w := newWorld(t, 1)
		c, s := w.pair()
		n, err := w.a.Write(c.fd, pattern(1<<20))
		w.must(err)
		c.close()
		if got, err := s.read(n + 1); len(got) != n || err != nil {
			t.Errorf("%d of %d, %v", len(got), n, err)
		}
	})
}

func TestAReset(t *testing.T) {
	w := newWorld(t, 1)
	c, s := w.pair()
	w.must(c.write([]byte("data")))
	w.must(w.a.SetOption(c.fd, driver.Linger, 0))
	c.close()
	s.await(driver.Hangup)
	if n, err := w.b.Read(s.fd, make([]byte, 10)); n != 4 || err != nil {
		t.Errorf("what had come: %d, %v", n, err)
	}
	_, err := w.b.Read(s.fd, make([]byte, 10))
	w.want("Read", err, syscall.ECONNRESET)
	_, err = w.b.Write(s.fd, []byte("x"))
	w.want("Write", err, syscall.EPIPE)
}
