package netsim_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/sim/internal/netsim"
	"github.com/goasyncio/asyncio/sim/internal/simenv"
)

var (
	tcp     = driver.Kind{Family: driver.IPv4, Type: driver.Stream}
	tcp6    = driver.Kind{Family: driver.IPv6, Type: driver.Stream}
	anyPort = at("0.0.0.0:0")
	ipA     = netip.MustParseAddr("10.0.0.1")
	ipB     = netip.MustParseAddr("10.0.0.2")
)

func at(s string) driver.Addr { return driver.Addr{IP: netip.MustParseAddrPort(s)} }

// world is two hosts without loops, in a world without tasks.
type world struct {
	testing.TB
	env  *simenv.Fake
	net  *netsim.Net
	a, b *netsim.Host
	all  []*netsim.Host
	told map[*netsim.Host]map[driver.Handle]driver.Mode // since the last call of forget
	gen  uint32
}

func newWorld(t testing.TB, seed uint64) *world {
	w := &world{TB: t, env: simenv.NewFake(seed), told: map[*netsim.Host]map[driver.Handle]driver.Mode{}}
	w.net = netsim.New(w.env)
	w.a = w.host("a", ipA, netip.MustParseAddr("fd00::1"))
	w.b = w.host("b", ipB, netip.MustParseAddr("fd00::2"))
	return w
}

func (w *world) host(name string, addrs ...netip.Addr) *netsim.Host {
	h := w.net.Host(name, addrs...)
	w.all = append(w.all, h)
	w.told[h] = map[driver.Handle]driver.Mode{}
	return h
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) want(what string, err error, want syscall.Errno) {
	w.Helper()
	if err != want {
		w.Errorf("%s: %v, want %v", what, err, want)
	}
}

// collect takes the events of all hosts.
func (w *world) collect() (n int) {
	var events [4]driver.Event
	for _, h := range w.all {
		for k := h.Collect(events[:]); k > 0; k = h.Collect(events[:]) {
			n += k
			for _, e := range events[:k] {
				w.told[h][e.Handle] |= e.Mode
			}
		}
	}
	return n
}

// pump lets time pass until done.
func (w *world) pump(what string, done func() bool) {
	w.Helper()
	step := 100 * time.Microsecond
	for until := w.env.Now().Add(time.Hour); ; {
		w.collect()
		if done() {
			return
		}
		if w.env.Now() > until {
			w.Fatalf("nothing came of it: %s", what)
		}
		if w.env.Run(step) > 0 {
			step = 100 * time.Microsecond
		} else {
			step = min(2*step, time.Second)
		}
	}
}

// pass lets so much time pass.
func (w *world) pass(d time.Duration) {
	w.env.Run(d)
	w.collect()
}

// A side is one socket.
type side struct {
	w  *world
	h  *netsim.Host
	fd int
	e  driver.Handle
}

func (w *world) socket(h *netsim.Host, k driver.Kind) *side {
	w.Helper()
	fd, err := h.Socket(k)
	w.must(err)
	return w.side(h, fd)
}

func (w *world) side(h *netsim.Host, fd int) *side {
	w.Helper()
	w.gen++
	s := &side{w, h, fd, driver.Handle{FD: fd, Gen: w.gen}}
	w.must(h.Watch(s.e))
	return s
}

func (s *side) forget()           { delete(s.w.told[s.h], s.e) }
func (s *side) told() driver.Mode { return s.w.told[s.h][s.e] }
func (s *side) close()            { s.w.Helper(); s.w.must(s.h.CloseSocket(s.fd)) }

func (s *side) await(m driver.Mode) {
	s.w.Helper()
	s.w.pump(fmt.Sprintf("event %v", m), func() bool { return s.told()&m == m })
}

// listen makes a listener.
func (w *world) listen(h *netsim.Host, k driver.Kind, a driver.Addr) (*side, driver.Addr) {
	w.Helper()
	s := w.socket(h, k)
	w.must(h.Bind(s.fd, a))
	w.must(h.Listen(s.fd, 16))
	a, err := h.LocalAddr(s.fd)
	w.must(err)
	return s, a
}

// dial connects, and waits for the outcome.
func (s *side) dial(a driver.Addr) error {
	s.w.Helper()
	s.forget()
	err := s.h.Connect(s.fd, a)
	for err == syscall.EINPROGRESS {
		s.await(driver.Writable)
		s.forget()
		err = s.h.SocketError(s.fd)
	}
	return err
}

func (s *side) accept() *side {
	s.w.Helper()
	var conn *side
	s.w.pump("a connection", func() bool {
		fd, _, err := s.h.Accept(s.fd)
		if err != nil && err != syscall.EAGAIN && err != syscall.EMFILE {
			s.w.Fatal(err)
		}
		if err == nil {
			conn = s.w.side(s.h, fd)
		}
		return err == nil
	})
	return conn
}

// port is a, on another host's address.
func port(ip netip.Addr, a driver.Addr) driver.Addr {
	return driver.Addr{IP: netip.AddrPortFrom(ip, a.IP.Port())}
}

// pair is a connection from host a to host b.
func (w *world) pair() (client, server *side) {
	w.Helper()
	return w.connect(w.a, w.b, ipB)
}

func (w *world) connect(from, to *netsim.Host, ip netip.Addr) (client, server *side) {
	w.Helper()
	l, bound := w.listen(to, tcp, anyPort)
	client = w.socket(from, tcp)
	w.must(client.dial(port(ip, bound)))
	server = l.accept()
	l.close()
	return client, server
}

// read waits for n bytes, or for the end, or an error. It goes by events alone, as
// aionet does: after a short read there must be another.
func (s *side) read(n int) (got []byte, err error) {
	s.w.Helper()
	s.w.must(s.h.Watch(s.e))
	buf := make([]byte, n)
	for len(got) < n {
		s.await(driver.Readable)
		k, err := s.h.Read(s.fd, buf[:n-len(got)])
		got = append(got, buf[:k]...)
		if hung := s.told()&driver.Hangup != 0; (err == syscall.EAGAIN || k < n-len(got)+k) && !hung {
			s.forget()
		}
		if err != nil && err != syscall.EAGAIN || err == nil && k == 0 {
			return got, err
		}
	}
	return got, nil
}

// write waits until all of p is written.
func (s *side) write(p []byte) error {
	s.w.Helper()
	for len(p) > 0 {
		s.forget()
		n, err := s.h.Write(s.fd, p)
		if p = p[n:]; err != nil && err != syscall.EAGAIN {
			return err
		}
		if len(p) > 0 {
			s.await(driver.Writable)
		}
	}
	return nil
}

// exchange sends data from one side to the other, each of which goes on as far as its
// events let it.
func exchange(from, to *side, data []byte, chunk int) error {
	w := from.w
	w.Helper()
	w.must(from.h.Watch(from.e))
	w.must(to.h.Watch(to.e))
	var got []byte
	var failed error
	buf := make([]byte, chunk)
	sent := 0
	w.pump("an exchange", func() bool {
		for sent < len(data) && from.told()&driver.Writable != 0 && failed == nil {
			n, err := from.h.Send(from.fd, data[sent:min(sent+chunk, len(data))])
			if sent += n; n < min(chunk, len(data)-sent+n) {
				from.forget()
			}
			if err != nil && err != syscall.EAGAIN {
				failed = err
			}
		}
		for to.told()&driver.Readable != 0 && failed == nil {
			n, err := to.h.Recv(to.fd, buf)
			got = append(got, buf[:n]...)
			if n < len(buf) && to.told()&driver.Hangup == 0 || err == syscall.EAGAIN {
				to.forget()
			}
			if err != nil && err != syscall.EAGAIN {
				failed = err
			}
			if n == 0 && err == nil {
				failed = syscall.EPROTO
			}
		}
		return len(got) >= len(data) || failed != nil
	})
	if !bytes.Equal(got, data[:min(len(got), len(data))]) || len(got) > len(data) {
		w.Error("what came is not what was sent")
	}
	return failed
}

// pattern is bytes that are not alike.
func pattern(n int) []byte {
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(i*i>>8 + i)
	}
	return p
}
