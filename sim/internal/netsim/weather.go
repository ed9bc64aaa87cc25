package netsim

import (
	"syscall"
	"time"

	"github.com/goasyncio/asyncio/sim/internal/simenv"
)

// The weather is what happens to links by itself. It happens when a packet takes one: a
// network that is not used has none, so that time has no reason to pass.

// weather decides whether something happens to l now.
func (n *Net) weather(l *Link) {
	f := &n.faults
	if l.from == l.to || f.Clog <= 0 && f.Swizzle <= 0 && f.Partition <= 0 {
		return
	}
	if f.Clog > 0 && l.clogged == 0 && n.env.Chance(f.Clog, faultNames[clogged]) {
		l.Clog()
		n.env.After(n.duration(f.ClogFor, usualClog, clogged), "clog ends", l.unclog)
	}
	if n.stops == 0 && n.strikes(f.Swizzle, swizzled, l.from) {
		n.swizzle(n.half(swizzled), n.duration(f.ClogFor, usualClog, swizzled))
	}
	if !n.split.on && n.strikes(f.Partition, partitioned, l.from) {
		n.divide(l.from)
		n.env.After(n.duration(f.PartitionFor, usualPartition, partitioned), "partition ends", n.unite)
	}
}

// half decides for some of the hosts: none of them in the mildest case.
func (n *Net) half(f fault) (some []*Host) {
	for _, h := range n.hosts {
		if n.env.Draw(2, faultNames[f]) == 1 {
			some = append(some, h)
		}
	}
	return some
}

// Swizzle clogs all links of the hosts, each host from a moment in the first half of d
// on, and lets them go on in another order in the second half.
func (n *Net) Swizzle(d time.Duration, hosts ...string) {
	var all []*Host
	for _, name := range hosts {
		if h := n.names[name]; h != nil {
			all = append(all, h)
		}
	}
	n.swizzle(all, d)
}

func (n *Net) swizzle(hosts []*Host, d time.Duration) {
	const steps = 16
	for _, h := range hosts {
		n.stops++
		begin := d / 2 / steps * time.Duration(n.env.Draw(steps, faultNames[swizzled]))
		end := d/2 + d/2/steps*time.Duration(n.env.Draw(steps, faultNames[swizzled]))
		n.env.After(begin, "host stops", h.stop)
		n.env.After(end, "host goes on", func() {
			n.stops--
			h.release()
		})
	}
}

func (h *Host) stop() {
	h.stopped = true
	h.net.event(simenv.Fault, h, nil, faultNames[swizzled], 0, 0)
}

// release lets go on what comes to a host and what leaves it.
func (h *Host) release() {
	if !h.stopped {
		return
	}
	h.stopped = false
	h.net.event(simenv.Healed, h, nil, faultNames[swizzled], 0, 0)
	for _, l := range h.net.made {
		if l.from == h || l.to == h {
			l.flush()
		}
	}
}

// A split is a partition of all hosts in two groups.
type split struct {
	on     bool
	oneWay bool // only what goes from the second group to the first is dropped
}

func (s split) cuts(l *Link) bool {
	return s.on && l.from.side != l.to.side && (!s.oneWay || l.from.side)
}

// divide makes a partition: h alone, or some of the hosts, on one side.
func (n *Net) divide(h *Host) {
	for _, o := range n.hosts {
		o.side = o == h
	}
	if n.env.Draw(2, "partition: one host, or several") == 1 {
		for _, o := range n.half(partitioned) {
			o.side = true
		}
	}
	n.split = split{on: true, oneWay: n.strikes(n.faults.OneWay, oneWay, h)}
	for _, o := range n.hosts {
		if o.side {
			n.event(simenv.Partition, o, nil, "", 0, 0)
		}
	}
	n.suspect()
}

// unite ends it.
func (n *Net) unite() {
	if !n.split.on {
		return
	}
	n.split = split{}
	for _, h := range n.hosts {
		if h.side {
			h.side = false
			n.event(simenv.Healed, h, nil, "", 0, 0)
		}
	}
}

// Partition blocks all links between two groups of hosts, in both directions.
func (n *Net) Partition(group, others []string) {
	n.Cut(group, others)
	n.Cut(others, group)
}

// Cut blocks all links from the one group to the other.
func (n *Net) Cut(from, to []string) {
	for _, a := range from {
		for _, b := range to {
			if l := n.Link(a, b); l != nil {
				l.Block()
			}
		}
	}
}

// Heal ends all partitions and all clogs. Rates of faults stay.
func (n *Net) Heal() {
	n.unite()
	for _, h := range n.hosts {
		h.release()
	}
	for _, l := range n.made {
		l.Heal()
	}
}

// breaks decides whether a connection breaks when it sends. Somebody on the way resets
// one end or both; an end that is not told learns of it when it sends, or by its
// keep-alive, or never.
func (n *Net) breaks(f *flow) {
	from, to := f.from, f.to()
	if from.host == to.host || !n.strikes(n.faults.Reset, broken, from.host) {
		return
	}
	first, second := from, to
	how := n.env.Draw(3, faultNames[broken])
	if how == 2 {
		first, second = to, from
	}
	n.env.After(0, faultNames[broken], func() {
		if first.dead() {
			return
		}
		if how == 0 {
			first.sendReset()
		} else {
			n.count(halfOpen, second.host)
		}
		first.reset(syscall.ECONNRESET)
	})
}
