package netsim

import (
	"time"

	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/sim/internal/simenv"
)

// A Link is the way of packets from one host to another. The way back is another Link.
type Link struct {
	net       *Net
	from, to  *Host
	latency   *Delay // nil is that of all links
	bandwidth int64  // 0 is that of all links
	free      driver.Instant
	blocked   bool
	clogged   uint8    // how many clogs there are
	held      []func() // what goes on when the last of them ends
}

// SetLatency makes the link unlike the others; nil makes it like them again.
func (l *Link) SetLatency(d *Delay) { l.latency = d }

// SetBandwidth bounds the link to so many bytes in a second; 0 makes it like the others.
func (l *Link) SetBandwidth(bytes int64) { l.bandwidth = bytes }

// Block drops all packets from now on, those that are under way included.
func (l *Link) Block() {
	if l.blocked || l.from == l.to {
		return
	}
	l.blocked = true
	l.net.event(simenv.Partition, l.from, l.to, "", 0, 0)
	l.net.suspect()
}

// Clog keeps packets from now on, until the link is healed. Those that are under way
// arrive.
func (l *Link) Clog() {
	if l.from != l.to {
		l.clogged++
		l.net.counts[clogged]++
		l.net.event(simenv.Fault, l.from, l.to, faultNames[clogged], 0, 0)
	}
}

// Heal ends both. What a clog has kept goes on its way.
func (l *Link) Heal() {
	if l.blocked || l.clogged > 0 {
		l.net.event(simenv.Healed, l.from, l.to, "", 0, 0)
	}
	l.blocked, l.clogged = false, 0
	l.flush()
}

// unclog ends one clog. A heal may have ended it before.
func (l *Link) unclog() {
	if l.clogged > 0 {
		l.clogged--
		l.net.event(simenv.Healed, l.from, l.to, "", 0, 0)
		l.flush()
	}
}

// flush lets go what was kept, unless there is another clog.
func (l *Link) flush() {
	if l.Clogged() {
		return
	}
	held := l.held
	l.held = nil
	for _, f := range held {
		f()
	}
}

// Blocked tells that packets are dropped.
func (l *Link) Blocked() bool { return l.blocked || l.net.split.cuts(l) }

// Clogged tells that packets are kept.
func (l *Link) Clogged() bool {
	return l.clogged > 0 || l.from != l.to && (l.from.stopped || l.to.stopped)
}

// delay decides when a packet of so many bytes that is sent now arrives.
func (l *Link) delay(size int) time.Duration {
	n := l.net
	d := l.latency
	if d == nil {
		if l.from == l.to {
			return 0
		}
		d = &n.faults.Latency
	}
	if *d == (Delay{}) {
		return usualLatency + l.queue(size)
	}
	return n.draw(d, "latency") + l.queue(size)
}

// queue is how long a packet waits for those before it, and for itself.
func (l *Link) queue(size int) time.Duration {
	rate := l.bandwidth
	if rate == 0 {
		rate = l.net.faults.Bandwidth
	}
	if rate <= 0 {
		return 0
	}
	now := l.net.now()
	l.free = max(l.free, now).Add(time.Duration(int64(size) * int64(time.Second) / rate))
	return l.free.Sub(now)
}

// drops decides whether a packet that is sent now never arrives.
func (l *Link) drops() bool {
	switch {
	case l.from == l.to:
		return false
	case l.Blocked():
		l.net.counts[cutOff]++
		return true
	}
	return l.net.strikes(l.net.faults.Loss, lost, l.from)
}

// open tells that a packet which arrives now is not cut off.
func (l *Link) open() bool {
	if l.Blocked() {
		l.net.counts[cutOff]++
		return false
	}
	return !l.to.down
}
