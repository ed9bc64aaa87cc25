//go:build (asyncio_portable && !plan9) || !(linux || darwin || freebsd || openbsd || netbsd || dragonfly || plan9)

package driver

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
)

// LocalAddr implements Network.
func (n portableNet) LocalAddr(fd int) (a Addr, err error) {
	err = n.with(fd, func(s *socket) error {
		a = s.localOrAny()
		switch c := s.conn.(type) {
		case net.Conn:
			a = addrFrom(c.LocalAddr())
		default:
			if s.listener != nil {
				a = addrFrom(s.listener.l.Addr())
			}
		}
		return nil
	})
	return a, err
}

// PeerAddr implements Network.
func (n portableNet) PeerAddr(fd int) (a Addr, err error) {
	err = n.with(fd, func(s *socket) error {
		if !s.hasPeer {
			return syscall.ENOTCONN
		}
		a = s.peer
		return nil
	})
	return a, err
}

// localOrAny is what the socket was bound to, or the address that leaves it to the
// system.
func (s *socket) localOrAny() Addr {
	switch {
	case s.local != (Addr{}):
		return s.local
	case s.kind.Family == Unix:
		return Addr{Unix: true}
	case s.kind.Family == IPv4:
		return Addr{IP: netip.AddrPortFrom(netip.IPv4Unspecified(), 0)}
	}
	return Addr{IP: netip.AddrPortFrom(netip.IPv6Unspecified(), 0)}
}

// network is what package net calls the kind.
func (s *socket) network() string {
	name := map[Type]string{Stream: "tcp", Datagram: "udp"}[s.kind.Type]
	switch s.kind.Family {
	case Unix:
		return map[Type]string{Stream: "unix", Datagram: "unixgram", SeqPacket: "unixpacket"}[s.kind.Type]
	case IPv4:
		return name + "4"
	}
	return name + "6"
}

// bindNetwork is network, but for an IPv6 socket that takes IPv4 as well, which
// package net does not call by a number.
func (s *socket) bindNetwork() string {
	if s.kind.Family == IPv6 && s.values[V6Only] == 0 && s.localOrAny().IP.Addr() == netip.IPv6Unspecified() {
		return strings.TrimSuffix(s.network(), "6")
	}
	return s.network()
}

// text is an address as package net parses it.
func (s *socket) text(a Addr) string {
	if a.Unix {
		return atName(a.Name)
	}
	return a.IP.String()
}

// atName writes the NUL of an abstract name as "@", as package net does.
func atName(name string) string {
	if strings.HasPrefix(name, "\x00") {
		return "@" + name[1:]
	}
	return name
}

// netAddr is a as package net has it.
func netAddr(a Addr, k Kind) net.Addr {
	switch {
	case a.Unix:
		s := socket{kind: k}
		return &net.UnixAddr{Name: atName(a.Name), Net: s.network()}
	case k.Type == Datagram:
		return net.UDPAddrFromAddrPort(a.IP)
	}
	return net.TCPAddrFromAddrPort(a.IP)
}

// addrFrom is an address of package net as the seam has it.
func addrFrom(a net.Addr) Addr {
	switch a := a.(type) {
	case interface{ AddrPort() netip.AddrPort }:
		return Addr{IP: a.AddrPort()}
	case *net.UnixAddr:
		if a == nil || a.Name == "@" {
			return Addr{Unix: true} // without a name
		}
		if strings.HasPrefix(a.Name, "@") {
			return Addr{Unix: true, Name: "\x00" + a.Name[1:]}
		}
		return Addr{Unix: true, Name: a.Name}
	}
	return Addr{Unix: true}
}

// errnoOf takes the system's number out of an error of package net. What has none
// gets the number that the call would have had.
func errnoOf(err error) error {
	var errno syscall.Errno
	switch {
	case err == nil, errors.Is(err, io.EOF):
		return err
	case errors.As(err, &errno):
		return errno
	case errors.Is(err, net.ErrClosed):
		return syscall.EBADF
	case errors.Is(err, os.ErrDeadlineExceeded):
		return syscall.ETIMEDOUT
	case errors.Is(err, net.ErrWriteToConnected):
		return syscall.EISCONN
	}
	return err
}
