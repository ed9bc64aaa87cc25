//go:build (asyncio_portable && !plan9) || !(linux || darwin || freebsd || openbsd || netbsd || dragonfly || plan9)

package driver

import (
	"context"
	"net"
	"sync"
	"syscall"
)

// Connect implements Network. Datagrams have their peer at once, a stream gets it
// on a goroutine.
func (n portableNet) Connect(fd int, a Addr) error {
	return n.with(fd, func(s *socket) error {
		switch {
		case a.Unix != (s.kind.Family == Unix):
			return syscall.EAFNOSUPPORT
		case s.kind.Type == Datagram:
			return s.connectDatagrams(a)
		case s.hasPeer:
			return syscall.EISCONN
		case s.hangUp != nil:
			return syscall.EALREADY
		case s.opened():
			return syscall.EINVAL
		}
		ctx, cancel := context.WithCancel(context.Background())
		s.hangUp, s.peer = cancel, a
		d := s.dialer()
		s.d.start(func() {
			conn, err := d.DialContext(ctx, s.network(), s.text(a))
			s.dialled(conn, err)
		})
		return syscall.EINPROGRESS
	})
}

// dialer makes connections that begin as the system's do, without what package net
// adds.
func (s *socket) dialer() *net.Dialer {
	d := &net.Dialer{KeepAlive: -1, FallbackDelay: -1, Control: s.control()}
	if s.local != (Addr{}) {
		d.LocalAddr = netAddr(s.local, s.kind)
	}
	d.SetMultipathTCP(false)
	return d
}

func (s *socket) dialled(conn net.Conn, err error) {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	s.hangUp()
	s.hangUp = nil
	switch {
	case s.closed && err == nil:
		conn.Close()
	case s.closed:
	case err != nil:
		s.failed = errnoOf(err)
		s.announce(Readable | Writable | Hangup)
	default:
		s.connected(conn)
		s.announce(Writable)
	}
}

// connected gives the socket its connection and the goroutines for it.
func (s *socket) connected(conn net.Conn) {
	s.peer, s.hasPeer = addrFrom(conn.RemoteAddr()), true
	s.conn = conn
	s.apply()
	s.flow(conn)
}

// flow makes the bytes of a connection come and go.
func (s *socket) flow(conn net.Conn) {
	s.conn = conn
	whole := s.kind.Type == SeqPacket
	s.openOutbox(conn, whole)
	s.openInbox(func(p []byte) (int, Addr, error) {
		n, err := conn.Read(p)
		return n, Addr{}, err
	}, whole, true)
}

// SocketError implements Network.
func (n portableNet) SocketError(fd int) error {
	return n.with(fd, func(s *socket) error {
		switch {
		case s.failed != nil:
			return s.failed
		case !s.hasPeer:
			return syscall.EINPROGRESS
		}
		return nil
	})
}

// Listen implements Network. Errors of the Bind before it come out here.
func (n portableNet) Listen(fd, _ int) error {
	return n.with(fd, func(s *socket) error {
		switch {
		case s.kind.Type == Datagram:
			return syscall.EOPNOTSUPP
		case s.listener != nil:
			return nil
		case s.opened():
			return syscall.EINVAL
		}
		config := net.ListenConfig{KeepAlive: -1, Control: s.control()}
		config.SetMultipathTCP(false)
		l, err := config.Listen(context.Background(), s.bindNetwork(), s.text(s.localOrAny()))
		if err != nil {
			return errnoOf(err)
		}
		if u, ok := l.(*net.UnixListener); ok {
			u.SetUnlinkOnClose(false) // the file is the owner's, as elsewhere
		}
		s.listener = &acceptor{s: s, l: l, taken: sync.Cond{L: &s.d.mu}}
		s.d.start(s.listener.run)
		return nil
	})
}

// An acceptor accepts ahead on a goroutine, by one connection or one error.
type acceptor struct {
	s     *socket
	l     net.Listener
	taken sync.Cond
	conn  net.Conn
	err   error
}

func (a *acceptor) full() bool { return a.conn != nil || a.err != nil }

func (a *acceptor) run() {
	for a.wanted() {
		conn, err := a.l.Accept()
		a.put(conn, err)
	}
}

func (a *acceptor) wanted() bool {
	a.s.d.mu.Lock()
	defer a.s.d.mu.Unlock()
	for a.full() && !a.s.closed {
		a.taken.Wait()
	}
	return !a.s.closed
}

func (a *acceptor) put(conn net.Conn, err error) {
	a.s.d.mu.Lock()
	defer a.s.d.mu.Unlock()
	if a.s.closed {
		if err == nil {
			conn.Close()
		}
		return
	}
	a.conn, a.err = conn, errnoOf(err)
	a.s.announce(Readable)
}

// close ends the listener, and the connection that nobody has taken.
func (a *acceptor) close() {
	a.l.Close()
	if a.conn != nil {
		a.conn.Close()
	}
	a.taken.Signal()
}

// Accept implements Network. The connection has the listener's options.
func (n portableNet) Accept(fd int) (conn int, peer Addr, err error) {
	conn = -1
	err = n.with(fd, func(s *socket) error {
		a := s.listener
		switch {
		case a == nil:
			return syscall.EINVAL
		case !a.full():
			return syscall.EAGAIN
		}
		c, err := a.conn, a.err
		a.conn, a.err = nil, nil
		a.taken.Signal()
		if err != nil {
			return err
		}
		accepted := s.d.open(s.kind, inherited(s.values))
		accepted.connected(c)
		conn, peer = accepted.fd, accepted.peer
		return nil
	})
	return conn, peer, err
}
