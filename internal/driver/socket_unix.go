//go:build (linux || darwin || freebsd || openbsd || netbsd || dragonfly) && !asyncio_portable

package driver

import (
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"
)

// sockets is the system's network. Calls that a signal has interrupted are made
// again here, so that nobody above sees EINTR.
type sockets struct{}

// Bind implements Network.
func (sockets) Bind(fd int, a Addr) error {
	sa, err := sockaddr(a)
	if err != nil {
		return err
	}
	return unix.Bind(fd, sa)
}

// Listen implements Network.
func (sockets) Listen(fd, backlog int) error { return unix.Listen(fd, backlog) }

// Connect implements Network. One that a signal has interrupted goes on by itself:
// made again it would fail with EALREADY.
func (sockets) Connect(fd int, a Addr) error {
	sa, err := sockaddr(a)
	if err != nil {
		return err
	}
	if err = unix.Connect(fd, sa); err == unix.EINTR {
		return unix.EINPROGRESS
	}
	return err
}

// SocketError implements Network. A socket can be writable before its connection is
// decided; then it has no error and no peer yet.
func (sockets) SocketError(fd int) error {
	n, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err != nil {
		return err
	}
	if n != 0 {
		return syscall.Errno(n)
	}
	if _, err := unix.Getpeername(fd); err == unix.ENOTCONN {
		return unix.EINPROGRESS
	}
	return nil
}

// Read implements Network.
func (sockets) Read(fd int, p []byte) (int, error) {
	for {
		n, err := unix.Read(fd, p)
		if err == nil {
			return n, nil
		}
		if err != unix.EINTR {
			return 0, err
		}
	}
}

// Write implements Network. The Go runtime turns a SIGPIPE of a socket into EPIPE.
func (sockets) Write(fd int, p []byte) (int, error) {
	for {
		n, err := unix.Write(fd, p)
		if err == nil {
			return n, nil
		}
		if err != unix.EINTR {
			return 0, err
		}
	}
}

// Shutdown implements Network.
func (sockets) Shutdown(fd int, how How) error {
	return unix.Shutdown(fd, [...]int{ShutRead: unix.SHUT_RD, ShutWrite: unix.SHUT_WR, ShutBoth: unix.SHUT_RDWR}[how])
}

// CloseSocket implements Network. EINTR is no reason to try again: the number may
// be somebody else's already.
func (sockets) CloseSocket(fd int) error {
	if err := unix.Close(fd); err != unix.EINTR {
		return err
	}
	return nil
}

// LocalAddr implements Network.
func (sockets) LocalAddr(fd int) (Addr, error) {
	sa, err := unix.Getsockname(fd)
	return addrOf(sa), err
}

// PeerAddr implements Network.
func (sockets) PeerAddr(fd int) (Addr, error) {
	sa, err := unix.Getpeername(fd)
	return addrOf(sa), err
}

// sockaddr is a as the system has it.
func sockaddr(a Addr) (unix.Sockaddr, error) {
	ip := a.IP.Addr()
	switch {
	case a.Unix:
		return &unix.SockaddrUnix{Name: unixName(a.Name)}, nil
	case ip.Is4():
		return &unix.SockaddrInet4{Port: int(a.IP.Port()), Addr: ip.As4()}, nil
	case ip.Is6():
		zone, err := zoneIndex(ip.Zone())
		return &unix.SockaddrInet6{Port: int(a.IP.Port()), Addr: ip.As16(), ZoneId: zone}, err
	}
	return nil, unix.EINVAL
}

// addrOf is sa as the seam has it.
func addrOf(sa unix.Sockaddr) Addr {
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return Addr{IP: netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port))}
	case *unix.SockaddrInet6:
		ip := netip.AddrFrom16(sa.Addr).WithZone(zoneName(sa.ZoneId))
		return Addr{IP: netip.AddrPortFrom(ip, uint16(sa.Port))}
	case *unix.SockaddrUnix:
		return Addr{Name: seamName(sa.Name), Unix: true}
	}
	return Addr{}
}

// The package unix writes the NUL of an abstract name as "@", and gives Linux's
// sockets without a name that and no more.

func unixName(name string) string {
	if len(name) > 0 && name[0] == 0 {
		return "@" + name[1:]
	}
	return name
}

func seamName(name string) string {
	if name == "@" {
		return ""
	}
	if len(name) > 0 && name[0] == '@' {
		return "\x00" + name[1:]
	}
	return name
}
