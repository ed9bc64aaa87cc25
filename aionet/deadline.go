package aionet

import (
	"time"

	"github.com/goasyncio/asyncio"
)

// A deadline is until when the calls of a half may wait. Most connections have none,
// and those that are idle should take little memory: so it is not a part of the half.
type deadline struct {
	limit   time.Duration   // of each wait; 0 is none
	limited bool            // due is of the limit, not of a deadline
	due     time.Time       // the deadline, where there is a timer
	timer   *asyncio.Handle // for the deadline, or for an earlier one
	armed   time.Time       // when the timer fires
}

// deadline is that of h, which is made if need be.
func (h *half) deadline() *deadline {
	if h.until == nil {
		h.until = new(deadline)
	}
	return h.until
}

// setDeadline makes calls fail from at on; the zero time is never. One that is over
// already ends the call that waits. A server that moves the deadline on before each
// read pays for a timer only when the old one has fired.
func (s *socket) setDeadline(h *half, at time.Time) {
	h.expired = false
	if at.IsZero() && h.until == nil {
		return
	}
	d := h.deadline()
	d.limited = false
	switch {
	case at.IsZero():
		d.stopTimer()
	case !at.After(asyncio.Now(s.poller.Root())):
		d.stopTimer()
		s.expire(h)
	case d.timer != nil && !at.Before(d.armed):
		d.due = at
	default:
		d.stopTimer()
		s.arm(h, at)
	}
}

// arm makes the timer fire at at, and again then if the deadline has moved on.
func (s *socket) arm(h *half, at time.Time) {
	d := h.until
	d.due, d.armed = at, at
	d.timer = asyncio.CallAt(s.poller.Root(), at, func() {
		d.timer = nil
		if d.due.After(d.armed) {
			s.arm(h, d.due)
		} else {
			s.expire(h)
		}
	})
}

func (d *deadline) stopTimer() {
	if d != nil && d.timer != nil {
		d.timer.Cancel()
		d.timer = nil
	}
}

func (s *socket) expire(h *half) {
	if h.until.limited && !h.busy {
		return // the wait is over: its limit is nobody's
	}
	h.expired = true
	h.waiters.WakeAll()
	h.callBack(s.soon)
}

// setLimit gives each wait from now on at most d; 0 is no limit.
func (s *socket) setLimit(h *half, d time.Duration) {
	s.setDeadline(h, time.Time{})
	if d > 0 || h.until != nil {
		h.deadline().limit = max(d, 0)
	}
}

// startLimit gives a wait its limit, unless a deadline holds.
func (s *socket) startLimit(h *half) {
	d := h.until
	if d != nil && d.limit > 0 && (d.timer == nil || d.limited) {
		s.setDeadline(h, asyncio.Now(s.poller.Root()).Add(d.limit))
		d.limited = true
	}
}
