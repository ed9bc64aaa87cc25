package netsim

import (
	"os"
	"syscall"

	"github.com/goasyncio/asyncio/internal/driver"
)

// The poller works as epoll does. Something that happens to a socket puts it into the
// list of its host, if anybody wants to hear of it; what is told is how the socket is
// when the list is read, and nothing where that is nothing of interest.

// OnReady makes the host call f each time when Collect, which had nothing, would have
// something. f must not call the host.
func (h *Host) OnReady(f func()) { h.tell = f }

// Ready tells whether Collect may have something.
func (h *Host) Ready() bool { return len(h.ready) > 0 }

// Watch is that of [driver.Driver].
func (h *Host) Watch(d driver.Handle) error {
	return h.subscribe(d, readable|writable|peerEnded, false)
}

// Arm is that of [driver.Driver].
func (h *Host) Arm(d driver.Handle, m driver.Mode) error {
	var b mask
	if m&driver.Readable != 0 {
		b |= readable | peerEnded
	}
	if m&driver.Writable != 0 {
		b |= writable
	}
	return h.subscribe(d, b, true)
}

func (h *Host) subscribe(d driver.Handle, b mask, once bool) error {
	s := h.socket(d.FD)
	if s == nil {
		return os.NewSyscallError("epoll_ctl", syscall.EBADF)
	}
	s.handle, s.subscribed, s.once = d, b|hangup|failed, once
	s.notify()
	return nil
}

// Disarm is that of [driver.Driver].
func (h *Host) Disarm(d driver.Handle) error {
	if s := h.socket(d.FD); s != nil && s.handle == d {
		s.subscribed = 0
	}
	return nil
}

// notify is called when something has happened to s.
func (s *socket) notify() {
	if s.queued || s.subscribed == 0 || s.proto.poll()&s.subscribed == 0 {
		return
	}
	h := s.host
	s.queued = true
	h.ready = append(h.ready, s)
	if len(h.ready) == 1 && h.tell != nil {
		h.tell()
	}
}

// Collect tells what has become ready since it told the last time, as far as there is
// room in events.
func (h *Host) Collect(events []driver.Event) (n int) {
	done := 0
	for _, s := range h.ready {
		if n == len(events) {
			break
		}
		done++
		s.queued = false
		if s.fd < 0 {
			continue
		}
		if b := s.proto.poll() & s.subscribed; b != 0 {
			events[n] = driver.Event{Handle: s.handle, Mode: b.mode()}
			n++
			if s.once {
				s.subscribed = 0
			}
		}
	}
	left := copy(h.ready, h.ready[done:])
	clear(h.ready[left:])
	h.ready = h.ready[:left]
	return n
}

// mode is b as a driver tells it.
func (b mask) mode() (m driver.Mode) {
	if b&(readable|peerEnded|hangup|failed) != 0 {
		m |= driver.Readable
	}
	if b&(writable|hangup|failed) != 0 {
		m |= driver.Writable
	}
	if b&(peerEnded|hangup|failed) != 0 {
		m |= driver.Hangup
	}
	return m
}
