//go:build (linux || darwin || freebsd || openbsd || netbsd || dragonfly) && !asyncio_portable

package driver

import "golang.org/x/sys/unix"

// Adopt implements Network.
func (sockets) Adopt(fd uintptr) (int, Kind, error) {
	var st unix.Stat_t
	if err := unix.Fstat(int(fd), &st); err != nil {
		return -1, Kind{}, err
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG, unix.S_IFDIR, unix.S_IFBLK:
		return -1, Kind{}, unix.EPERM // as epoll says
	}
	dup, err := unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return -1, Kind{}, err
	}
	k, err := kindOf(dup)
	if err == nil {
		err = unix.SetNonblock(dup, true)
	}
	if err != nil {
		unix.Close(dup)
		return -1, Kind{}, err
	}
	return dup, k, nil
}
