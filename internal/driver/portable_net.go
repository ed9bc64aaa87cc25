//go:build (asyncio_portable && !plan9) || !(linux || darwin || freebsd || openbsd || netbsd || dragonfly || plan9)

package driver

import (
	"net"
	"syscall"
)

// portableNet is the sockets of package net behind the verbs of the seam. Each
// stream has a goroutine that reads ahead and one that writes behind, each listener
// one that accepts ahead, by one connection; all of them bounded, so that a peer
// feels it when the loop does not read. What the goroutines do not do at once is
// EAGAIN here, and an event later.
//
// What differs from a system's own sockets:
//   - A failed write of a stream is told by a later one.
//   - A reset is told after the bytes that were read ahead.
//   - The backlog is the system's.
//   - There is no ancillary data.
type portableNet struct{ d *portable }

// get is the socket of a number.
func (p *portable) get(fd int) (*socket, error) {
	if s := p.numbers[fd]; s != nil {
		return s, nil
	}
	return nil, syscall.EBADF
}

// with runs f on a socket under the driver's lock.
func (n portableNet) with(fd int, f func(s *socket) error) error {
	n.d.mu.Lock()
	defer n.d.mu.Unlock()
	s, err := n.d.get(fd)
	if err != nil {
		return err
	}
	return f(s)
}

// Socket implements Network. It cannot tell yet whether the system has the kind.
func (n portableNet) Socket(k Kind) (int, error) {
	n.d.mu.Lock()
	defer n.d.mu.Unlock()
	switch {
	case n.d.closed:
		return -1, net.ErrClosed
	case k.Family < IPv4 || k.Family > Unix:
		return -1, syscall.EAFNOSUPPORT
	case k.Type < Stream || k.Type > SeqPacket || k.Type == SeqPacket && k.Family != Unix:
		return -1, syscall.EPROTONOSUPPORT
	}
	return n.d.open(k, make(map[Option]int)).fd, nil
}

// open makes a socket with a number. The caller holds the lock.
func (p *portable) open(k Kind, values map[Option]int) *socket {
	s := &socket{d: p, kind: k, values: values}
	s.fd = p.number(s)
	return s
}

// Bind implements Network. For streams it only notes the address: package net takes
// it together with what comes next.
func (n portableNet) Bind(fd int, a Addr) error {
	return n.with(fd, func(s *socket) error {
		switch {
		case a.Unix != (s.kind.Family == Unix), !a.Unix && a.IP.Addr().Is4() != (s.kind.Family == IPv4):
			return syscall.EAFNOSUPPORT
		case s.opened() || s.local != (Addr{}):
			return syscall.EINVAL
		}
		s.local = a
		if s.kind.Type == Datagram {
			return s.bindDatagrams()
		}
		return nil
	})
}

// opened tells whether the system knows the socket.
func (s *socket) opened() bool {
	return s.conn != nil || s.listener != nil || s.hangUp != nil || s.failed != nil
}

// Read implements Network.
func (n portableNet) Read(fd int, p []byte) (int, error) {
	m, err := n.receive(fd, p)
	return m.N, err
}

// RecvMsg implements Network.
func (n portableNet) RecvMsg(fd int, p, _ []byte) (Message, error) { return n.receive(fd, p) }

func (n portableNet) receive(fd int, p []byte) (m Message, err error) {
	err = n.with(fd, func(s *socket) (err error) {
		switch {
		case s.in == nil && s.kind.Type == Datagram:
			return syscall.EAGAIN
		case s.in == nil:
			return syscall.ENOTCONN
		case len(p) == 0 && s.kind.Type == Stream:
			return nil
		}
		m, err = s.in.take(p)
		return err
	})
	return m, err
}

// Write implements Network.
func (n portableNet) Write(fd int, p []byte) (int, error) { return n.SendMsg(fd, p, nil, Addr{}) }

// Writev implements Network.
func (n portableNet) Writev(fd int, bufs [][]byte) (sent int, err error) {
	for _, b := range bufs {
		k, err := n.Write(fd, b)
		sent += k
		if err != nil || k < len(b) {
			if sent > 0 {
				err = nil // the next call will have it
			}
			return sent, err
		}
	}
	return sent, nil
}

// SendMsg implements Network.
func (n portableNet) SendMsg(fd int, p, oob []byte, to Addr) (sent int, err error) {
	if len(oob) > 0 {
		return 0, syscall.EOPNOTSUPP
	}
	var post *sender
	err = n.with(fd, func(s *socket) (err error) {
		switch {
		case s.kind.Type == Datagram:
			post, err = s.sender(len(p), to)
		case s.out == nil:
			err = syscall.ENOTCONN
		default:
			sent, err = s.out.put(p)
		}
		return err
	})
	if post != nil {
		return post.send(p, to)
	}
	return sent, err
}

// Shutdown implements Network.
func (n portableNet) Shutdown(fd int, how How) error {
	return n.with(fd, func(s *socket) error {
		if s.out == nil {
			return syscall.ENOTCONN
		}
		if how != ShutWrite {
			shut(s.out.conn, ShutRead)
			s.in.shut()
		}
		if how != ShutRead {
			s.out.end()
		}
		return nil
	})
}

// shut half-closes a connection of package net.
func shut(conn net.Conn, how How) {
	switch c, ok := conn.(interface {
		CloseRead() error
		CloseWrite() error
	}); {
	case ok && how == ShutRead:
		c.CloseRead()
	case ok:
		c.CloseWrite()
	}
}

// CloseSocket implements Network.
func (n portableNet) CloseSocket(fd int) error {
	return n.with(fd, func(s *socket) error {
		s.close()
		return nil
	})
}

func (n portableNet) Recv(fd int, p []byte) (int, error) { return n.Read(fd, p) }

func (n portableNet) Send(fd int, p []byte) (int, error) { return n.Write(fd, p) }
