package disksim

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/sim/internal/simenv"
)

// Mkdir implements [aiofs.FS].
func (m *Mount) Mkdir(ctx context.Context, name string, perm fs.FileMode) error {
	return only(ctx, m, "mkdir", name, func(d *Disk) error {
		s, err := d.find(name)
		switch {
		case err != nil:
			return err
		case s.node != nil:
			return syscall.EEXIST
		}
		return d.mkdir(ctx, s, perm)
	})
}

func (d *Disk) mkdir(ctx context.Context, s spot, perm fs.FileMode) error {
	if d.full() {
		return syscall.ENOSPC
	}
	n := newFolder(perm)
	n.mod = asyncio.Now(ctx)
	d.link(s, n)
	return nil
}

// MkdirAll implements [aiofs.FS].
func (m *Mount) MkdirAll(ctx context.Context, name string, perm fs.FileMode) error {
	return only(ctx, m, "mkdir", name, func(d *Disk) error { return d.mkdirAll(ctx, name, perm) })
}

func (d *Disk) mkdirAll(ctx context.Context, name string, perm fs.FileMode) error {
	s, err := d.find(name)
	if errors.Is(err, syscall.ENOENT) && name != "" {
		if err := d.mkdirAll(ctx, path.Dir(filepath.ToSlash(name)), perm); err != nil {
			return err
		}
		s, err = d.find(name)
	}
	switch {
	case err != nil:
		return err
	case s.node == nil:
		return d.mkdir(ctx, s, perm)
	case s.node.folder == nil:
		return syscall.ENOTDIR
	}
	return nil
}

// Remove implements [aiofs.FS].
func (m *Mount) Remove(ctx context.Context, name string) error {
	return only(ctx, m, "remove", name, func(d *Disk) error {
		s, err := d.existing(name)
		switch {
		case err != nil:
			return err
		case s.parent == nil:
			return syscall.EBUSY
		case s.node.folder != nil && len(s.node.folder.live) > 0:
			return syscall.ENOTEMPTY
		}
		d.unlink(s)
		return nil
	})
}

// RemoveAll implements [aiofs.FS].
func (m *Mount) RemoveAll(ctx context.Context, name string) error {
	return only(ctx, m, "unlinkat", name, func(d *Disk) error {
		s, err := d.existing(name)
		switch {
		case errors.Is(err, syscall.ENOENT):
			return nil
		case err != nil:
			return err
		case s.parent == nil:
			return syscall.EINVAL
		}
		d.removeAll(s)
		return nil
	})
}

func (d *Disk) removeAll(s spot) {
	if f := s.node.folder; f != nil {
		for _, name := range names(f.live) {
			d.removeAll(spot{parent: s.node, name: name, node: f.live[name]})
		}
	}
	d.unlink(s)
}

// Rename implements [aiofs.FS].
func (m *Mount) Rename(ctx context.Context, oldname, newname string) error {
	err := only(ctx, m, "rename", oldname, func(d *Disk) error { return d.rename(oldname, newname) })
	var failed *fs.PathError
	if errors.As(err, &failed) {
		return &os.LinkError{Op: "rename", Old: oldname, New: newname, Err: failed.Err}
	}
	return err
}

func (d *Disk) rename(oldname, newname string) error {
	from, err := d.existing(oldname)
	if err != nil {
		return err
	}
	to, err := d.find(newname)
	switch {
	case err != nil:
		return err
	case from.parent == nil:
		return syscall.EBUSY
	case to.node != nil && to.node.folder != nil:
		return syscall.EEXIST
	case to.node == from.node:
		return nil
	case from.node.folder != nil && to.node != nil:
		return syscall.ENOTDIR
	case slices.Contains(to.above, from.node):
		return syscall.EINVAL
	}
	d.move(from, to)
	return nil
}

// ReadDir implements [aiofs.FS].
func (m *Mount) ReadDir(ctx context.Context, name string) ([]fs.DirEntry, error) {
	return named(ctx, m, "open", name, aCall, func(d *Disk) ([]fs.DirEntry, error) {
		n, err := d.existingFolder(name)
		if err != nil {
			return nil, err
		}
		entries := make([]fs.DirEntry, 0, len(n.folder.live))
		for _, name := range names(n.folder.live) {
			entries = append(entries, fs.FileInfoToDirEntry(n.folder.live[name].info(name)))
		}
		return entries, nil
	})
}

// Stat implements [aiofs.FS].
func (m *Mount) Stat(ctx context.Context, name string) (fs.FileInfo, error) {
	return named(ctx, m, "stat", name, aCall, func(d *Disk) (fs.FileInfo, error) {
		s, err := d.existing(name)
		if err != nil {
			return nil, err
		}
		return s.node.info(path.Base(filepath.ToSlash(name))), nil
	})
}

// Truncate implements [aiofs.FS].
func (m *Mount) Truncate(ctx context.Context, name string, size int64) error {
	return only(ctx, m, "truncate", name, func(d *Disk) error {
		if size < 0 {
			return syscall.EINVAL
		}
		s, err := d.existing(name)
		switch {
		case err != nil:
			return err
		case s.node.folder != nil:
			return syscall.EISDIR
		}
		return d.setSize(s.node, size)
	})
}

// SyncDir implements [aiofs.FS].
func (m *Mount) SyncDir(ctx context.Context, name string) error {
	d := m.disk
	seq := d.seq // what is changed from here on is not meant
	_, err := named(ctx, m, "open", name, aSync, func(d *Disk) (struct{}, error) {
		n, err := d.existing(name)
		switch {
		case err != nil:
			return struct{}{}, err
		case n.node.folder == nil:
			return struct{}{}, &fs.PathError{Op: "sync", Path: name, Err: syscall.ENOTDIR}
		case d.fails(&d.counts.SyncErrors, d.faults.SyncError, "sync error"):
			return struct{}{}, &fs.PathError{Op: "sync", Path: name, Err: syscall.EIO}
		}
		d.syncFolder(n.node, name, seq)
		return struct{}{}, nil
	})
	return err
}

// syncFolder brings the entries of a folder to the disk, as of seq.
func (d *Disk) syncFolder(n *node, name string, seq uint64) {
	wanted := func(c *change) bool { return c.touches(n) }
	if d.faults.Journal {
		wanted = every
	}
	d.names.sync(seq, wanted)
	d.event(simenv.Synced, name, 0)
}
