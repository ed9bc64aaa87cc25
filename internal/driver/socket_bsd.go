//go:build (darwin || freebsd || openbsd || netbsd || dragonfly) && !asyncio_portable

package driver

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// Socket implements Network. The lock keeps a fork out until the descriptor is
// marked as closed on exec.
func (sockets) Socket(k Kind) (int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fd, err := unix.Socket(families[k.Family], types[k.Type], 0)
	if err != nil {
		return -1, err
	}
	return prepare(fd)
}

// Accept implements Network. The listener does not block, so the lock is held for a
// moment. macOS sometimes hands out a connection that was given up before: without an
// address, which the package unix makes an ECONNABORTED of.
func (sockets) Accept(fd int) (int, Addr, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	for {
		conn, sa, err := unix.Accept(fd)
		if err == nil {
			conn, err = prepare(conn)
			return conn, addrOf(sa), err
		}
		if err != unix.EINTR {
			return -1, Addr{}, err
		}
	}
}

// prepare makes a new socket non-blocking, closed on exec and without SIGPIPE, or
// closes it. Whether an accepted socket has the listener's modes differs between
// these systems.
func prepare(fd int) (int, error) {
	unix.CloseOnExec(fd)
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return -1, err
	}
	noSignal(fd)
	return fd, nil
}

// writev writes several buffers to a socket. The package unix has no writev for these
// systems, so what is no socket gets the first buffer that has bytes.
func writev(fd int, bufs [][]byte) (int, error) {
	n, err := unix.SendmsgBuffers(fd, bufs, nil, nil, sendFlags)
	if err != unix.ENOTSOCK {
		return n, err
	}
	for _, b := range bufs {
		if len(b) > 0 {
			return unix.Write(fd, b)
		}
	}
	return 0, nil
}

// Recv implements Network.
func (s sockets) Recv(fd int, p []byte) (int, error) { return s.Read(fd, p) }

// Send implements Network.
func (s sockets) Send(fd int, p []byte) (int, error) { return s.Write(fd, p) }
