//go:build linux && !asyncio_portable

package driver

import "golang.org/x/sys/unix"

// Socket implements Network.
func (sockets) Socket(k Kind) (int, error) {
	return unix.Socket(families[k.Family], types[k.Type]|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
}

// Accept implements Network.
func (sockets) Accept(fd int) (int, Addr, error) {
	for {
		conn, sa, err := unix.Accept4(fd, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		if err == nil {
			return conn, addrOf(sa), nil
		}
		if err != unix.EINTR {
			return -1, Addr{}, err
		}
	}
}

func writev(fd int, bufs [][]byte) (int, error) { return unix.Writev(fd, bufs) }
