package driver_test

import (
	"errors"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/internal/driver"
)

// world is a driver with its sockets, and what its events have told. The tests that
// use it are the contract of [driver.Network]: they run on the driver of the system,
// and on the portable one where the build tag asks for that.
type world struct {
	*testing.T
	driver.Network
	d    driver.Driver
	told map[driver.Handle]driver.Mode // since the last call of forget
	gen  uint32
}

func newWorld(t *testing.T) *world {
	t.Helper()
	d := open(t)
	return &world{T: t, Network: d.Network(), d: d, told: make(map[driver.Handle]driver.Mode)}
}

var (
	tcp  = driver.Kind{Family: driver.IPv4, Type: driver.Stream}
	udp  = driver.Kind{Family: driver.IPv4, Type: driver.Datagram}
	unix = driver.Kind{Family: driver.Unix, Type: driver.Stream}

	loopback = driver.Addr{IP: netip.MustParseAddrPort("127.0.0.1:0")}
)

// must ends the test where a call of the network fails.
func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// socket is a new socket that is closed with the test.
func (w *world) socket(k driver.Kind) int {
	w.Helper()
	fd, err := w.Socket(k)
	w.must(err)
	w.Cleanup(func() { w.CloseSocket(fd) })
	return fd
}

// watch makes events of fd come.
func (w *world) watch(fd int) driver.Handle {
	w.Helper()
	w.gen++
	h := driver.Handle{FD: fd, Gen: w.gen}
	w.must(w.d.Watch(h))
	return h
}

// pump takes events until done, for five seconds at the most.
func (w *world) pump(what string, done func() bool) {
	w.Helper()
	for until := w.d.Now().Add(5 * time.Second); !done(); {
		if w.d.Now() >= until {
			w.Fatalf("nothing came of it: %s; events %v", what, w.told)
		}
		for _, e := range wait(w, w.d, until) {
			w.told[e.Handle] |= e.Mode
		}
	}
}

// await waits for an event.
func (w *world) await(h driver.Handle, m driver.Mode) {
	w.Helper()
	w.pump("an event", func() bool { return w.told[h]&m == m })
}

// quiet looks whether events come that should not.
func (w *world) quiet(h driver.Handle, m driver.Mode) {
	w.Helper()
	for until := w.d.Now().Add(10 * time.Millisecond); w.d.Now() < until; {
		for _, e := range wait(w, w.d, until) {
			w.told[e.Handle] |= e.Mode
		}
	}
	if got := w.told[h] & m; got != 0 {
		w.Errorf("events %v for %v", got, h)
	}
}

func (w *world) forget(h driver.Handle) { delete(w.told, h) }

// listener listens at a.
func (w *world) listener(k driver.Kind, a driver.Addr) (fd int, at driver.Addr) {
	w.Helper()
	fd = w.socket(k)
	w.must(w.Bind(fd, a))
	w.must(w.Listen(fd, 16))
	at, err := w.LocalAddr(fd)
	w.must(err)
	return fd, at
}

// dial begins a connection and waits for its outcome.
func (w *world) dial(fd int, a driver.Addr) error {
	w.Helper()
	err := w.Connect(fd, a)
	if err != syscall.EINPROGRESS {
		return err
	}
	h := w.watch(fd)
	defer w.d.Disarm(h)
	for {
		w.await(h, driver.Writable)
		if err = w.SocketError(fd); err != syscall.EINPROGRESS {
			return err
		}
		w.forget(h)
	}
}

// accept waits for a connection.
func (w *world) accept(listener int) (fd int, peer driver.Addr) {
	w.Helper()
	h := w.watch(listener)
	defer w.d.Disarm(h)
	for {
		fd, peer, err := w.Accept(listener)
		if err == nil {
			w.Cleanup(func() { w.CloseSocket(fd) })
			return fd, peer
		}
		if err != syscall.EAGAIN {
			w.Fatal(err)
		}
		w.forget(h)
		w.await(h, driver.Readable)
	}
}

// pair is two connected streams.
func (w *world) pair() (client, server int) {
	w.Helper()
	l, at := w.listener(tcp, loopback)
	client = w.socket(tcp)
	w.must(w.dial(client, at))
	server, _ = w.accept(l)
	return client, server
}

// read waits for n bytes, or for the end or an error.
func (w *world) read(fd, n int) (got []byte, err error) {
	w.Helper()
	h := w.watch(fd)
	defer w.d.Disarm(h)
	buf := make([]byte, n)
	for len(got) < n {
		k, err := w.Read(fd, buf[:n-len(got)])
		got = append(got, buf[:k]...)
		switch {
		case err == syscall.EAGAIN:
			w.forget(h)
			w.await(h, driver.Readable)
		case err != nil, k == 0:
			return got, err
		}
	}
	return got, nil
}

// write waits until all of p is written, or for an error.
func (w *world) write(fd int, p []byte) error {
	w.Helper()
	h := w.watch(fd)
	defer w.d.Disarm(h)
	for len(p) > 0 {
		n, err := w.Write(fd, p)
		p = p[n:]
		if err == syscall.EAGAIN {
			w.forget(h)
			w.await(h, driver.Writable)
		} else if err != nil {
			return err
		}
	}
	return nil
}

// wantErrno checks an error: bare, as the system has it.
func (w *world) wantErrno(what string, err error, any ...syscall.Errno) {
	w.Helper()
	got, ok := err.(syscall.Errno)
	for _, e := range any {
		if ok && got == e {
			return
		}
	}
	if errors.Is(err, errors.ErrUnsupported) {
		w.Skip("not on this system")
	}
	w.Errorf("%s: %v (%T), want one of %v", what, err, err, any)
}
