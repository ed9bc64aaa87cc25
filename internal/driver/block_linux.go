//go:build linux && !asyncio_portable

package driver

import (
	"os"
	"runtime"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// block waits in the system, with the thread: for a loop that nobody outside can
// wake. An event then costs one call, where the way through the runtime's poller
// costs three and goes through two instances. The price would be a Wake that takes
// 4 to 130 µs; where one comes all the same, the alarm rings. Without a descriptor for
// the alarm the loop sleeps where a Wake reaches it anyhow.
//
// Before that it goes through Go's scheduler once. Goroutines that are ready run then,
// and not when the runtime takes the processor away from a thread that sleeps. And it
// does that every 20 µs, on a monitor that never rests, where it has seen no goroutine
// come and go for 10 ms: the switches of coroutines it does not count. It cost an eighth
// of the CPU time of an echo on one connection, and a second switch of threads.
func (e *epoll) block(max int, until Instant) error {
	if err := e.alarm.open(e.fd); err != nil {
		return e.park(max, until)
	}
	runtime.Gosched()
	e.alarm.armed.Store(true)
	defer e.alarm.armed.Store(false)
	if e.pending.Load() { // see park: either this sees it, or the Wake sees that it must ring
		return e.poll(max)
	}
	n, err := epollWait(e.fd, e.buf[:min(max, len(e.buf))], e.timeout(until))
	if err == unix.EINTR {
		return nil // the loop looks at its clock and comes again
	}
	e.n = n
	return os.NewSyscallError("epoll_wait", err)
}

// timeout is the time until the deadline; below 0 is for ever.
func (e *epoll) timeout(until Instant) time.Duration {
	if until == Forever {
		return -1
	}
	return max(until.Sub(e.Now()), 0)
}

// oldKernel is set where there is no epoll_pwait2, which is from Linux 5.11.
var oldKernel atomic.Bool

// epollWait waits with nanoseconds, or with milliseconds rounded up where the kernel
// knows nothing better: rounded down it would make the loop spin before a deadline.
func epollWait(fd int, events []unix.EpollEvent, d time.Duration) (int, error) {
	if oldKernel.Load() {
		if d > 0 {
			d = min((d+time.Millisecond-1)/time.Millisecond, 1<<30)
		}
		return unix.EpollWait(fd, events, int(d))
	}
	var timeout *unix.Timespec
	if d >= 0 {
		ts := unix.NsecToTimespec(int64(d))
		timeout = &ts
	}
	n, _, errno := unix.Syscall6(unix.SYS_EPOLL_PWAIT2, uintptr(fd), uintptr(unsafe.Pointer(&events[0])),
		uintptr(len(events)), uintptr(unsafe.Pointer(timeout)), 0, 0)
	if errno == unix.ENOSYS {
		oldKernel.Store(true)
		return epollWait(fd, events, d)
	}
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

// An alarm wakes a thread that sleeps in the system. It is a descriptor in the epoll
// instance that becomes readable.
type alarm struct {
	fd       int // -1 until the first such sleep
	solitary bool
	armed    atomic.Bool // somebody may be asleep
}

// Solitary implements Driver.
func (e *epoll) Solitary(yes bool) { e.alarm.solitary = yes }

func (a *alarm) open(epoll int) error {
	if a.fd >= 0 {
		return nil
	}
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return os.NewSyscallError("eventfd", err)
	}
	err = unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})
	if err != nil {
		unix.Close(fd)
		return os.NewSyscallError("epoll_ctl", err)
	}
	a.fd = fd
	return nil
}

// ring may be called on any goroutine.
func (a *alarm) ring() {
	if a.armed.Load() {
		one := [8]byte{1}
		unix.Write(a.fd, one[:])
	}
}

func (a *alarm) reset() {
	var count [8]byte
	unix.Read(a.fd, count[:])
}

func (a *alarm) close() {
	if a.fd >= 0 {
		unix.Close(a.fd)
		a.fd = -1
	}
}
