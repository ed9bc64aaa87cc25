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
	clogged   bool
	held      []func() // what goes on when the clog ends
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
	l.net.suspect(l.from, l.to)
}

// Clog keeps packets from now on, until the link is healed. Those that are under way
// arrive.
func (l *Link) Clog() {
	if l.from != l.to && !l.clogged {
		l.clogged = true
		l.net.event(simenv.Fault, l.from, l.to, faultNames[clogged], 0, 0)
	}
}

// Heal ends both. What a clog has kept goes on its way.
func (l *Link) Heal() {
	if l.blocked || l.clogged {
		l.net.event(simenv.Healed, l.from, l.to, "", 0, 0)
	}
	l.blocked = false
	l.unclog()
}

func (l *Link) unclog() {
	l.clogged = false
	held := l.held
	l.held = nil
	for _, f := range held {
		f()
	}
}

// Blocked tells that packets are dropped.
func (l *Link) Blocked() bool { return l.blocked }

// Clogged tells that packets are kept.
func (l *Link) Clogged() bool { return l.clogged }

// delay decides when a packet of so many bytes that is sent now arrives.
func (l *Link) delay(size int) time.Duration {
	if l.from == l.to {
		return loopLatency
	}
	n := l.net
	d := l.latency
	if d == nil {
		d = &n.faults.Latency
	}
	if *d == (Delay{}) {
		return usualLatency + l.queue(size)
	}
	return d.draw(n.env, "latency") + l.queue(size)
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
	case l.blocked:
		l.net.counts[cutOff]++
		return true
	}
	return l.net.strikes(l.net.faults.Loss, lost, l.from)
}

// open tells that a packet which arrives now is not cut off.
func (l *Link) open() bool {
	if l.blocked {
		l.net.counts[cutOff]++
	}
	return !l.blocked && !l.to.down
}
