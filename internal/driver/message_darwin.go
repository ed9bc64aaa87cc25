//go:build !asyncio_portable

package driver

import (
	"syscall"

	"golang.org/x/sys/unix"
)

const sendFlags = 0 // the sockets are told by an option: see noSignal

// recvmsg marks descriptors that come beside a message as closed on exec. Here that
// is a call of its own for each, and the lock keeps a fork out in between.
func recvmsg(fd int, p, oob []byte) (n, oobn, flags int, from unix.Sockaddr, err error) {
	if len(oob) == 0 {
		return unix.Recvmsg(fd, p, nil, 0)
	}
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	n, oobn, flags, from, err = unix.Recvmsg(fd, p, oob, 0)
	if err != nil {
		return n, oobn, flags, from, err
	}
	messages, _ := unix.ParseSocketControlMessage(oob[:oobn]) // cut off: what is whole counts
	for i := range messages {
		received, _ := unix.ParseUnixRights(&messages[i])
		for _, fd := range received {
			unix.CloseOnExec(fd)
		}
	}
	return n, oobn, flags, from, nil
}
