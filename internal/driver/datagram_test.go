package driver_test

import (
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/goasyncio/asyncio/internal/driver"
)

// datagrams is a bound socket.
func (w *world) datagrams(k driver.Kind, at driver.Addr) (fd int, bound driver.Addr) {
	w.Helper()
	fd = w.socket(k)
	if err := w.Bind(fd, at); err != nil {
		w.Skip("no such datagrams here:", err)
	}
	bound, err := w.LocalAddr(fd)
	w.must(err)
	return fd, bound
}

// receive waits for a datagram.
func (w *world) receive(fd int, p []byte) (driver.Message, error) {
	w.Helper()
	h := w.watch(fd)
	defer w.d.Disarm(h)
	for {
		m, err := w.RecvMsg(fd, p, nil)
		if err != syscall.EAGAIN {
			return m, err
		}
		w.forget(h)
		w.await(h, driver.Readable)
	}
}

func TestDatagrams(t *testing.T) {
	t.Run("have an address, and may be empty", func(t *testing.T) {
		w := newWorld(t)
		a, atA := w.datagrams(udp, loopback)
		b, atB := w.datagrams(udp, loopback)
		_, err := w.RecvMsg(b, make([]byte, 1), nil)
		w.wantErrno("before there is one", err, syscall.EAGAIN)
		buf := make([]byte, 100)
		for _, text := range []string{"one", "", "three"} {
			if n, err := w.SendMsg(a, []byte(text), nil, atB); n != len(text) || err != nil {
				t.Fatalf("%d, %v", n, err)
			}
			m, err := w.receive(b, buf)
			if err != nil || string(buf[:m.N]) != text || m.From != atA || m.Truncated {
				t.Errorf("%q: %+v, %v; the sender is at %v", text, m, err, atA)
			}
		}
	})
	t.Run("keep their borders, and lose what does not fit", func(t *testing.T) {
		w := newWorld(t)
		a, _ := w.datagrams(udp, loopback)
		b, atB := w.datagrams(udp, loopback)
		for _, text := range []string{"long one", "next"} {
			_, err := w.SendMsg(a, []byte(text), nil, atB)
			w.must(err)
		}
		buf := make([]byte, 4)
		if m, err := w.receive(b, buf); err != nil || m.N != 4 || !m.Truncated || string(buf) != "long" {
			t.Errorf("%+v %q, %v", m, buf, err)
		}
		if m, err := w.receive(b, buf); err != nil || m.N != 4 || m.Truncated || string(buf) != "next" {
			t.Errorf("%+v %q, %v", m, buf, err)
		}
	})
	t.Run("that are too long are refused by the call", func(t *testing.T) {
		w := newWorld(t)
		a, at := w.datagrams(udp, loopback)
		_, err := w.SendMsg(a, make([]byte, 70_000), nil, at)
		w.wantErrno("SendMsg", err, syscall.EMSGSIZE)
		_, err = w.SendMsg(a, []byte("x"), nil, at)
		w.must(err)
	})
	t.Run("as long as they can be arrive whole", func(t *testing.T) {
		w := newWorld(t)
		a, at := w.datagrams(udp, loopback)
		_, err := w.SendMsg(a, make([]byte, 65_507), nil, at)
		w.must(err)
		if m, err := w.receive(a, make([]byte, 70_000)); err != nil || m.N != 65_507 {
			t.Errorf("%+v, %v", m, err)
		}
	})
	t.Run("to a peer where nobody is tell so, and go on", func(t *testing.T) {
		w := newWorld(t)
		gone, at := w.datagrams(udp, loopback)
		w.must(w.CloseSocket(gone))
		c := w.socket(udp)
		w.must(w.dial(c, at))
		_, err := w.Write(c, []byte("anybody?"))
		w.must(err)
		_, err = w.receive(c, make([]byte, 1))
		w.wantErrno("RecvMsg", err, syscall.ECONNREFUSED)
		back := w.socket(udp)
		w.must(w.Bind(back, at))
		_, err = w.Write(c, []byte("again"))
		w.must(err)
		if m, err := w.receive(back, make([]byte, 10)); err != nil || m.N != 5 {
			t.Errorf("%+v, %v", m, err)
		}
	})
	t.Run("with a peer take only his", func(t *testing.T) {
		w := newWorld(t)
		server, at := w.datagrams(udp, loopback)
		stranger, _ := w.datagrams(udp, loopback)
		c := w.socket(udp)
		w.must(w.Bind(c, loopback))
		w.must(w.dial(c, at))
		mine, err := w.LocalAddr(c)
		w.must(err)
		for _, fd := range []int{stranger, server} {
			_, err := w.SendMsg(fd, []byte{byte(fd - server)}, nil, mine)
			w.must(err)
		}
		buf := make([]byte, 1)
		if m, err := w.receive(c, buf); err != nil || m.From != at || buf[0] != 0 {
			t.Errorf("%+v %v, %v", m, buf, err)
		}
		if peer, err := w.PeerAddr(c); err != nil || peer != at {
			t.Errorf("peer %v, %v", peer, err)
		}
	})
	t.Run("need to know where to", func(t *testing.T) {
		w := newWorld(t)
		_, err := w.SendMsg(w.socket(udp), []byte("x"), nil, driver.Addr{})
		w.wantErrno("SendMsg", err, syscall.EDESTADDRREQ)
	})
	t.Run("from a socket without an address get one", func(t *testing.T) {
		w := newWorld(t)
		b, at := w.datagrams(udp, loopback)
		_, err := w.SendMsg(w.socket(udp), []byte("x"), nil, at)
		w.must(err)
		if m, err := w.receive(b, make([]byte, 1)); err != nil || m.From.IP.Port() == 0 {
			t.Errorf("%+v, %v", m, err)
		}
	})
}

// A Unix receiver that does not read blocks its senders, where UDP would drop.
func TestUnixDatagramsWaitForTheReceiver(t *testing.T) {
	w := newWorld(t)
	kind := driver.Kind{Family: driver.Unix, Type: driver.Datagram}
	dir := t.TempDir()
	a, atA := w.datagrams(kind, driver.Addr{Unix: true, Name: filepath.Join(dir, "a")})
	b, atB := w.datagrams(kind, driver.Addr{Unix: true, Name: filepath.Join(dir, "b")})
	w.must(w.dial(a, atB))
	h := w.watch(a)
	sent := 0
	for full := false; !full; {
		_, err := w.Write(a, []byte("x"))
		if err == nil {
			sent++
			continue
		}
		w.wantErrno("SendMsg", err, syscall.EAGAIN)
		w.forget(h)
		w.settle()
		full = w.told[h]&driver.Writable == 0
	}
	buf := make([]byte, 10)
	for i := range sent {
		m, err := w.receive(b, buf)
		if err != nil || m.N != 1 || m.From != atA {
			t.Fatalf("number %d of %d: %+v, %v", i, sent, m, err)
		}
	}
	w.await(h, driver.Writable)
	_, err := w.Write(a, []byte("again"))
	w.must(err)
	if m, err := w.receive(b, buf); err != nil || m.N != 5 {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestUnixDatagramsToNobodyAreAnErrorOfTheCall(t *testing.T) {
	w := newWorld(t)
	kind := driver.Kind{Family: driver.Unix, Type: driver.Datagram}
	at := driver.Addr{Unix: true, Name: filepath.Join(t.TempDir(), "a")}
	a, bound := w.datagrams(kind, at)
	if bound != at {
		t.Errorf("bound to %+v, want %+v", bound, at)
	}
	_, err := w.SendMsg(a, nil, nil, driver.Addr{Unix: true, Name: at.Name + "missing"})
	w.wantErrno("SendMsg", err, syscall.ENOENT)
	_, err = w.SendMsg(a, []byte("to myself"), nil, at)
	w.must(err)
	if m, err := w.receive(a, make([]byte, 20)); err != nil || m.N != 9 || m.From != at {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestSequencedPackets(t *testing.T) {
	w := newWorld(t)
	kind := driver.Kind{Family: driver.Unix, Type: driver.SeqPacket}
	l := -1
	fd, err := w.Socket(kind)
	if err == nil {
		l = fd
		w.Cleanup(func() { w.CloseSocket(l) })
		err = w.Bind(l, driver.Addr{Unix: true, Name: filepath.Join(t.TempDir(), "s")})
	}
	if err == nil {
		err = w.Listen(l, 1)
	}
	if err != nil {
		t.Skip("not on this system:", err)
	}
	at, err := w.LocalAddr(l)
	w.must(err)
	c := w.socket(kind)
	w.must(w.dial(c, at))
	s, _ := w.accept(l)
	for _, text := range []string{"first", "second"} {
		w.must(w.write(c, []byte(text)))
	}
	w.must(w.CloseSocket(c))
	buf := make([]byte, 100)
	for _, want := range []string{"first", "second", ""} {
		m, err := w.receive(s, buf)
		if err != nil || string(buf[:m.N]) != want {
			t.Errorf("%q, %v; want %q", buf[:m.N], err, want)
		}
	}
}

func TestOptions(t *testing.T) {
	w := newWorld(t)
	l := w.socket(tcp)
	for _, o := range []driver.Option{driver.ReuseAddr, driver.KeepAlive, driver.NoDelay} {
		w.must(w.SetOption(l, o, 1))
	}
	w.must(w.SetOption(l, driver.ReadBuffer, 32<<10))
	w.must(w.Bind(l, loopback))
	w.must(w.Listen(l, 1))
	at, err := w.LocalAddr(l)
	w.must(err)
	c := w.socket(tcp)
	w.must(w.dial(c, at))
	s, _ := w.accept(l)
	for _, o := range []driver.Option{driver.KeepAlive, driver.NoDelay} {
		if v, err := w.Option(s, o); v == 0 || err != nil {
			t.Errorf("option %d of an accepted connection is %d, %v: want the listener's", o, v, err)
		}
		if v, err := w.Option(c, o); v != 0 || err != nil {
			t.Errorf("option %d of a connection is on from the start: %d, %v", o, v, err)
		}
	}
	w.must(w.SetOption(c, driver.NoDelay, 1))
	if v, err := w.Option(c, driver.NoDelay); v == 0 || err != nil {
		t.Errorf("NoDelay: %d, %v", v, err)
	}
	before, err := w.Option(c, driver.WriteBuffer)
	w.must(err)
	w.must(w.SetOption(c, driver.WriteBuffer, 4*before))
	if after, err := w.Option(c, driver.WriteBuffer); after == before || err != nil {
		t.Errorf("the buffer was %d and is %d, %v", before, after, err)
	}
	for o, v := range map[driver.Option]int{driver.KeepIdle: 7, driver.KeepInterval: 3, driver.KeepCount: 2} {
		if err := w.SetOption(c, o, v); err == syscall.ENOPROTOOPT {
			continue // a system without it says so
		} else if err != nil {
			t.Fatal(err)
		}
		if got, err := w.Option(c, o); got != v || err != nil {
			t.Errorf("option %d is %d, %v, want %d", o, got, err, v)
		}
	}
	w.wantErrno("Nagle for datagrams", w.SetOption(w.socket(udp), driver.NoDelay, 1), syscall.ENOPROTOOPT, syscall.EOPNOTSUPP)
}

// Whatever a driver has under way, nothing of it is there after Close.
func TestCloseEndsEverything(t *testing.T) {
	count := func() (n int) { // of goroutines that this package has started
		buf := make([]byte, 1<<20)
		for _, g := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
			if strings.Contains(g, "internal/driver.(") && strings.Contains(g, "created by") && !strings.Contains(g, "driver_test.Test") {
				n++
			}
		}
		return n
	}
	d, err := driver.New()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, Network: d.Network(), d: d, told: make(map[driver.Handle]driver.Mode)}
	c, _ := w.pair()
	w.fill(c, w.watch(c)) // a writer that nobody reads from
	lazy, at := w.listener(tcp, loopback)
	w.must(w.dial(w.socket(tcp), at)) // never accepted
	w.watch(lazy)
	w.datagrams(udp, loopback)
	w.Connect(w.socket(tcp), at) // never asked about
	gone, _ := w.pair()
	w.must(w.CloseSocket(gone))
	for range 2 {
		w.must(d.Close())
	}
	if n := count(); n != 0 {
		t.Errorf("%d goroutines are left", n)
	}
}
