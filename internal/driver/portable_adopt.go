//go:build (asyncio_portable && !plan9) || !(linux || darwin || freebsd || openbsd || netbsd || dragonfly || plan9)

package driver

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
)

var _ System = portableNet{}

// Adopt implements Network: package net makes one of its sockets of the descriptor.
func (n portableNet) Adopt(fd uintptr) (int, Kind, error) {
	c, k, err := netOf(fd)
	if err != nil {
		return -1, Kind{}, err
	}
	return n.own(c, k)
}

// Take implements System. The connection goes on with the goroutines of this driver.
func (n portableNet) Take(c io.Closer) (int, Kind, error) {
	conn, ok := c.(net.Conn)
	if !ok {
		return -1, Kind{}, fmt.Errorf("a %T is no connection: %w", c, errors.ErrUnsupported)
	}
	k := Kind{Unix, Stream}
	switch a := conn.LocalAddr().(type) {
	case *net.TCPAddr:
		k.Family = IPv6
		if a.IP.To4() != nil {
			k.Family = IPv4
		}
	case *net.UnixAddr:
		if a.Net == "unixpacket" {
			k.Type = SeqPacket
		}
	}
	return n.own(c, k)
}

// own gives what package net has made a number. It is closed if it gets none.
func (n portableNet) own(c io.Closer, k Kind) (int, Kind, error) {
	n.d.mu.Lock()
	defer n.d.mu.Unlock()
	if n.d.closed {
		c.Close()
		return -1, Kind{}, net.ErrClosed
	}
	s := n.d.open(k, make(map[Option]int))
	switch c := c.(type) {
	case net.Listener:
		s.listener = &acceptor{s: s, l: c, taken: sync.Cond{L: &n.d.mu}}
		n.d.start(s.listener.run)
	case net.Conn:
		s.peer, s.hasPeer = addrFrom(c.RemoteAddr()), hasName(c.RemoteAddr())
		if k.Type == Datagram {
			s.openDatagrams(c)
		} else {
			s.flow(c)
		}
	}
	return s.fd, k, nil
}

// hasName tells a peer from the nil pointer that package net has for none.
func hasName(a net.Addr) bool {
	switch a := a.(type) {
	case nil:
		return false
	case *net.UnixAddr:
		return a != nil
	case *net.UDPAddr:
		return a != nil
	}
	return true
}

// File implements System. What was read ahead is not in it.
func (n portableNet) File(fd int, _ string) (f *os.File, err error) {
	err = n.with(fd, func(s *socket) (err error) {
		var c any = s.conn
		if s.listener != nil {
			c = s.listener.l
		}
		has, ok := c.(interface{ File() (*os.File, error) })
		if !ok {
			return errors.ErrUnsupported
		}
		f, err = has.File()
		return errnoOf(err)
	})
	return f, err
}

// Duplicate implements System.
func (portableNet) Duplicate(int) (int, error) { return -1, errors.ErrUnsupported }

// SendFiles implements System.
func (portableNet) SendFiles(int, []byte, []int) (int, error) { return 0, errors.ErrUnsupported }

// RecvFiles implements System.
func (portableNet) RecvFiles(int, []byte, int) (int, []int, bool, error) {
	return 0, nil, false, errors.ErrUnsupported
}

// Credentials implements System.
func (portableNet) Credentials(int) (Credentials, error) {
	return Credentials{}, errors.ErrUnsupported
}

// SendFile implements System.
func (portableNet) SendFile(int, uintptr, int) (int, error) { return 0, errors.ErrUnsupported }

// Channel implements System.
func (portableNet) Channel() (Channel, error) { return nil, errors.ErrUnsupported }

// plainFile is a pipe or a terminal in the place of a connection.
type plainFile struct{ *os.File }

func (f plainFile) LocalAddr() net.Addr  { return nil }
func (f plainFile) RemoteAddr() net.Addr { return nil }
