//go:build (linux || darwin || freebsd || openbsd || netbsd || dragonfly) && !asyncio_portable

package driver

import "golang.org/x/sys/unix"

// RecvMsg implements Network. Descriptors that come beside a message are closed on
// exec.
func (sockets) RecvMsg(fd int, p, oob []byte) (Message, error) {
	for {
		n, oobn, flags, from, err := recvmsg(fd, p, oob)
		if err == nil {
			return Message{
				N: n, OOBN: oobn, From: addrOf(from),
				Truncated: flags&unix.MSG_TRUNC != 0,
			}, nil
		}
		if err != unix.EINTR {
			return Message{}, err
		}
	}
}

// SendMsg implements Network.
func (sockets) SendMsg(fd int, p, oob []byte, to Addr) (int, error) {
	var sa unix.Sockaddr
	if to != (Addr{}) {
		var err error
		if sa, err = sockaddr(to); err != nil {
			return 0, err
		}
	}
	for {
		n, err := unix.SendmsgN(fd, p, oob, sa, sendFlags)
		if err == nil {
			return n, nil
		}
		if err != unix.EINTR {
			return 0, err
		}
	}
}

// maxBuffers is how many buffers the system takes in one call (IOV_MAX).
const maxBuffers = 1024

// Writev implements Network.
func (sockets) Writev(fd int, bufs [][]byte) (int, error) {
	for {
		n, err := writev(fd, bufs[:min(len(bufs), maxBuffers)])
		if err == nil {
			return n, nil
		}
		if err != unix.EINTR {
			return 0, err
		}
	}
}
