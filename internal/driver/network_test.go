package driver_test

import (
	"bytes"
	"net/netip"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/goasyncio/asyncio/internal/driver"
)

func TestConnections(t *testing.T) {
	t.Run("both sides know the same addresses", func(t *testing.T) {
		w := newWorld(t)
		l, at := w.listener(tcp, loopback)
		if !at.IP.IsValid() || at.IP.Port() == 0 || at.Unix {
			t.Fatalf("listens at %+v", at)
		}
		c := w.socket(tcp)
		w.must(w.dial(c, at))
		s, from := w.accept(l)
		local, err := w.LocalAddr(c)
		w.must(err)
		seen, err := w.PeerAddr(s)
		w.must(err)
		if from != local || seen != local {
			t.Errorf("the client is at %v, Accept says %v, PeerAddr %v", local, from, seen)
		}
		if peer, err := w.PeerAddr(c); err != nil || peer != at {
			t.Errorf("the server is at %v, the client says %v, %v", at, peer, err)
		}
		if again, err := w.LocalAddr(s); err != nil || again != at {
			t.Errorf("the connection is at %v, its listener at %v, %v", again, at, err)
		}
	})
	t.Run("a port where nobody listens refuses", func(t *testing.T) {
		w := newWorld(t)
		l, at := w.listener(tcp, loopback)
		w.must(w.CloseSocket(l))
		w.wantErrno("dial", w.dial(w.socket(tcp), at), syscall.ECONNREFUSED)
	})
	t.Run("a connection has a peer when it is decided and not before", func(t *testing.T) {
		w := newWorld(t)
		fd := w.socket(tcp)
		_, err := w.PeerAddr(fd)
		w.wantErrno("PeerAddr", err, syscall.ENOTCONN)
		w.wantErrno("SocketError", w.SocketError(fd), syscall.EINPROGRESS)
		_, err = w.Read(fd, make([]byte, 1))
		w.wantErrno("Read", err, syscall.ENOTCONN)
	})
	t.Run("an address that is taken is an error of Bind or Listen", func(t *testing.T) {
		w := newWorld(t)
		_, at := w.listener(tcp, loopback)
		fd := w.socket(tcp)
		err := w.Bind(fd, at)
		if err == nil {
			err = w.Listen(fd, 1)
		}
		w.wantErrno("the second listener", err, syscall.EADDRINUSE)
	})
	t.Run("a client can choose its address", func(t *testing.T) {
		w := newWorld(t)
		l, at := w.listener(tcp, loopback)
		free, local := w.listener(tcp, loopback)
		w.must(w.CloseSocket(free))
		c := w.socket(tcp)
		w.must(w.Bind(c, local))
		w.must(w.dial(c, at))
		if _, from := w.accept(l); from != local {
			t.Errorf("from %v, want %v", from, local)
		}
	})
	t.Run("a listener that was closed leaves its port", func(t *testing.T) {
		w := newWorld(t)
		l, at := w.listener(tcp, loopback)
		c := w.socket(tcp)
		w.must(w.dial(c, at)) // and is never accepted
		w.must(w.CloseSocket(l))
		again := w.socket(tcp)
		w.must(w.SetOption(again, driver.ReuseAddr, 1))
		w.must(w.Bind(again, at))
		w.must(w.Listen(again, 1))
	})
	t.Run("a burst is accepted one by one, and then no more", func(t *testing.T) {
		w := newWorld(t)
		l, at := w.listener(tcp, loopback)
		var peers []driver.Addr
		for range 10 {
			c := w.socket(tcp)
			w.must(w.dial(c, at))
			a, err := w.LocalAddr(c)
			w.must(err)
			peers = append(peers, a)
		}
		for range 10 {
			_, from := w.accept(l)
			i := slices.Index(peers, from)
			if i < 0 {
				t.Fatalf("%v twice, or from nowhere", from)
			}
			peers = slices.Delete(peers, i, i+1)
		}
		_, _, err := w.Accept(l)
		w.wantErrno("one more", err, syscall.EAGAIN)
	})
}

func TestClosingWhileConnectingEndsIt(t *testing.T) {
	w := newWorld(t)
	_, at := w.listener(tcp, loopback)
	for range 50 {
		fd, err := w.Socket(tcp)
		w.must(err)
		if err := w.Connect(fd, at); err != nil && err != syscall.EINPROGRESS {
			t.Fatal(err)
		}
		w.watch(fd)
		w.must(w.CloseSocket(fd))
	}
}

func TestUnixConnections(t *testing.T) {
	w := newWorld(t)
	at := driver.Addr{Unix: true, Name: filepath.Join(t.TempDir(), "s")}
	l, named := w.listener(unix, at)
	if named != at {
		t.Errorf("listens at %+v, want %+v", named, at)
	}
	c := w.socket(unix)
	w.must(w.dial(c, at))
	s, from := w.accept(l)
	if want := (driver.Addr{Unix: true}); from != want {
		t.Errorf("a client without a name has %+v", from)
	}
	w.must(w.write(s, []byte("hello")))
	if got, err := w.read(c, 5); err != nil || string(got) != "hello" {
		t.Errorf("%q, %v", got, err)
	}
	missing := at
	missing.Name += "not there"
	w.wantErrno("a file that is not there", w.dial(w.socket(unix), missing), syscall.ENOENT)
	w.wantErrno("an address of another family", w.Bind(w.socket(unix), loopback), syscall.EAFNOSUPPORT, syscall.EINVAL)
}

func TestIPv6(t *testing.T) {
	w := newWorld(t)
	tcp6 := driver.Kind{Family: driver.IPv6, Type: driver.Stream}
	listen := func(at string, only int) (int, uint16, error) {
		fd := w.socket(tcp6)
		w.must(w.SetOption(fd, driver.V6Only, only))
		err := w.Bind(fd, driver.Addr{IP: netip.MustParseAddrPort(at)})
		if err == nil {
			err = w.Listen(fd, 1)
		}
		a, _ := w.LocalAddr(fd)
		return fd, a.IP.Port(), err
	}
	l, port, err := listen("[::1]:0", 1)
	if err != nil {
		t.Skip("no IPv6 here:", err)
	}
	w.must(w.dial(w.socket(tcp6), driver.Addr{IP: netip.AddrPortFrom(netip.IPv6Loopback(), port)}))
	if _, from := w.accept(l); from.IP.Addr() != netip.IPv6Loopback() {
		t.Errorf("from %v", from)
	}
	for only, want := range []error{nil, syscall.ECONNREFUSED} {
		_, port, err := listen("[::]:0", only)
		w.must(err)
		v4 := driver.Addr{IP: netip.AddrPortFrom(loopback.IP.Addr(), port)}
		if got := w.dial(w.socket(tcp), v4); got != want {
			t.Errorf("IPv4 to an IPv6 socket with V6Only=%d: %v, want %v", only, got, want)
		}
	}
}

func TestReadsAndWrites(t *testing.T) {
	t.Run("nothing is there yet", func(t *testing.T) {
		w := newWorld(t)
		c, s := w.pair()
		for _, fd := range []int{c, s} {
			_, err := w.Read(fd, make([]byte, 1))
			w.wantErrno("Read", err, syscall.EAGAIN)
		}
		if n, err := w.Read(c, nil); n != 0 || err != nil {
			t.Errorf("a read of nothing: %d, %v", n, err)
		}
	})
	t.Run("much in both directions, in order", func(t *testing.T) {
		w := newWorld(t)
		c, s := w.pair()
		data := make([]byte, 2<<20)
		for i := range data {
			data[i] = byte(i * i >> 8)
		}
		for _, way := range [][2]int{{c, s}, {s, c}} {
			w.exchange(way[0], way[1], data)
		}
	})
	t.Run("a peer that does not read stops the writer", func(t *testing.T) {
		w := newWorld(t)
		c, s := w.pair()
		h := w.watch(c)
		sent := w.fill(c, h)
		got, err := w.read(s, sent)
		if err != nil || len(got) != sent {
			t.Fatalf("%d of %d, %v", len(got), sent, err)
		}
		w.await(h, driver.Writable)
		w.must(w.write(c, []byte("more")))
	})
	t.Run("buffers one after the other", func(t *testing.T) {
		w := newWorld(t)
		c, s := w.pair()
		n, err := w.Writev(c, [][]byte{nil, []byte("ab"), {}, []byte("cde")})
		w.must(err)
		for n < 5 { // a system without such a call writes the first that has bytes
			k, err := w.Write(c, []byte("abcde")[n:])
			w.must(err)
			n += k
		}
		if got, err := w.read(s, 5); string(got) != "abcde" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	})
}

// exchange sends data from one to the other, in a straight line: each side goes on
// as far as it can.
func (w *world) exchange(from, to int, data []byte) {
	w.Helper()
	hf, ht := w.watch(from), w.watch(to)
	defer w.d.Disarm(hf)
	defer w.d.Disarm(ht)
	var got []byte
	buf := make([]byte, 50_000)
	sent := 0
	w.pump("an exchange", func() bool {
		for sent < len(data) {
			n, err := w.Write(from, data[sent:])
			sent += n
			if err == syscall.EAGAIN {
				break
			}
			w.must(err)
		}
		for len(got) < len(data) {
			n, err := w.Read(to, buf)
			got = append(got, buf[:n]...)
			if err == syscall.EAGAIN {
				break
			}
			w.must(err)
		}
		return len(got) == len(data)
	})
	if !bytes.Equal(got, data) {
		w.Error("what came is not what was sent")
	}
}

// fill writes until nothing goes any more, and tells how much went. The bound is that
// of the system's buffers on both sides.
func (w *world) fill(fd int, h driver.Handle) (sent int) {
	w.Helper()
	chunk := make([]byte, 32<<10)
	for {
		n, err := w.Write(fd, chunk)
		sent += n
		if err == nil {
			if sent > 64<<20 {
				w.Fatal("64 MiB, and still no end")
			}
			continue
		}
		w.wantErrno("Write", err, syscall.EAGAIN)
		w.forget(h)
		w.settle()
		if w.told[h]&driver.Writable == 0 {
			return sent
		}
	}
}
