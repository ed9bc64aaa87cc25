package netsim

import (
	"syscall"

	"github.com/goasyncio/asyncio/sim/internal/simenv"
)

// arrival takes the packets that have arrived by now.
func (f *flow) arrival() {
	f.flying = false
	now := f.net().now()
	for s := f.under.first(); s != nil && s.at <= now; s = f.under.first() {
		f.land(f.under.pop())
	}
	f.fly()
}

// land is one packet at its receiver.
func (f *flow) land(s segment) {
	n, l, t := f.net(), f.way(), f.to()
	if size := int(s.end - s.start); !l.open() {
		n.event(simenv.Dropped, l.from, l.to, s.kind.String(), s.id, size)
		f.lose()
		t.suspect()
		return
	} else {
		n.event(simenv.Delivered, l.from, l.to, s.kind.String(), s.id, size)
	}
	t.active = n.now()
	switch {
	case s.kind == resetting:
		t.resetByPeer()
		return
	case t.dead():
		if !f.ended || !t.send.ended { // else it was the last word of a connection that is over
			t.sendReset()
		}
		return
	case t.state == synReceived && !t.enter():
		return
	}
	t.send.told(s.ack, s.limit)
	if !f.take(s) {
		return
	}
	if f.back().Blocked() {
		f.lose()
		return
	}
	f.tries, f.from.active = 0, n.now()
	f.news()
}

// take is the bytes of a packet, and the end.
func (f *flow) take(s segment) bool {
	t := f.to()
	if s.end > f.arrived && s.start <= f.arrived {
		if t.orphan {
			t.sendReset()
			t.die()
			return false
		}
		f.arrived = s.end
		if s.kind != final {
			t.notify()
		}
	}
	if s.kind == final && !f.ended && s.end == f.arrived {
		f.ended = true
		t.ended, t.noRead = true, true
		t.finish()
		t.notify()
	}
	return true
}

// resetByPeer is what a reset does.
func (t *tcp) resetByPeer() {
	switch {
	case t.ended && !t.send.ending:
		t.reset(syscall.EPIPE)
	default:
		t.reset(syscall.ECONNRESET)
	}
}

// timeOut is the end of a connection whose peer does not answer. Nobody tells the peer.
func (t *tcp) timeOut() {
	t.reset(syscall.ETIMEDOUT)
}

// window is how far the receiver lets the sender send. A little more is not worth a
// packet.
func (f *flow) window() uint64 {
	to := f.to()
	if limit := f.read + uint64(to.in); f.read == f.arrived || 2*(limit-min(limit, f.limit)) >= uint64(to.in) {
		return limit
	}
	return f.limit
}

// news tells the sender what it does not know yet, if it lacks room.
func (f *flow) news() {
	if (f.full || f.sent < f.written) && (f.arrived > f.acked || f.window() > f.limit) {
		f.acknowledge()
	}
}

// acknowledge puts what the receiver tells on its way.
func (f *flow) acknowledge() {
	if f.acking || f.to().dead() {
		return
	}
	l := f.back()
	if l.Clogged() {
		f.acking = true
		l.held = append(l.held, func() { f.acking = false; f.acknowledge() })
		return
	}
	if l.drops() {
		f.lose()
		return
	}
	if f.onAck == nil {
		f.onAck = f.acknowledged
	}
	f.acking, f.ackTo, f.ackLimit = true, f.arrived, f.window()
	f.net().env.After(l.delay(0), "acknowledgement", f.onAck)
}

// acknowledged is at the sender.
func (f *flow) acknowledged() {
	f.acking = false
	if !f.back().open() {
		f.lose()
		return
	}
	f.told(f.ackTo, f.ackLimit)
	f.news()
}

// told is what the sender learns.
func (f *flow) told(acked, limit uint64) {
	f.acked, f.limit = max(f.acked, acked), max(f.limit, limit)
	if f.sent < f.written {
		f.push()
	}
	if f.full && f.roomy() {
		f.full = false
		f.from.notify()
	}
}
