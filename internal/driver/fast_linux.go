//go:build linux && !asyncio_portable

package driver

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// The calls here tell the scheduler of the Go runtime nothing: that takes as long as
// the system needs for a poll that finds nothing. It is right for calls that cannot
// block whoever else uses the description; hence Recv and Send, which say so in each
// call, and not Read and Write. A call of this kind holds up the garbage collector
// for as long as it takes, a few microseconds.

// Recv implements Network.
func (sockets) Recv(fd int, p []byte) (int, error) {
	for {
		n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))),
			uintptr(len(p)), unix.MSG_DONTWAIT, 0, 0)
		if errno == 0 {
			return int(n), nil
		}
		if errno != unix.EINTR {
			return 0, errno
		}
	}
}

// Send implements Network.
func (sockets) Send(fd int, p []byte) (int, error) {
	for {
		n, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))),
			uintptr(len(p)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
		if errno == 0 {
			return int(n), nil
		}
		if errno != unix.EINTR {
			return 0, errno
		}
	}
}

// epollPoll asks an instance without waiting.
func epollPoll(fd int, events []unix.EpollEvent) (int, error) {
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(fd), uintptr(unsafe.Pointer(&events[0])),
		uintptr(len(events)), 0, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
