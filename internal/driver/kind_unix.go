//go:build linux || darwin || freebsd || openbsd || netbsd || dragonfly

package driver

import "golang.org/x/sys/unix"

var families = [...]int{IPv4: unix.AF_INET, IPv6: unix.AF_INET6, Unix: unix.AF_UNIX}

var types = [...]int{Stream: unix.SOCK_STREAM, Datagram: unix.SOCK_DGRAM, SeqPacket: unix.SOCK_SEQPACKET}

// kindOf asks what a descriptor is.
func kindOf(fd int) (Kind, error) {
	t, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE)
	if err == unix.ENOTSOCK {
		return Kind{}, nil
	}
	if err != nil {
		return Kind{}, err
	}
	sa, err := unix.Getsockname(fd)
	if err != nil {
		return Kind{}, err
	}
	var k Kind
	for i, number := range types {
		if number == t && i != 0 {
			k.Type = Type(i)
		}
	}
	switch sa.(type) {
	case *unix.SockaddrInet4:
		k.Family = IPv4
	case *unix.SockaddrInet6:
		k.Family = IPv6
	case *unix.SockaddrUnix:
		k.Family = Unix
	}
	if k.Type == 0 || k.Family == 0 {
		return Kind{}, unix.EPROTONOSUPPORT
	}
	return k, nil
}
