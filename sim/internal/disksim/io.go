package disksim

import (
	"context"
	"math"
	"os"
	"slices"
	"syscall"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/sim/internal/simenv"
)

// read copies from the cache. It may fall short at the end alone.
func (h *handle) read(d *Disk, p []byte, off int64) (int, error) {
	switch {
	case !readable(h.flag):
		return 0, syscall.EBADF
	case h.node.folder != nil:
		return 0, syscall.EISDIR
	case d.fails(&d.counts.ReadErrors, d.faults.ReadError, "read error"):
		return 0, syscall.EIO
	}
	c := h.node.file
	if off >= int64(len(c.cache)) || len(p) == 0 {
		return 0, nil
	}
	n := min(len(p), len(c.cache)-int(off))
	if d.fails(&d.counts.Corrupted, d.faults.Corrupt, "corrupted sector") {
		d.flip(c, int(off), n)
	}
	return copy(p, c.cache[off:]), nil
}

// flip turns a bit of a file over, for everybody and for good.
func (d *Disk) flip(c *content, off, n int) {
	at, bit := off+d.env.Draw(n, "corrupted byte"), byte(1)<<d.env.Draw(8, "corrupted bit")
	c.cache[at] ^= bit
	if at < len(c.disk) {
		c.disk[at] ^= bit
	}
	if at < len(c.before) {
		c.before[at] ^= bit
	}
	for _, w := range c.pending {
		if i := at - w.off; i >= 0 && i < len(w.data) {
			w.data[i] ^= bit
		}
	}
}

// write changes the cache, in part where something is in the way.
func (h *handle) write(ctx context.Context, d *Disk, p []byte, off int64) (int, error) {
	if !writable(h.flag) {
		return 0, syscall.EBADF
	}
	if off > math.MaxInt-int64(len(p)) {
		return 0, syscall.EFBIG
	}
	c := h.node.file
	n, err := d.admit(c, len(p), int(off))
	if n > 0 {
		h.node.mod = asyncio.Now(ctx)
		d.put(c, slices.Clone(p[:n]), int(off))
	}
	if err == nil && h.flag&os.O_SYNC != 0 {
		err = d.sync(h.node, h.name, d.seq)
	}
	return n, err
}

// admit decides how much of a write there is room for, and what goes wrong.
func (d *Disk) admit(c *content, size, off int) (int, error) {
	switch {
	case size == 0:
		return 0, nil
	case d.fails(&d.counts.WriteErrors, d.faults.WriteError, "write error"):
		return d.env.Draw(size, "bytes before the error"), syscall.EIO
	case d.fails(&d.counts.Full, d.faults.Full, "disk full"):
		return d.env.Draw(size, "bytes before the end of the disk"), syscall.ENOSPC
	}
	growth := int64(max(0, off+size-len(c.cache)))
	lack := growth - d.room()
	if lack <= 0 {
		return size, nil
	}
	d.fault(&d.counts.Full, "disk full")
	return int(max(0, int64(size)-lack)), syscall.ENOSPC
}

// room is how many bytes are free.
func (d *Disk) room() int64 {
	if d.faults.Capacity <= 0 {
		return math.MaxInt64
	}
	return max(0, d.faults.Capacity-d.used)
}

// put changes the cache, and perhaps the disk.
func (d *Disk) put(c *content, data []byte, off int) {
	old := len(c.cache)
	w := c.put(d.next(), data, off)
	d.used += int64(len(c.cache) - old)
	if d.fails(&d.counts.Misdirected, d.faults.Misdirect, "misdirected write") {
		w.astray, w.target = true, d.env.Draw((len(c.cache)+sector-1)/sector, "sector that it goes to")
	}
	if d.early() {
		c.flush(d.seq)
	}
}

// setSize cuts or extends a file, if there is room.
func (d *Disk) setSize(n *node, size int64) error {
	growth := size - int64(len(n.file.cache))
	switch {
	case size > math.MaxInt:
		return syscall.EFBIG
	case d.fails(&d.counts.WriteErrors, d.faults.WriteError, "write error"):
		return syscall.EIO
	case growth > d.room():
		d.fault(&d.counts.Full, "disk full")
		return syscall.ENOSPC
	}
	d.truncate(n, int(size))
	return nil
}

func (d *Disk) truncate(n *node, size int) {
	old := len(n.file.cache)
	if size == old {
		return
	}
	n.file.truncate(d.next(), size)
	d.used += int64(size - old)
	if d.early() {
		n.file.flush(d.seq)
	}
}

// sync brings a file, or the entries of a folder, to the disk as of seq.
func (d *Disk) sync(n *node, name string, seq uint64) error {
	failed := d.fails(&d.counts.SyncErrors, d.faults.SyncError, "sync error")
	switch {
	case failed && n.file != nil:
		n.file.giveUp(seq)
		return syscall.EIO
	case failed:
		return syscall.EIO
	case n.folder != nil:
		d.syncFolder(n, name, seq)
		return nil
	}
	n.file.flush(seq)
	if d.faults.Journal {
		d.names.sync(seq, every)
	}
	d.event(simenv.Synced, name, len(n.file.disk))
	return nil
}
