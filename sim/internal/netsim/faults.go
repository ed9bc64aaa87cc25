package netsim

import (
	"time"

	"github.com/goasyncio/asyncio/sim/internal/simenv"
)

// Faults is how often things go wrong, and how much. Rates are probabilities from 0 to
// 1. The zero value is a network in which nothing does, with a small fixed latency.
// The way of a host to itself has none of those that are about packets.
type Faults struct {
	// Latency is how long a packet takes. Where all of it is 0 that is 100 µs.
	Latency Delay
	// Bandwidth is how many bytes a link takes in a second; 0 is no limit.
	Bandwidth int64
	// Loss is of a packet. UDP loses it; TCP sends it again after 200 ms, then 400 ms…
	Loss float64
	// Retries is how often TCP sends a packet again before it gives the connection up
	// with ETIMEDOUT; 0 is 15, which is a quarter of an hour.
	Retries int
	// Duplicate and Reorder are of a UDP datagram; one that is late is late by Late.
	Duplicate float64
	Reorder   float64
	Late      Delay

	// Reset is that a packet finds its connection broken: at one end first, while the
	// other learns of it later, or when it sends something.
	Reset float64
	// Refuse and BlackHole are of an attempt to connect, whoever listens.
	Refuse    float64
	BlackHole float64

	// Clog is that a packet finds its link stopped, for a time of ClogFor; then all of it
	// goes on. Swizzle is the same for half of the hosts: their links stop one after the
	// other, and go on in another order.
	Clog    float64
	Swizzle float64
	ClogFor Delay
	// Partition is that a packet finds the hosts divided in two groups, for a time of
	// PartitionFor. A share of OneWay of them is in one direction only.
	Partition    float64
	OneWay       float64
	PartitionFor Delay

	// ShortRead and ShortWrite are of a call that moves less than it could.
	ShortRead  float64
	ShortWrite float64
	// SmallBuffers is of a new socket, whose buffers are a few bytes to a few KiB.
	SmallBuffers float64
	// NoDescriptor is EMFILE of Socket and Accept.
	NoDescriptor float64
	// Aborted is ECONNABORTED of Accept.
	Aborted float64

	// LookupFail is of a name that is there and is not found; LookupSlow is of one that
	// takes a time of LookupFor.
	LookupFail float64
	LookupSlow float64
	LookupFor  Delay
}

// How long faults last where nothing is said.
var (
	usualLate      = Delay{Mean: 5 * time.Millisecond}
	usualClog      = Delay{Min: 10 * time.Millisecond, Mean: 500 * time.Millisecond}
	usualPartition = Delay{Min: time.Second, Mean: 5 * time.Second}
	usualLookup    = Delay{Min: time.Second, Mean: 3 * time.Second}
)

// A Delay is a distribution of times: at least Min, more by an exponential part of the
// mean Mean, and once in a while, with probability Rare, by up to Tail.
type Delay struct {
	Min, Mean, Tail time.Duration
	Rare            float64
}

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
func (f *Faults) quiet() Faults {
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
