package aionet

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"

	"github.com/goasyncio/asyncio/internal/driver"
)

// ErrFilesLost is the error of ReadFiles when a message brought descriptors that the
// caller did not get: more than it asked for, or more than the process may have open.
// They are closed. What was read is valid, and so are the files that are returned.
var ErrFilesLost = errors.New("asyncio: descriptors that came with the message are lost: ask for more of them, or raise the limit of open files")

// WriteFiles is WriteContext on a Unix socket with open files beside p: the peer gets
// duplicates, with the first of its reads that knows of them ([Conn.ReadFiles]). p must
// not be empty. The files stay yours. Systems take up to 253 of them at a time.
//
// It waits until the system has taken all of p; the files go with its first byte.
func (c *Conn) WriteFiles(ctx context.Context, p []byte, files ...*os.File) (int, error) {
	system, err := c.unixSystem()
	if err == nil && len(p) == 0 {
		err = syscall.EINVAL // no system carries them alone
	}
	if err != nil {
		return 0, c.fail("write", wrapCall("sendmsg", err))
	}
	n, err := c.socket.writeFiles(ctx, system, p, files)
	return n, c.fail("write", wrapCall("sendmsg", err))
}

func (s *socket) writeFiles(ctx context.Context, system driver.System, p []byte, files []*os.File) (n int, err error) {
	if err := s.enter(ctx, &s.out); err != nil {
		return 0, err
	}
	if s.partial {
		return 0, ErrPartialWrite
	}
	for n == 0 {
		if !s.out.ready {
			if err := s.await(ctx, &s.out); err != nil {
				return 0, err
			}
		}
		err := withDescriptors(files, nil, func(fds []int) (err error) {
			n, err = system.SendFiles(s.fd, p, fds)
			return err
		})
		if err == syscall.EAGAIN {
			s.out.ready = false
		} else if err != nil {
			return 0, err
		}
	}
	if n == len(p) {
		return n, nil
	}
	rest, err := s.write(ctx, p[n:])
	if n += rest; n < len(p) && ctx.Err() != nil {
		s.partial = true // also where nothing of the rest was sent
	}
	return n, err
}

// withDescriptors calls f with the numbers of files, none of which is closed while it
// runs. File.Fd would make them block.
func withDescriptors(files []*os.File, fds []int, f func(fds []int) error) error {
	if len(files) == 0 {
		return f(fds)
	}
	raw, err := files[0].SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		failed = withDescriptors(files[1:], append(fds, int(fd)), f)
	})
	if err != nil { // there is no other reason
		return &os.PathError{Op: "pass", Path: files[0].Name(), Err: os.ErrClosed}
	}
	return failed
}

// ReadFiles is ReadContext on a Unix socket that also takes up to max open files that
// come beside what is read. They are the caller's to close, and are not inherited by
// child processes. Where more have come it returns what was read, and [ErrFilesLost].
// A ReadContext drops files.
//
// It waits until there is something. A cancelled one has taken nothing.
func (c *Conn) ReadFiles(ctx context.Context, p []byte, max int) (int, []*os.File, error) {
	system, err := c.unixSystem()
	if err == nil {
		err = c.socket.enter(ctx, &c.socket.in)
	}
	for err == nil {
		var n int
		var fds []int
		var lost bool
		if c.socket.in.ready {
			n, fds, lost, err = system.RecvFiles(c.socket.fd, p, max)
			if err == nil {
				c.socket.in.spent += n
				return c.received(n, len(p), fds, lost)
			}
			if err != syscall.EAGAIN {
				break
			}
			c.socket.in.ready = false
		}
		err = c.socket.await(ctx, &c.socket.in)
	}
	return 0, nil, c.fail("read", wrapCall("recvmsg", err))
}

func (c *Conn) received(n, room int, fds []int, lost bool) (int, []*os.File, error) {
	var files []*os.File
	for _, fd := range fds {
		files = append(files, os.NewFile(uintptr(fd), "received"))
	}
	switch {
	case lost:
		return n, files, ErrFilesLost
	case n == 0 && room > 0 && len(fds) == 0:
		return 0, nil, io.EOF
	}
	return n, files, nil
}

// Credentials are those of the process at the other end of a Unix socket.
type Credentials struct {
	PID      int // 0 where the system does not tell
	UID, GID int
}

// PeerCredentials tells who was at the other end of a Unix socket when it connected or
// listened, as the system vouches for it; errors.ErrUnsupported where it does not.
func (c *Conn) PeerCredentials() (Credentials, error) {
	system, err := c.unixSystem()
	if err == nil && c.socket.closed {
		err = net.ErrClosed
	}
	if err != nil {
		return Credentials{}, c.fail("get", err)
	}
	found, err := system.Credentials(c.socket.fd)
	return Credentials(found), c.fail("get", wrapCall("getsockopt", err))
}

// unixSystem is the system of a Unix socket of its own.
func (c *Conn) unixSystem() (driver.System, error) {
	system, ok := c.socket.net.(driver.System)
	if !ok || c.kind.Family != driver.Unix {
		return nil, errors.ErrUnsupported
	}
	return system, nil
}
