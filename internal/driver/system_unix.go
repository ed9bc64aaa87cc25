//go:build (linux || darwin || freebsd || openbsd || netbsd || dragonfly) && !asyncio_portable

package driver

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

var _ System = sockets{}

// Take implements System.
func (s sockets) Take(c io.Closer) (int, Kind, error) {
	has, ok := c.(syscall.Conn)
	if !ok {
		return -1, Kind{}, fmt.Errorf("a %T has no descriptor: %w", c, errors.ErrUnsupported)
	}
	raw, err := has.SyscallConn()
	if err != nil {
		return -1, Kind{}, err
	}
	fd, k := -1, Kind{}
	var failed error
	err = raw.Control(func(n uintptr) { fd, k, failed = s.Adopt(n) })
	if err = errors.Join(err, failed); err != nil {
		return -1, Kind{}, err
	}
	c.Close() // ours lives on
	return fd, k, nil
}

// Duplicate implements System.
func (sockets) Duplicate(fd int) (int, error) {
	return unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
}

// File implements System.
func (s sockets) File(fd int, name string) (*os.File, error) {
	dup, err := s.Duplicate(fd)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(dup), name), nil
}

// SendFiles implements System.
func (s sockets) SendFiles(fd int, p []byte, files []int) (int, error) {
	return s.SendMsg(fd, p, unix.UnixRights(files...), Addr{})
}

// maxFiles is how many descriptors one message carries on Linux (SCM_MAX_FD). The
// others know no more.
const maxFiles = 253

// RecvFiles implements System. There is always room for all descriptors that can
// come: what does not fit the system drops, on some systems open and for ever.
func (sockets) RecvFiles(fd int, p []byte, max int) (n int, files []int, lost bool, err error) {
	oob := make([]byte, unix.CmsgSpace(4*maxFiles))
	for {
		var oobn, flags int
		n, oobn, flags, _, err = recvmsg(fd, p, oob)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return 0, nil, false, err
		}
		files = passed(oob[:oobn])
		lost = flags&unix.MSG_CTRUNC != 0 || len(files) > max
		for _, surplus := range files[min(len(files), max):] {
			unix.Close(surplus)
		}
		return n, files[:min(len(files), max)], lost, nil
	}
}

// passed is the descriptors in ancillary data.
func passed(oob []byte) (files []int) {
	messages, _ := unix.ParseSocketControlMessage(oob)
	for _, m := range messages {
		if fds, err := unix.ParseUnixRights(&m); err == nil {
			files = append(files, fds...)
		}
	}
	return files
}
