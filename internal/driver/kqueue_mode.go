//go:build (darwin || freebsd || openbsd || netbsd || dragonfly) && !asyncio_portable

package driver

import "golang.org/x/sys/unix"

// modeOf is what an event of a kqueue means here.
//
// The end that the filter for reading tells of is the peer's, or the failure of the
// socket, so it is a Hangup. A writer must hear of it as well: not every system runs
// the filter for writing of a pipe when its reader goes. The end that the filter for
// writing tells of can be our own half-close, after which the peer may send on: there
// it is no Hangup.
func modeOf(ev *unix.Kevent_t) (m Mode) {
	if int(ev.Filter) == unix.EVFILT_WRITE {
		return Writable
	}
	if m = Readable; int(ev.Flags)&unix.EV_EOF != 0 {
		m |= Writable | Hangup
	}
	if int(ev.Flags)&urgentFlag != 0 {
		m |= Urgent
	}
	return m
}
