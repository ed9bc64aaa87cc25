package driver_test

import (
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/internal/driver"
)

// settle takes the events of a little while.
func (w *world) settle() {
	for until := w.d.Now().Add(20 * time.Millisecond); w.d.Now() < until; {
		for _, e := range wait(w, w.d, until) {
			w.told[e.Handle] |= e.Mode
		}
	}
}

func TestTheEndOfAStream(t *testing.T) {
	t.Run("comes after the data, and with a hangup", func(t *testing.T) {
		w := newWorld(t)
		c, s := w.pair()
		w.watch(s)
		w.must(w.write(c, []byte("bye")))
		w.must(w.CloseSocket(c))
		if got, err := w.read(s, 10); string(got) != "bye" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		h := w.watch(s)
		w.await(h, driver.Readable|driver.Hangup)
		if n, err := w.Read(s, make([]byte, 1)); n != 0 || err != nil {
			t.Errorf("after the end: %d, %v", n, err)
		}
	})
	t.Run("is told to somebody who got less than he asked for", func(t *testing.T) {
		w := newWorld(t)
		c, s := w.pair()
		h := w.watch(s)
		w.must(w.write(c, []byte("bye")))
		w.await(h, driver.Readable)
		buf := make([]byte, 10)
		if n, err := w.Read(s, buf); n != 3 || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
		w.forget(h)
		w.must(w.Shutdown(c, driver.ShutWrite))
		w.await(h, driver.Readable|driver.Hangup)
	})
	t.Run("is told while there is data that nobody reads", func(t *testing.T) {
		w := newWorld(t)
		c, s := w.pair()
		h := w.watch(s)
		w.must(w.write(c, make([]byte, 10_000)))
		w.await(h, driver.Readable)
		w.must(w.CloseSocket(c))
		w.await(h, driver.Hangup)
		if got, err := w.read(s, 20_000); len(got) != 10_000 || err != nil {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	})
	t.Run("of one direction leaves the other", func(t *testing.T) {
		w := newWorld(t)
		c, s := w.pair()
		w.must(w.write(c, []byte("question")))
		w.must(w.Shutdown(c, driver.ShutWrite))
		if got, err := w.read(s, 100); string(got) != "question" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		w.must(w.write(s, []byte("answer")))
		if got, err := w.read(c, 6); string(got) != "answer" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		_, err := w.Write(c, []byte("x"))
		w.wantErrno("a write after the end", err, syscall.EPIPE)
	})
	t.Run("made here is read here", func(t *testing.T) {
		w := newWorld(t)
		c, _ := w.pair()
		w.must(w.Shutdown(c, driver.ShutRead))
		if got, err := w.read(c, 1); len(got) != 0 || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	})
	t.Run("made here for writing is no hangup", func(t *testing.T) {
		w := newWorld(t)
		c, s := w.pair()
		h := w.watch(c)
		w.must(w.Shutdown(c, driver.ShutWrite))
		w.await(w.watch(s), driver.Hangup)
		w.quiet(h, driver.Hangup)
	})
	t.Run("needs a connection", func(t *testing.T) {
		w := newWorld(t)
		w.wantErrno("Shutdown", w.Shutdown(w.socket(tcp), driver.ShutBoth), syscall.ENOTCONN)
	})
	t.Run("loses nothing of what was written before", func(t *testing.T) {
		w := newWorld(t)
		c, s := w.pair()
		sent := w.fill(c, w.watch(c))
		w.must(w.CloseSocket(c))
		got, err := w.read(s, sent+1)
		if len(got) != sent || err != nil {
			t.Errorf("%d of %d, %v", len(got), sent, err)
		}
	})
}

func TestAReset(t *testing.T) {
	w := newWorld(t)
	c, s := w.pair()
	h := w.watch(s)
	w.must(w.SetOption(c, driver.Linger, 0))
	w.must(w.CloseSocket(c))
	w.await(h, driver.Readable|driver.Hangup)
	_, err := w.Read(s, make([]byte, 1))
	w.wantErrno("Read", err, syscall.ECONNRESET)
	w.pump("an error of a write", func() bool { // the first may still be taken
		_, err = w.Write(s, []byte("x"))
		return err != nil
	})
	w.wantErrno("Write", err, syscall.EPIPE, syscall.ECONNRESET)
}

func TestClosedNumbersAreRefused(t *testing.T) {
	w := newWorld(t)
	fd, err := w.Socket(tcp)
	w.must(err)
	w.must(w.CloseSocket(fd))
	w.wantErrno("CloseSocket", w.CloseSocket(fd), syscall.EBADF)
	_, err = w.Read(fd, make([]byte, 1))
	w.wantErrno("Read", err, syscall.EBADF)
	_, err = w.LocalAddr(fd)
	w.wantErrno("LocalAddr", err, syscall.EBADF)
	if err := w.d.Watch(driver.Handle{FD: fd, Gen: 1}); err == nil {
		t.Error("Watch took it")
	}
}

func TestWatching(t *testing.T) {
	t.Run("tells what is so already", func(t *testing.T) {
		w := newWorld(t)
		c, s := w.pair()
		w.must(w.write(c, []byte("x")))
		w.await(w.watch(s), driver.Readable|driver.Writable)
	})
	t.Run("tells each change once", func(t *testing.T) {
		w := newWorld(t)
		c, s := w.pair()
		h := w.watch(s)
		w.await(h, driver.Writable)
		for range 20 {
			w.must(w.write(c, []byte("x")))
			w.await(h, driver.Readable)
			w.forget(h)
			w.quiet(h, driver.Readable|driver.Writable) // nothing has changed since
			if n, err := w.Read(s, make([]byte, 8)); n != 1 || err != nil {
				t.Fatalf("%d, %v", n, err)
			}
		}
	})
	t.Run("a new owner of a number hears nothing of the old one", func(t *testing.T) {
		w := newWorld(t)
		c, s := w.pair()
		old := w.watch(s)
		w.must(w.write(c, []byte("x")))
		w.settle()
		w.forget(old)
		w.must(w.write(c, []byte("y"))) // an event that is under way
		w.must(w.d.Disarm(old))
		w.must(w.CloseSocket(s))
		fd := w.socket(tcp)
		now := w.watch(fd)
		w.settle()
		if w.told[old] != 0 {
			t.Errorf("the old owner heard %v", w.told[old])
		}
		if w.told[now]&driver.Readable != 0 && w.told[now]&driver.Hangup == 0 {
			t.Errorf("the new owner of number %d (before: %d) heard %v", fd, s, w.told[now])
		}
		w.must(w.d.Disarm(old)) // and does not disturb
	})
	t.Run("ends with the socket, whatever was under way", func(t *testing.T) {
		w := newWorld(t)
		c, s := w.pair()
		h := w.watch(s)
		w.must(w.write(c, []byte("x")))
		w.must(w.CloseSocket(s))
		w.quiet(h, driver.Readable|driver.Writable|driver.Hangup)
	})
	t.Run("of a listener tells of each connection", func(t *testing.T) {
		w := newWorld(t)
		l, at := w.listener(tcp, loopback)
		h := w.watch(l)
		for range 5 {
			w.must(w.dial(w.socket(tcp), at))
			w.await(h, driver.Readable)
			w.forget(h)
			fd, _, err := w.Accept(l)
			w.must(err)
			w.CloseSocket(fd)
		}
	})
	t.Run("once, by Arm, tells once", func(t *testing.T) {
		w := newWorld(t)
		c, s := w.pair()
		h := driver.Handle{FD: s, Gen: 99}
		if err := w.d.Arm(h, driver.Readable); errors.Is(err, errors.ErrUnsupported) {
			t.Skip("only what Network has made can be waited for here")
		} else if err != nil {
			t.Fatal(err)
		}
		w.quiet(h, driver.Readable|driver.Writable)
		w.must(w.write(c, []byte("x")))
		w.await(h, driver.Readable)
		w.forget(h)
		w.must(w.write(c, []byte("x")))
		w.quiet(h, driver.Readable)
		w.must(w.d.Arm(h, driver.Readable))
		w.await(h, driver.Readable)
	})
}

// A goroutine that has a handle of a loop may come too late with its Wake.
func TestAWakeAfterCloseDoesNoHarm(t *testing.T) {
	d, err := driver.New()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, Network: d.Network(), d: d, told: make(map[driver.Handle]driver.Mode)}
	w.watch(w.socket(udp))
	woken := make(chan bool)
	go func() {
		defer close(woken)
		for range 1000 {
			d.Wake()
		}
	}()
	w.must(d.Close())
	<-woken
}
