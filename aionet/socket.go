package aionet

import (
	"context"
	"syscall"

	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/internal/inside"
)

// A socket is a non-blocking descriptor on a loop, with calls that wait. Connections,
// listeners and packet sockets are made of it.
//
// A call goes to the system only when it can succeed. The descriptor is watched
// edge-triggered from the first time on at which somebody has to wait: each event
// says "ready", and a call that would block, or a read that got less than it asked
// for, takes that back. An echo thus takes two calls and a share of one poll.
type socket struct {
	poller  inside.Poller
	net     driver.Network
	fd      int
	handle  driver.Handle
	in, out half
	plain   bool // it is no socket: a pipe, a terminal
	drains  bool // a short read means that nothing is left: TCP without urgent data
	hangup  bool // the peer will send no more: no event tells of the end again
	watched bool
	closed  bool
	partial bool // a write was cancelled in the middle
	over    bool // a call has seen the end of the stream

	onHangup func() // see Conn.OnHangup
}

// open makes fd, which must be non-blocking, a socket of the loop.
func (s *socket) open(p inside.Poller, fd int, k driver.Kind) {
	s.poller, s.net, s.fd = p, p.Driver().Network(), fd
	s.plain = k.Type == 0
	s.drains = k.Type == driver.Stream && k.Family != driver.Unix && k.Family != 0
	s.in = half{what: "data", ready: true}
	s.out = half{what: roomToWrite, ready: true}
	s.handle = p.Register(fd, (*sink)(s))
}

// watch asks the driver for events, once.
func (s *socket) watch() error {
	if s.watched {
		return nil
	}
	err := s.poller.Driver().Watch(s.handle)
	s.watched = err == nil
	return err
}

// sink is a socket as the loop sees it.
type sink socket

// Ready takes an event from the driver.
func (k *sink) Ready(m driver.Mode) {
	s := (*socket)(k)
	if m&driver.Hangup != 0 {
		s.hangup = true
		s.hungUp()
	}
	if m&driver.Urgent != 0 {
		s.drains = false // a read stops at the mark, and what is behind it is no news
	}
	if m&driver.Readable != 0 {
		s.in.wake()
		s.in.callBack(s.poller.Call)
	}
	if m&driver.Writable != 0 {
		s.out.wake()
	}
}

// Lost ends the socket: with its loop, or because somebody has closed its descriptor
// without asking.
func (k *sink) Lost(ended bool) {
	s := (*socket)(k)
	if s.closed {
		return
	}
	s.closed = true
	if ended {
		s.net.CloseSocket(s.fd)
		return
	}
	s.tellHangup(nil)
	s.in.wake()
	s.out.wake()
	s.in.callBack(s.soon)
}

// read waits for at least one byte, or the end of the stream: 0 and no error.
func (s *socket) read(ctx context.Context, p []byte) (int, error) {
	if err := s.enter(ctx, &s.in); err != nil || len(p) == 0 {
		return 0, err
	}
	for {
		if s.in.ready {
			n, err := s.recv(p)
			if err == nil {
				s.in.spent += n
				s.in.ready = n == len(p) || !s.drains || s.hangup
				s.over = n == 0
				return n, nil
			}
			if err != syscall.EAGAIN {
				return 0, err
			}
			s.in.ready = false
		}
		if err := s.await(ctx, &s.in); err != nil {
			return 0, err
		}
	}
}

func (s *socket) recv(p []byte) (int, error) {
	if s.plain {
		return s.net.Read(s.fd, p)
	}
	return s.net.Recv(s.fd, p)
}

func (s *socket) send(p []byte) (int, error) {
	if s.plain {
		return s.net.Write(s.fd, p)
	}
	return s.net.Send(s.fd, p)
}

// write waits until all of p is the system's.
func (s *socket) write(ctx context.Context, p []byte) (n int, err error) {
	if err := s.enter(ctx, &s.out); err != nil {
		return 0, err
	}
	if s.partial {
		return 0, ErrPartialWrite
	}
	for n < len(p) && err == nil {
		if s.out.spent > fairShare {
			err = s.giveWay(ctx, &s.out)
		} else if s.out.ready {
			err = s.writeSome(p, &n)
		} else {
			err = s.await(ctx, &s.out)
		}
	}
	if err != nil && n > 0 && ctx.Err() != nil {
		s.partial = true
	}
	return n, err
}

// writeSome writes what the system takes of p[*n:].
func (s *socket) writeSome(p []byte, n *int) error {
	k, err := s.send(p[*n:])
	if err == syscall.EAGAIN {
		s.out.ready = false
		return nil
	}
	if err != nil {
		return err
	}
	*n += k
	s.out.spent += k
	s.out.ready = *n == len(p)
	return nil
}

// close gives the descriptor back and ends the waits; false if that was done before.
func (s *socket) close() (bool, error) {
	if s.closed {
		return false, nil
	}
	s.closed = true
	for _, h := range [...]*half{&s.in, &s.out} {
		h.until.stopTimer()
		h.wake()
	}
	s.in.callBack(s.soon)
	s.tellHangup(nil)
	s.poller.Unregister(s.handle)
	if s.watched {
		s.poller.Driver().Disarm(s.handle) // it may live on as a duplicate
	}
	return true, s.net.CloseSocket(s.fd)
}
