package netsim

import (
	"syscall"
	"time"

	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/sim/internal/simenv"
)

// Connections that are well ask for nothing: a keep-alive whose answer comes is not
// simulated, for it changes nothing, and time would never have an end. Only where a peer
// cannot answer any more is there something to be found out, and a timer for that.

// A keeper finds out that a peer is dead.
type keeper struct {
	t      *tcp
	misses int
	timer  simenv.Timer
}

func (k *keeper) stop() {
	if k != nil {
		k.timer.Stop()
	}
}

// suspect is called when hosts cannot hear each other any more.
func (n *Net) suspect() {
	for _, h := range n.hosts {
		for _, s := range h.table {
			if s == nil {
				continue
			}
			if t, ok := s.proto.(*tcp); ok {
				t.suspect()
			}
		}
	}
}

// doubtful tells that the peer cannot be heard.
func (t *tcp) doubtful() bool {
	return t.peer.dead() || t.cut()
}

// cut tells that no answer would come at all.
func (t *tcp) cut() bool {
	return t.peer.host.down || t.send.way().Blocked() || t.send.back().Blocked()
}

// suspect makes t find out, by what it has to send or else by its keep-alive.
func (t *tcp) suspect() {
	if t.state != established || t.dead() || !t.doubtful() {
		return
	}
	if f := &t.send; f.sent < f.written && f.under.first() == nil {
		f.lose()
	}
	if t.keep == nil && t.options.has(driver.KeepAlive) && !t.orphan {
		t.keep = &keeper{t: t}
		t.keep.after(t.idleSince())
	}
}

// idleSince is how long it takes until the connection has been silent for long enough.
func (t *tcp) idleSince() time.Duration {
	idle := seconds(orUsual(t.options.idle, usualIdle))
	return max(0, t.active.Add(idle).Sub(t.host.net.now()))
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

func (k *keeper) after(d time.Duration) {
	k.timer = k.t.host.net.env.After(d, "keep-alive", k.probe)
}

// probe asks the peer.
func (k *keeper) probe() {
	t := k.t
	switch wait := t.idleSince(); {
	case !t.options.has(driver.KeepAlive) || !t.doubtful():
		t.keep = nil
	case wait > 0: // something has come meanwhile
		k.misses = 0
		k.after(wait)
	case !t.cut():
		t.found(syscall.ECONNRESET) // its host has never heard of the connection
	case k.misses >= orUsual(t.options.count, usualCount):
		t.found(syscall.ETIMEDOUT)
	default:
		k.misses++
		k.after(seconds(orUsual(t.options.interval, usualInterval)))
	}
}

func (t *tcp) found(err syscall.Errno) {
	t.host.net.count(deadPeer, t.host)
	t.reset(err)
}

// hurry does at once what s would do after waiting.
func (s *socket) hurry() {
	if t, ok := s.proto.(*tcp); ok {
		t.send.hurry()
		if t.dial != nil {
			t.dial.hurry()
		}
	}
}
