//go:build linux && !asyncio_portable

package driver

import "golang.org/x/sys/unix"

// Pair implements System.
func (sockets) Pair(t Type) (a, b int, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, types[t]|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	return fds[0], fds[1], err
}

// Credentials implements System.
func (sockets) Credentials(fd int) (Credentials, error) {
	c, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return Credentials{}, err
	}
	return Credentials{PID: int(c.Pid), UID: int(c.Uid), GID: int(c.Gid)}, nil
}

// SendFile implements System.
func (sockets) SendFile(to int, from uintptr, count int) (int, error) {
	for {
		n, err := unix.Sendfile(to, int(from), nil, count)
		if err == nil {
			return n, nil
		}
		if err != unix.EINTR {
			return 0, err
		}
	}
}

// channel is a pipe.
type channel struct{ r, w, held int }

// Channel implements System.
func (sockets) Channel() (Channel, error) {
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_NONBLOCK|unix.O_CLOEXEC); err != nil {
		return nil, err
	}
	return &channel{r: fds[0], w: fds[1]}, nil
}

func (c *channel) Fill(from, count int) (int, error) {
	n, err := splice(from, c.w, count)
	c.held += n
	return n, err
}

func (c *channel) Drain(to int) (int, error) {
	n, err := splice(c.r, to, c.held)
	c.held -= n
	return n, err
}

func (c *channel) Held() int { return c.held }

func (c *channel) Close() {
	unix.Close(c.r)
	unix.Close(c.w)
}

func splice(from, to, count int) (int, error) {
	for {
		n, err := unix.Splice(from, nil, to, nil, count, unix.SPLICE_F_NONBLOCK)
		if err == nil {
			return int(n), nil
		}
		if err != unix.EINTR {
			return 0, err
		}
	}
}
