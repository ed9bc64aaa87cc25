//go:build (darwin || freebsd || openbsd || netbsd || dragonfly) && !asyncio_portable

package driver

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

// Pair implements System. The lock keeps a fork out until both are marked as closed on
// exec.
func (sockets) Pair(t Type) (a, b int, err error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fds, err := unix.Socketpair(unix.AF_UNIX, types[t], 0)
	if err != nil {
		return -1, -1, err
	}
	if a, err = prepare(fds[0]); err != nil {
		unix.Close(fds[1])
		return -1, -1, err
	}
	if b, err = prepare(fds[1]); err != nil {
		unix.Close(a)
		return -1, -1, err
	}
	return a, b, nil
}

// SendFile implements System: the calls of these systems tell less than is needed.
func (sockets) SendFile(int, uintptr, int) (int, error) { return 0, errors.ErrUnsupported }

// Channel implements System: only Linux has one.
func (sockets) Channel() (Channel, error) { return nil, errors.ErrUnsupported }
