package disksim

import (
	"iter"
	"time"

	"github.com/goasyncio/asyncio/sim/fault"
)

// Faults is what may go wrong with a disk.
type Faults = fault.Disk

// Counts is how often what has gone wrong.
type Counts struct {
	Stalls, ReadErrors, WriteErrors, SyncErrors, NameErrors, Full int
	EarlySyncs, Corrupted, Misdirected                            int
	Crashes                                                       int
	LostWrites                                                    int // no sector of them was kept
	TornWrites                                                    int // some of their sectors were
	LostNames                                                     int // creations, renamings, removals
}

// All is each count with its name.
func (c Counts) All() iter.Seq2[string, int] {
	return func(yield func(string, int) bool) {
		_ = yield("stalled sync", c.Stalls) &&
			yield("read error", c.ReadErrors) &&
			yield("write error", c.WriteErrors) &&
			yield("sync error", c.SyncErrors) &&
			yield("name error", c.NameErrors) &&
			yield("disk full", c.Full) &&
			yield("early sync", c.EarlySyncs) &&
			yield("corrupted sector", c.Corrupted) &&
			yield("misdirected write", c.Misdirected) &&
			yield("crash of a disk", c.Crashes) &&
			yield("lost write", c.LostWrites) &&
			yield("torn write", c.TornWrites) &&
			yield("lost name", c.LostNames)
	}
}

// cost is how long a call takes on a good disk.
type cost time.Duration

const (
	aCall = cost(50 * time.Microsecond)
	aSync = cost(time.Millisecond)
)

// time draws how long a call takes now.
func (d *Disk) time(c cost) time.Duration {
	took := time.Duration(c) + d.extra()
	if c == aSync {
		took += d.stall()
	}
	return took
}

// extra draws how much longer than on a good disk a call takes: nothing, or a share of
// Slow that doubles from case to case, so that most are quick and few are slow.
func (d *Disk) extra() time.Duration {
	if d.faults.Slow <= 0 {
		return 0
	}
	k := d.env.Draw(8, "disk latency")
	return d.faults.Slow * time.Duration(1<<k-1) / (1<<7 - 1)
}

// stall draws how long a sync holds up the disk.
func (d *Disk) stall() time.Duration {
	if d.faults.StallTime <= 0 || !d.env.Chance(d.faults.Stall, "stalled sync") {
		return 0
	}
	d.fault(&d.counts.Stalls, "stalled sync")
	return d.faults.StallTime * time.Duration(1+d.env.Draw(4, "length of the stall")) / 4
}
