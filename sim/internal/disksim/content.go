package disksim

import (
	"bytes"
	"slices"
)

// sector is what a disk writes in one piece.
const sector = 512

// content is the content of a file: what processes see, what is on the disk, and how the
// one came from the other.
type content struct {
	cache   []byte
	disk    []byte
	pending []write // since the last sync, in order
	// before is what the cache had before the first of pending, where that is not what
	// is on the disk: after a sync that has failed or a write that has gone astray.
	before []byte
}

// write is a change that is in the cache.
type write struct {
	seq      uint64
	data     []byte // nil for a Truncate
	off      int
	old, new int  // size of the file before and after
	failed   bool // a sync has given it up: it will never be on the disk
	astray   bool // it goes to target instead
	target   int
}

// put changes the cache. data is the file's from now on.
func (c *content) put(seq uint64, data []byte, off int) *write {
	w := write{seq: seq, data: data, off: off, old: len(c.cache)}
	c.cache = place(c.cache, data, off)
	w.new = len(c.cache)
	c.pending = append(c.pending, w)
	return &c.pending[len(c.pending)-1]
}

// truncate changes the size.
func (c *content) truncate(seq uint64, size int) {
	c.pending = append(c.pending, write{seq: seq, off: size, old: len(c.cache), new: size})
	c.cache = resize(c.cache, size)
}

// place writes data into an image of a file.
func place(image, data []byte, off int) []byte {
	if end := off + len(data); end > len(image) && len(data) > 0 {
		image = resize(image, end)
	}
	copy(image[min(off, len(image)):], data)
	return image
}

// resize cuts an image, or extends it with zeros.
func resize(image []byte, size int) []byte {
	if old := len(image); size > old {
		image = slices.Grow(image, size-old)[:size]
		clear(image[old:])
		return image
	}
	return image[:size]
}

// first is the number of sectors before the write's, and count that of its own.
func (w *write) sectors() (first, count int) {
	if len(w.data) == 0 {
		return 0, 0
	}
	first = w.off / sector
	return first, (w.off+len(w.data)-1)/sector + 1 - first
}

// sizes tells whether the write changes the size of the file.
func (w *write) sizes() bool { return w.old != w.new }

// due is how many of the pending writes a sync up to seq is for.
func (c *content) due(seq uint64) int {
	n := len(c.pending)
	for n > 0 && c.pending[n-1].seq > seq {
		n--
	}
	return n
}

// flush brings the writes up to seq to the disk, but for those that a sync has given up.
func (c *content) flush(seq uint64) {
	n := c.due(seq)
	odd := func(w write) bool { return w.failed || w.astray }
	if c.before == nil && !slices.ContainsFunc(c.pending[:n], odd) {
		for i := range c.pending[:n] {
			w := &c.pending[i]
			if w.data == nil {
				c.disk = resize(c.disk, w.new)
			}
			c.disk = place(c.disk, w.data, w.off)
		}
	} else {
		c.replay(n, func(i, _ int) bool { return !c.pending[i].failed }, func(i int) bool { return !c.pending[i].failed })
	}
	c.pending = slices.Delete(c.pending, 0, n)
}

// giveUp is a sync up to seq that has failed.
func (c *content) giveUp(seq uint64) {
	for i := range c.pending[:c.due(seq)] {
		c.pending[i].failed = true
	}
}

// replay makes the disk what it is when of the first n pending writes those sectors have
// been written to which kept says yes, numbered from the write's first, and those sizes
// to which sized does. Sectors are written as the cache had them at that time.
func (c *content) replay(n int, kept func(i, s int) bool, sized func(i int) bool) {
	cache := slices.Clone(c.before)
	if c.before == nil {
		cache = slices.Clone(c.disk)
	}
	size, last := len(c.disk), -1
	for i := range n {
		if c.pending[i].sizes() && sized(i) {
			size, last = c.pending[i].new, i // a size goes to the disk with all earlier ones
		}
	}
	for i := range n {
		w := &c.pending[i]
		cache = place(resize(cache, w.new), w.data, w.off)
		if w.new < w.old && i <= last {
			c.disk = cut(c.disk, cache, w.new)
		}
		first, count := w.sectors()
		for s := range count {
			if kept(i, s) {
				c.disk = writeSector(c.disk, cache, first+s, w.to(first+s))
			}
		}
	}
	c.disk = resize(c.disk, size)
	c.before = nil
	if !bytes.Equal(c.disk, cache) {
		c.before = cache
	}
}

// cut takes the sectors behind a size away from the disk. The one that it goes through
// is written, with the zeros that the cache has in it.
func cut(disk, cache []byte, size int) []byte {
	if size%sector != 0 {
		disk = writeSector(disk, cache, size/sector, size/sector)
	}
	if size < len(disk) {
		clear(disk[size:])
	}
	return disk
}

// to is the sector to which the disk really writes.
func (w *write) to(s int) int {
	if w.astray {
		return w.target + s - w.off/sector
	}
	return s
}

// writeSector copies a sector of the cache to the disk.
func writeSector(disk, cache []byte, from, to int) []byte {
	if end := (to + 1) * sector; end > len(disk) {
		disk = resize(disk, end)
	}
	part := cache[min(from*sector, len(cache)):min((from+1)*sector, len(cache))]
	clear(disk[to*sector+copy(disk[to*sector:], part) : (to+1)*sector])
	return disk
}

// reboot makes the cache what is on the disk.
func (c *content) reboot() {
	c.cache = slices.Clone(c.disk)
	c.pending, c.before = nil, nil
}
