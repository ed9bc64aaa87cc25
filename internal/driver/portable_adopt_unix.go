//go:build asyncio_portable && (linux || darwin || freebsd || openbsd || netbsd || dragonfly)

package driver

import (
	"io"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// netOf makes a duplicate of a descriptor something of package net.
func netOf(fd uintptr) (c io.Closer, k Kind, err error) {
	var st unix.Stat_t
	if err := unix.Fstat(int(fd), &st); err != nil {
		return nil, Kind{}, err
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG, unix.S_IFDIR, unix.S_IFBLK:
		return nil, Kind{}, unix.EPERM // as a poller says
	}
	if k, err = kindOf(int(fd)); err != nil {
		return nil, Kind{}, err
	}
	dup, err := unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, Kind{}, err
	}
	if err := unix.SetNonblock(dup, true); err != nil {
		unix.Close(dup)
		return nil, Kind{}, err
	}
	f := os.NewFile(uintptr(dup), "adopted")
	if k.Type == 0 {
		return plainFile{f}, k, nil
	}
	defer f.Close() // package net makes a duplicate of its own
	listens, _ := unix.GetsockoptInt(dup, unix.SOL_SOCKET, unix.SO_ACCEPTCONN)
	switch {
	case listens != 0:
		c, err = listener(f)
	case k.Type == Datagram:
		c, err = net.FilePacketConn(f)
	default:
		c, err = net.FileConn(f)
	}
	return c, k, errnoOf(err)
}

func listener(f *os.File) (net.Listener, error) {
	l, err := net.FileListener(f)
	if u, ok := l.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false)
	}
	return l, err
}

// Pair implements System.
func (n portableNet) Pair(t Type) (a, b int, err error) {
	ends, err := pair(types[t])
	if err != nil {
		return -1, -1, err
	}
	defer unix.Close(ends[0])
	defer unix.Close(ends[1])
	if a, _, err = n.Adopt(uintptr(ends[0])); err != nil {
		return -1, -1, err
	}
	if b, _, err = n.Adopt(uintptr(ends[1])); err != nil {
		n.CloseSocket(a)
		return -1, -1, err
	}
	return a, b, nil
}

// pair keeps a fork out until both are marked as closed on exec.
func pair(t int) ([2]int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	ends, err := unix.Socketpair(unix.AF_UNIX, t, 0)
	if err == nil {
		unix.CloseOnExec(ends[0])
		unix.CloseOnExec(ends[1])
	}
	return ends, err
}
