package disksim

import (
	"maps"

	"github.com/goasyncio/asyncio/sim/internal/simenv"
)

// Crash takes the power away: processes end, and of what was not synced is left what the
// decisions say; see the package. In the mildest case that is all of it.
func (d *Disk) Crash() {
	d.counts.Crashes++
	d.crashNames()
	d.root.boot("", func(path string, c *content) { d.crashFile(path, c) })
	d.Kill()
}

// boot makes the entries of a folder those that are on the disk, all the way down.
func (n *node) boot(path string, visit func(path string, c *content)) {
	n.linked = true
	if n.folder == nil {
		visit(path, n.file)
		return
	}
	n.folder.live = maps.Clone(n.folder.disk)
	for _, name := range names(n.folder.live) {
		n.folder.live[name].boot(path+"/"+name, visit)
	}
}

// crashNames decides which changes of folders are on the disk.
func (d *Disk) crashNames() {
	j := &d.names
	count := len(j.pending)
	if count == 0 {
		return
	}
	cases := 4
	if d.faults.Journal {
		cases = 3
	}
	switch d.env.Draw(cases, "names at a crash: kept, lost, cut off, mixed") {
	case 0:
		j.settle(func(int, *change) bool { return true })
	case 2:
		kept := count - 1 - d.env.Draw(count, "names cut off")
		j.settle(func(i int, _ *change) bool { return i < kept })
	case 3:
		lost := newMarks()
		j.settle(func(_ int, c *change) bool {
			if lost.needs(c) || d.env.Draw(2, "a name: kept, lost") == 1 {
				lost.mark(c)
				return false
			}
			return true
		})
	}
	for _, c := range j.pending {
		d.event(simenv.Lost, "the name "+c.sets[len(c.sets)-1].name, 0)
	}
	d.counts.LostNames += len(j.pending)
	j.pending = nil
}

// fate is what becomes of a write at a crash.
type fate struct {
	size  bool   // the size of the file is kept
	whole bool   // all sectors are
	parts []bool // or these
}

func (f fate) keeps(s int) bool { return f.whole || s < len(f.parts) && f.parts[s] }

// crashFile decides which writes to a file are on the disk.
func (d *Disk) crashFile(path string, c *content) {
	if len(c.pending) > 0 {
		fates := d.fates(c)
		c.replay(len(fates), func(i, s int) bool { return fates[i].keeps(s) }, func(i int) bool { return fates[i].size })
		d.countLosses(path, c, fates)
	}
	c.reboot()
}

// fates decides for all pending writes.
func (d *Disk) fates(c *content) []fate {
	fates := make([]fate, len(c.pending))
	kind := d.env.Draw(4, "writes at a crash: kept, lost, cut off, mixed")
	cut := 0
	if kind == 2 {
		cut = len(fates) - 1 - d.env.Draw(len(fates), "writes cut off")
	}
	for i := range fates {
		w := &c.pending[i]
		switch {
		case w.failed || kind == 1 || kind == 2 && i > cut:
		case kind == 2 && i == cut:
			fates[i] = d.tear(w)
		case kind == 3:
			fates[i] = d.mix(w)
		default:
			fates[i] = fate{size: true, whole: true}
		}
	}
	return fates
}

// mix decides for one write by itself.
func (d *Disk) mix(w *write) fate {
	switch d.env.Draw(3, "a write: kept, lost, torn") {
	case 0:
		return fate{size: true, whole: true}
	case 1:
		return fate{}
	}
	return d.tear(w)
}

// mostParts is how many decisions a torn write takes at most: a long one is torn between
// runs of sectors.
const mostParts = 16

// tear decides which sectors of a write are kept.
func (d *Disk) tear(w *write) fate {
	_, count := w.sectors()
	f := fate{parts: make([]bool, count), size: true}
	run := max(1, (count+mostParts-1)/mostParts)
	for s := range count {
		if s%run == 0 {
			f.parts[s] = d.env.Draw(2, "a sector: kept, lost") == 0
		} else {
			f.parts[s] = f.parts[s-1]
		}
	}
	if w.sizes() {
		f.size = d.env.Draw(2, "a size: kept, lost") == 0
	}
	return f
}

// countLosses counts after the fact.
func (d *Disk) countLosses(path string, c *content, fates []fate) {
	bytes := 0
	for i, f := range fates {
		w := &c.pending[i]
		_, count := w.sectors()
		kept := 0
		for s := range count {
			if f.keeps(s) {
				kept++
			}
		}
		switch {
		case kept == count && (f.size || !w.sizes()):
			continue
		case kept == 0 && (!f.size || !w.sizes()):
			d.counts.LostWrites++
		default:
			d.counts.TornWrites++
		}
		bytes += len(w.data)
	}
	if bytes > 0 {
		d.event(simenv.Lost, path, bytes)
	}
}
