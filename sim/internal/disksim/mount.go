package disksim

import (
	"context"
	"io/fs"
	"os"
	"syscall"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiofs"
	"github.com/goasyncio/asyncio/sim/internal/simenv"
)

// Mount is a [Disk] in one life of its host: what an [aiofs.FS] is. When that life is
// over, each call fails with EIO, or fs.ErrClosed for a file, and does nothing.
type Mount struct {
	disk *Disk
	dead bool
}

var _ aiofs.FS = (*Mount)(nil)

// errDead is that a call has come from an earlier life of the host.
const errDead = syscall.EIO

// wait lets the time pass that a call takes. The disk does one thing after another, so
// whoever comes behind a slow call is slow, too. Like a call of the system it is not given
// up in the middle: ctx tells whether it begins.
func (m *Mount) wait(ctx context.Context, c cost) error {
	if err := asyncio.Checkpoint(ctx); err != nil {
		return err
	}
	if m.dead {
		return errDead
	}
	d := m.disk
	now := d.env.Now()
	d.idle = max(now, d.idle).Add(d.time(c))
	if err := asyncio.Sleep(context.WithoutCancel(ctx), time.Duration(d.idle-now)); err != nil {
		return err
	}
	if m.dead {
		return errDead
	}
	return nil
}

// named is a call that takes a name.
func named[T any](ctx context.Context, m *Mount, op, name string, c cost, call func(d *Disk) (T, error)) (T, error) {
	var none T
	if err := m.wait(ctx, c); err != nil {
		return none, wrap(op, name, err)
	}
	d := m.disk
	if d.fails(&d.counts.NameErrors, d.faults.NameError, "name error: "+op) {
		return none, wrap(op, name, syscall.EIO)
	}
	result, err := call(d)
	return result, wrap(op, name, err)
}

// only is named for calls with no result but an error.
func only(ctx context.Context, m *Mount, op, name string, call func(d *Disk) error) error {
	_, err := named(ctx, m, op, name, aCall, func(d *Disk) (struct{}, error) { return struct{}{}, call(d) })
	return err
}

// wrap makes the error of package os of one of the system, and leaves others alone.
func wrap(op, name string, err error) error {
	if _, ok := err.(syscall.Errno); ok || err == fs.ErrClosed {
		return &fs.PathError{Op: op, Path: name, Err: err}
	}
	return err
}

// fails decides whether a fault strikes.
func (d *Disk) fails(count *int, rate float64, what string) bool {
	if !d.env.Chance(rate, what) {
		return false
	}
	d.fault(count, what)
	return true
}

// fault notes one that has struck.
func (d *Disk) fault(count *int, what string) {
	*count++
	d.event(simenv.Fault, what, 0)
}

// early decides whether a change goes to the disk at once.
func (d *Disk) early() bool {
	return d.fails(&d.counts.EarlySyncs, d.faults.EarlySync, "early sync")
}

// full decides whether there is no room, not even for a name.
func (d *Disk) full() bool {
	if d.faults.Capacity > 0 && d.used >= d.faults.Capacity {
		d.fault(&d.counts.Full, "disk full")
		return true
	}
	return d.fails(&d.counts.Full, d.faults.Full, "disk full")
}

// OpenFile implements [aiofs.FS].
func (m *Mount) OpenFile(ctx context.Context, name string, flag int, perm fs.FileMode) (aiofs.File, error) {
	n, err := named(ctx, m, "open", name, aCall, func(d *Disk) (*node, error) {
		n, err := d.openNode(name, flag, perm)
		if err == nil && n.mod.IsZero() {
			n.mod = asyncio.Now(ctx)
		}
		return n, err
	})
	if err != nil {
		return nil, err
	}
	n.open++
	return &handle{mount: m, node: n, name: name, flag: flag}, nil
}

// openNode finds or makes a file.
func (d *Disk) openNode(name string, flag int, perm fs.FileMode) (*node, error) {
	s, err := d.find(name)
	switch {
	case err != nil:
		return nil, err
	case s.node == nil && flag&os.O_CREATE == 0:
		return nil, syscall.ENOENT
	case s.node == nil && d.full():
		return nil, syscall.ENOSPC
	case s.node == nil:
		n := newFile(perm)
		d.link(s, n)
		return n, nil
	case flag&os.O_CREATE != 0 && flag&os.O_EXCL != 0:
		return nil, syscall.EEXIST
	case s.node.folder != nil && (writable(flag) || flag&(os.O_CREATE|os.O_TRUNC) != 0):
		return nil, syscall.EISDIR
	case flag&os.O_TRUNC != 0:
		d.truncate(s.node, 0)
	}
	return s.node, nil
}

func writable(flag int) bool { return flag&(os.O_WRONLY|os.O_RDWR) != 0 }

func readable(flag int) bool { return flag&os.O_WRONLY == 0 }
