package asynciotest_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/internal/inside"
)

// A netStream is a connection of package net for the tasks of a loop: its calls wait
// on threads, and are cancelled by a deadline that has passed. It is slow, and here
// to test the suite: what a suite demands of our streams must be true of the platform's.
type netStream struct {
	net.Conn
	loop   inside.Poller
	read   netDirection
	write  netDirection
	once   sync.Once
	closed bool
}

// netDirection is what the two directions of a netStream have apart.
type netDirection struct {
	set     func(time.Time) error
	busy    bool
	partial bool

	mu          sync.Mutex
	deadline    time.Time // the user's
	interrupted bool
}

var _ asynciotest.Stream = (*netStream)(nil)

func newNetStream(ctx context.Context, c net.Conn) *netStream {
	s := &netStream{Conn: c, loop: inside.PollerOf(ctx)}
	s.read.set, s.write.set = c.SetReadDeadline, c.SetWriteDeadline
	return s
}

func (s *netStream) Read(p []byte) (int, error)  { return s.inTask(s.ReadContext, p) }
func (s *netStream) Write(p []byte) (int, error) { return s.inTask(s.WriteContext, p) }

// inTask calls f under the context of the running task.
func (s *netStream) inTask(f func(context.Context, []byte) (int, error), p []byte) (int, error) {
	ctx, err := s.loop.Context()
	if err != nil {
		return 0, err
	}
	return f(ctx, p)
}

func (s *netStream) ReadContext(ctx context.Context, p []byte) (int, error) {
	n, err := s.call(ctx, &s.read, "read", len(p), func() (int, error) { return s.Conn.Read(p) })
	if n > 0 && err != nil && err != io.EOF {
		err = nil // what came is not lost, and the error comes again
	}
	return n, err
}

// errPartial is the error of a write after half of another.
var errPartial = errors.New("a write before this one was cancelled in the middle")

func (s *netStream) WriteContext(ctx context.Context, p []byte) (int, error) {
	if s.write.partial && !s.closed {
		return 0, errPartial
	}
	n, err := s.call(ctx, &s.write, "write", len(p), func() (int, error) { return s.Conn.Write(p) })
	if 0 < n && n < len(p) && ctx.Err() != nil && !s.closed {
		s.write.partial = true
	}
	return n, err
}

// call brings a call to a thread, if there is no reason against it.
func (s *netStream) call(ctx context.Context, d *netDirection, op string, size int, f func() (int, error)) (int, error) {
	if err := asyncio.Checkpoint(ctx); err != nil {
		return 0, err
	}
	switch {
	case s.closed:
		return 0, &net.OpError{Op: op, Net: s.LocalAddr().Network(), Source: s.LocalAddr(), Addr: s.RemoteAddr(), Err: net.ErrClosed}
	case size == 0:
		return 0, nil // net.Pipe would wait for the other side
	case d.busy:
		return 0, asyncio.ErrBusy
	}
	n, err := interruptible(ctx, d, f)
	if s.closed && errors.Is(err, io.ErrClosedPipe) {
		err = net.ErrClosed
	}
	return n, err
}

// interruptible is a call on a thread. Where ctx ends first the call is interrupted
// and its end awaited.
func interruptible[T any](ctx context.Context, d *netDirection, f func() (T, error)) (T, error) {
	d.busy = true
	defer func() { d.busy = false }()
	over := make(chan struct{})
	stop := context.AfterFunc(ctx, func() { d.interrupt(); close(over) })
	v, err := asyncio.ToThread(context.WithoutCancel(ctx), func(context.Context) (T, error) { return f() })
	if !stop() {
		<-over
		d.resume()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			err = asyncio.Checkpoint(ctx)
		}
	}
	return v, err
}

func (d *netDirection) interrupt() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.interrupted = true
	d.set(time.Unix(1, 0))
}

func (d *netDirection) resume() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.interrupted = false
	d.set(d.deadline)
}

func (d *netDirection) setDeadline(t time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.deadline = t
	if d.interrupted {
		return nil
	}
	return d.set(t)
}

func (s *netStream) SetReadDeadline(t time.Time) error  { return s.setDeadline(t, &s.read) }
func (s *netStream) SetWriteDeadline(t time.Time) error { return s.setDeadline(t, &s.write) }
func (s *netStream) SetDeadline(t time.Time) error      { return s.setDeadline(t, &s.read, &s.write) }

func (s *netStream) setDeadline(t time.Time, ds ...*netDirection) error {
	if s.closed {
		return net.ErrClosed
	}
	for _, d := range ds {
		if err := d.setDeadline(t); err != nil {
			return err
		}
	}
	return nil
}

func (s *netStream) Close() (err error) {
	s.once.Do(func() {
		s.closed = true
		err = s.Conn.Close()
	})
	return err
}

func (s *netStream) CloseWrite() error {
	if c, ok := s.Conn.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return errors.ErrUnsupported
}

func (s *netStream) Abort() error {
	if c, ok := s.Conn.(interface{ SetLinger(int) error }); ok && !s.closed {
		if err := c.SetLinger(0); err != nil && !errors.Is(err, syscall.EINVAL) { // the other side has gone
			return err
		}
	}
	return s.Close()
}
