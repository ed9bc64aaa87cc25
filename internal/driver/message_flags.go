//go:build (linux || freebsd || openbsd || netbsd || dragonfly) && !asyncio_portable

package driver

import "golang.org/x/sys/unix"

const sendFlags = unix.MSG_NOSIGNAL

// recvmsg marks descriptors that come beside a message as closed on exec.
func recvmsg(fd int, p, oob []byte) (n, oobn, flags int, from unix.Sockaddr, err error) {
	return unix.Recvmsg(fd, p, oob, unix.MSG_CMSG_CLOEXEC)
}
