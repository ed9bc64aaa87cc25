//go:build (asyncio_portable && !plan9) || !(linux || darwin || freebsd || openbsd || netbsd || dragonfly || plan9)

package driver

import (
	"context"
	"errors"
	"math"
	"net"
	"os"
	"strings"
	"syscall"
	"time"
)

// patience is how long the loop may be held by sending a datagram. The system takes
// one in some microseconds, except where its buffer or that of a Unix peer is full.
const patience = 200 * time.Microsecond

// A sender sends datagrams on the loop, so that errors come back from the call that
// they belong to. Where the system does not take one in time, that one is sent on
// a goroutine, and until it is gone there is no room for another.
type sender struct {
	s    *socket
	conn net.Conn
	busy bool
	err  error // of the one that was sent on the goroutine
}

// bindDatagrams opens the socket at its address, or at any.
func (s *socket) bindDatagrams() error {
	config := net.ListenConfig{Control: s.control()}
	conn, err := config.ListenPacket(context.Background(), s.bindNetwork(), s.text(s.localOrAny()))
	if err != nil {
		s.local = Addr{}
		return errnoOf(err)
	}
	return s.openDatagrams(conn.(net.Conn))
}

// connectDatagrams opens the socket with a peer. One that was bound is opened anew
// at its address, so that the system tells of refused datagrams.
func (s *socket) connectDatagrams(a Addr) error {
	if s.hasPeer {
		return syscall.EISCONN // changing the peer is for the system's own sockets
	}
	if s.conn != nil {
		s.local = addrFrom(s.post.conn.LocalAddr())
		s.in.stop()
		s.conn.Close()
		if s.kind.Family == Unix && !strings.HasPrefix(s.local.Name, "\x00") {
			os.Remove(s.local.Name) // bound again it must not be there
		}
	}
	conn, err := s.dialer().DialContext(context.Background(), s.network(), s.text(a))
	if err != nil {
		return errnoOf(err)
	}
	s.peer, s.hasPeer = a, true
	return s.openDatagrams(conn)
}

func (s *socket) openDatagrams(conn net.Conn) error {
	s.conn = conn
	s.post = &sender{s: s, conn: conn}
	s.apply()
	s.openInbox(receiver(conn), true, false)
	s.announce(Writable)
	return nil
}

// receiver reads one datagram with its sender.
func receiver(conn net.Conn) func([]byte) (int, Addr, error) {
	if u, ok := conn.(*net.UDPConn); ok {
		return func(p []byte) (int, Addr, error) {
			n, from, err := u.ReadFromUDPAddrPort(p)
			return n, Addr{IP: from}, err
		}
	}
	return func(p []byte) (int, Addr, error) {
		n, from, err := conn.(*net.UnixConn).ReadFromUnix(p)
		if from == nil {
			return n, Addr{Unix: true}, err
		}
		return n, addrFrom(from), err
	}
}

// sender is what the next datagram goes out by. One without an address of its own
// gets one.
func (s *socket) sender(size int, to Addr) (*sender, error) {
	switch {
	case s.post == nil && to == (Addr{}):
		return nil, syscall.EDESTADDRREQ
	case s.post == nil && s.kind.Family == Unix:
		return nil, syscall.EOPNOTSUPP // package net has no such socket
	case s.post == nil:
		if err := s.bindDatagrams(); err != nil {
			return nil, err
		}
	case s.post.busy:
		return nil, syscall.EAGAIN
	}
	if s.kind.Family != Unix && size > math.MaxUint16 {
		return nil, syscall.EMSGSIZE
	}
	switch err := s.post.err; {
	case err != nil:
		s.post.err = nil
		return nil, err
	case to == (Addr{}) && !s.hasPeer:
		return nil, syscall.EDESTADDRREQ
	case to != (Addr{}) && s.hasPeer:
		return nil, syscall.EISCONN
	}
	return s.post, nil
}

// send is for the loop, without the lock.
func (x *sender) send(p []byte, to Addr) (int, error) {
	for range 2 { // on a busy machine the first deadline can be over before the system is asked
		x.conn.SetWriteDeadline(time.Now().Add(patience))
		n, err := x.try(p, to)
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return n, errnoOf(err)
		}
	}
	p = append([]byte(nil), p...)
	x.s.d.mu.Lock()
	defer x.s.d.mu.Unlock()
	x.busy = true
	x.conn.SetWriteDeadline(time.Time{})
	x.s.d.start(func() {
		_, err := x.try(p, to)
		x.sent(err)
	})
	return len(p), nil
}

func (x *sender) try(p []byte, to Addr) (int, error) {
	switch c := x.conn.(type) {
	case *net.UDPConn:
		if to != (Addr{}) {
			return c.WriteToUDPAddrPort(p, to.IP)
		}
	case *net.UnixConn:
		if to != (Addr{}) {
			return c.WriteToUnix(p, netAddr(to, x.s.kind).(*net.UnixAddr))
		}
	}
	return x.conn.Write(p)
}

// sent ends what the goroutine did.
func (x *sender) sent(err error) {
	x.s.d.mu.Lock()
	defer x.s.d.mu.Unlock()
	x.busy, x.err = false, errnoOf(err)
	x.s.announce(Writable)
}
