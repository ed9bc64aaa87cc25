package sim

import (
	"time"

	"github.com/goasyncio/asyncio/sim/fault"
)

// Faults is how often things go wrong in a world, and how much. The zero value is a
// world in which nothing does.
type Faults struct {
	Network NetworkFaults
	Disk    DiskFaults
	Hosts   HostFaults
}

// The parts of Faults.
type (
	// NetworkFaults is what goes wrong between hosts.
	NetworkFaults = fault.Network
	// DiskFaults is what goes wrong with disks.
	DiskFaults = fault.Disk
	// HostFaults is what goes wrong with hosts that are mortal.
	HostFaults = fault.Hosts
	// Delay is a distribution of times.
	Delay = fault.Delay
)

// A swarm draws the faults of a world: each kind is off in most of them, so that it does
// not hide what others would show, and where it is on there is little or much of it.
type swarm struct{ env *env }

// usual is how likely a kind of fault is in a world whose faults are drawn.
const usual = 0.25

// rate draws a probability.
func (s swarm) rate(what string) float64 {
	return [...]float64{0, 0.001, 0.01, 0.05}[s.level(what)]
}

// level draws how much there is of something: 0 is none, 3 is much.
func (s swarm) level(what string) int { return s.env.decide("how often: "+what, 4, usual) }

// period draws after how many steps something happens on average.
func (s swarm) period(what string) int { return [...]int{0, 3000, 600, 100}[s.level(what)] }

func (s swarm) delay(what string, unit time.Duration) time.Duration {
	return [...]time.Duration{0, unit, 10 * unit, 100 * unit}[s.level(what)]
}

func (s swarm) faults() Faults {
	return Faults{Network: s.network(), Disk: s.disk(), Hosts: s.hosts()}
}

func (s swarm) network() NetworkFaults {
	return NetworkFaults{
		Latency: Delay{
			Min: 100 * time.Microsecond, Mean: s.delay("latency", 300*time.Microsecond),
			Tail: time.Second, Rare: s.rate("very long delays"),
		},
		Retries: [...]int{0, 8, 5, 2}[s.level("few retransmissions")],
		Loss:    s.rate("loss"), Duplicate: s.rate("duplicates"),
		Reorder: s.rate("datagrams overtaken"), Late: Delay{Mean: 5 * time.Millisecond},
		Reset: s.rate("resets"), Refuse: s.rate("refused connects"), BlackHole: s.rate("swallowed connects"),
		Clog: s.rate("clogs") / 10, Swizzle: s.rate("swizzles") / 20, ClogFor: Delay{Mean: time.Second},
		Partition: s.rate("partitions") / 20, OneWay: 0.3, PartitionFor: Delay{Min: 100 * time.Millisecond, Mean: 3 * time.Second},
		ShortRead: s.rate("short reads"), ShortWrite: s.rate("short writes"), SmallBuffers: s.rate("small buffers"),
		NoDescriptor: s.rate("no descriptors") / 5, Aborted: s.rate("aborted accepts"),
		LookupFail: s.rate("failed look-ups"), LookupSlow: s.rate("slow look-ups"), LookupFor: Delay{Min: time.Second, Mean: 5 * time.Second},
	}
}

func (s swarm) disk() DiskFaults {
	return DiskFaults{
		Slow: s.delay("slow disk", 100*time.Microsecond), Stall: s.rate("stalled syncs"), StallTime: time.Second,
		ReadError: s.rate("read errors") / 5, WriteError: s.rate("write errors") / 5,
		SyncError: s.rate("sync errors") / 5, NameError: s.rate("name errors") / 5,
		Full: s.rate("full disk") / 5, EarlySync: s.rate("early syncs"),
	} // corruption is for those who ask for it
}

func (s swarm) hosts() HostFaults {
	return HostFaults{
		Crashes: s.period("crashes"), Down: s.delay("time off", 20*time.Millisecond) + 10*time.Millisecond,
		Pauses: s.period("pauses"), Still: s.delay("time still", 10*time.Millisecond) + time.Millisecond,
		Skew: s.delay("skew", time.Second), Drift: [...]int{0, 20, 100, 500}[s.level("drift")],
		Jumps: s.period("clock jumps"),
	}
}

// weather makes the faults hold that were asked for, or else drawn, when the first host
// is made: a program without hosts has no use for them, nor for their decisions.
func (w *World) weather() {
	if w.faulty {
		return
	}
	w.faulty = true
	if w.opts.faults != nil {
		w.faults = *w.opts.faults
	} else {
		w.faults = swarm{(*env)(w)}.faults()
	}
	w.test.network()
	w.net.SetFaults(w.faults.Network)
}

// Faults are those that hold now.
func (w *World) Faults() Faults { return w.faults }

// SetFaults replaces the faults from now on.
func (w *World) SetFaults(f Faults) {
	w.faulty = true
	w.faults = f
	w.test.network()
	w.net.SetFaults(f.Network)
	for _, h := range w.hosts {
		if h.disk != nil {
			h.disk.SetFaults(f.Disk)
		}
		h.fate.draw(h)
	}
}

// Quiet ends all that goes wrong, for good: no fault strikes any more, partitions are
// healed, paused hosts go on, and mortal hosts that are off start again. It is for the end of a
// test, before [World.Eventually]: what a program owes once everything works.
func (w *World) Quiet() {
	network := w.faults.Network
	w.SetFaults(Faults{Network: NetworkFaults{Latency: network.Latency, Bandwidth: network.Bandwidth}})
	w.net.Quiet()
	for _, h := range w.hosts {
		if h.paused {
			w.Resume(h)
		}
		if h.mortal && h.state == off {
			w.Restart(h)
		}
	}
}
