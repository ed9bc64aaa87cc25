package netsim

import (
	"time"

	public "github.com/goasyncio/asyncio/sim/fault"
	"github.com/goasyncio/asyncio/sim/internal/simenv"
)

// Faults is how often things go wrong, and how much.
type Faults = public.Network

// A Delay is a distribution of times.
type Delay = public.Delay

// How long faults last where nothing is said.
var (
	usualLate      = Delay{Mean: 5 * time.Millisecond}
	usualClog      = Delay{Min: 10 * time.Millisecond, Mean: 500 * time.Millisecond}
	usualPartition = Delay{Min: time.Second, Mean: 5 * time.Second}
	usualLookup    = Delay{Min: time.Second, Mean: 3 * time.Second}
)

// usualLatency is that of a link where nothing is said. A packet of a host to itself takes
// no time, but arrives in a later step.
const usualLatency = 100 * time.Microsecond

// quantiles are those of the exponential distribution of mean 1024, at 0, 1/32, 2/32…
// They are numbers and not a formula, so that they are the same on every machine.
var quantiles = [32]int64{
	0, 33, 66, 101, 137, 174, 213, 253, 295, 338, 384, 431, 481, 534, 589, 648,
	710, 776, 847, 922, 1004, 1093, 1191, 1299, 1420, 1556, 1714, 1901, 2129, 2424, 2839, 3549,
}

// draw decides for one time of d.
func (n *Net) draw(d *Delay, label string) time.Duration {
	t := d.Min
	if d.Mean > 0 {
		t += time.Duration(int64(d.Mean) * quantiles[n.env.Draw(len(quantiles), label)] / 1024)
	}
	if d.Tail > 0 && n.env.Chance(d.Rare, faultNames[lateTail]) {
		n.counts[lateTail]++
		t += d.Tail / 8 * time.Duration(1+n.env.Draw(8, label))
	}
	return t
}

// duration is a draw of a fault's time, where that is set.
func (n *Net) duration(d, usual Delay, f fault) time.Duration {
	if d == (Delay{}) {
		d = usual
	}
	return n.draw(&d, faultNames[f])
}

// quiet is f without its rates. What is no fault, latency and bandwidth, stays.
func quiet(f *Faults) Faults {
	l := f.Latency
	l.Rare = 0
	return Faults{Latency: l, Bandwidth: f.Bandwidth, Retries: f.Retries}
}

// Faults is what holds now; it may be changed.
func (n *Net) Faults() *Faults { return &n.faults }

// SetFaults replaces all of it.
func (n *Net) SetFaults(f Faults) { n.faults = f }

// strikes decides whether a fault happens to h, and counts it.
func (n *Net) strikes(rate float64, f fault, h *Host) bool {
	if rate <= 0 || !n.env.Chance(rate, faultNames[f]) {
		return false
	}
	n.count(f, h)
	return true
}

// count notes a fault that has happened.
func (n *Net) count(f fault, h *Host) {
	n.counts[f]++
	n.event(simenv.Fault, h, nil, faultNames[f], 0, 0)
}
