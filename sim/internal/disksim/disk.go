// Package disksim is the simulated disk of a host: a file system for tasks that takes
// simulated time, fails as it is told to, and shows after a crash what a real disk could
// show.
//
// # What is on the disk
//
// What a process writes goes to the cache, which every process of the host sees. It is on
// the disk after a Sync: the content and the size of a file after the Sync of the file,
// the entries of a folder after SyncDir of that folder. This is the rule of POSIX at its
// strictest, on purpose: that a new file needs both is what programs forget. With
// [Faults.Journal] any Sync brings all entries as well, in order, as on ext4.
//
// # What a crash keeps
//
// Each decision's mildest case is that all is kept. Otherwise, of each file:
//
//   - Each sector of 512 bytes has the content of the last Sync or that which some write
//     since has given it in the cache. Sectors are independent, so writes are kept, lost,
//     torn and swapped; within a sector there is no state that the cache never had.
//   - Its size is that of the last Sync or one that it has had since. What a kept size
//     covers and no kept sector does is zeros; what a Truncate has cut off is gone where
//     its size, or a later one, is kept.
//   - After a Sync that has failed, what it was to write is lost for good, though the
//     cache shows it; a later Sync that succeeds does not bring it (what Linux does).
//
// And of the folders: each creation, renaming and removal since the SyncDir is kept or
// lost as a whole. One is kept only with the earlier ones that it depends on: those of
// the same name, for the removal of a folder those in it, and for the move of a folder
// the other moves.
//
// # Who may call it
//
// Everything here is for the goroutine that the world is on. The waits are those of a
// [Mount], under the context of a task of the host.
package disksim

import (
	"io/fs"

	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/sim/internal/simenv"
)

// Disk is the disk of a host.
type Disk struct {
	env    simenv.Env
	host   string
	faults Faults
	counts Counts
	root   *node
	names  journal // what SyncDir has not brought to the disk yet
	mount  *Mount
	seq    uint64         // of the last change
	idle   driver.Instant // when the device is through with what it has been given
	used   int64          // bytes
	first  struct {       // the first root and mount: most disks of most worlds are not used
		root   node
		folder folder
		mount  Mount
	}
}

// New is an empty disk. host is its name in events.
func New(env simenv.Env, host string) *Disk {
	d := &Disk{env: env, host: host}
	d.first.root = node{mode: fs.ModeDir | 0o755, folder: &d.first.folder, linked: true}
	d.first.mount.disk = d
	d.root, d.mount = &d.first.root, &d.first.mount
	return d
}

// Mount is the file system as the processes of now see it. It ends with the next Kill,
// Crash or Erase: each life of a host takes it anew.
func (d *Disk) Mount() *Mount { return d.mount }

// Kill ends the processes and leaves the system running: nothing is lost, and files that
// were open are closed.
func (d *Disk) Kill() {
	d.mount.dead = true
	d.mount = &Mount{disk: d}
	d.idle = d.env.Now()
	d.measure()
}

// Erase puts a new disk into the host.
func (d *Disk) Erase() {
	d.root, d.names = newFolder(0o755), journal{}
	d.Kill()
}

// SetFaults says what is to go wrong from now on. The zero value is a good disk.
func (d *Disk) SetFaults(f Faults) { d.faults = f }

// Faults is what may go wrong.
func (d *Disk) Faults() Faults { return d.faults }

// Used tells whether anything was ever done with the disk. One that was not used in one
// world is as good as new for the next.
func (d *Disk) Used() bool {
	return d.idle > 0 || d.seq > 0 || d.counts.Crashes > 0 || d.faults != (Faults{})
}

// Counts is what has gone wrong so far.
func (d *Disk) Counts() Counts { return d.counts }

// Walk calls visit for each file and folder that processes see, in order of their paths,
// which begin with a slash; content is nil for a folder.
func (d *Disk) Walk(visit func(path string, content []byte)) {
	d.root.walk("", func(path string, n *node) {
		switch {
		case n.folder == nil:
			visit(path, append([]byte{}, n.file.cache...))
		case path != "":
			visit(path, nil)
		}
	})
}

// next numbers a change.
func (d *Disk) next() uint64 {
	d.seq++
	return d.seq
}

// measure counts what is in use after handles have vanished.
func (d *Disk) measure() {
	d.used = 0
	d.root.walk("", func(_ string, n *node) {
		n.open = 0
		if n.folder == nil {
			d.used += int64(len(n.file.cache))
		}
	})
}

func (d *Disk) event(kind simenv.Kind, what string, size int) {
	if d.env.Recording() {
		d.env.Event(simenv.Event{Kind: kind, Host: d.host, What: what, Size: size})
	}
}
