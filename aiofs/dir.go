package aiofs

import (
	"context"
	"io/fs"
	"path/filepath"
)

// Dir is what is in the folder dir of fsys, as a file system: "." is the folder itself,
// which cannot be removed or renamed through it. A name that leads out of the folder, or
// is absolute, fails with [io/fs.ErrInvalid]. It looks at names alone: a symbolic link in
// the folder leads where it leads.
//
// The folder need not be there: MkdirAll of "." makes it.
func Dir(fsys FS, dir string) FS { return &subFS{fsys, dir} }

type subFS struct {
	fsys FS
	dir  string
}

// at is the name below, of what a caller calls name.
func (d *subFS) at(op, name string) (string, error) {
	if !filepath.IsLocal(name) {
		return "", &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	return filepath.Join(d.dir, name), nil
}

// below is at, for what must not be the folder itself.
func (d *subFS) below(op, name string) (string, error) {
	if filepath.Clean(name) == "." {
		return "", &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	return d.at(op, name)
}

// OpenFile implements [FS].
func (d *subFS) OpenFile(ctx context.Context, name string, flag int, perm fs.FileMode) (File, error) {
	p, err := d.at("open", name)
	if err != nil {
		return nil, err
	}
	return d.fsys.OpenFile(ctx, p, flag, perm)
}

// Mkdir implements [FS].
func (d *subFS) Mkdir(ctx context.Context, name string, perm fs.FileMode) error {
	p, err := d.at("mkdir", name)
	if err != nil {
		return err
	}
	return d.fsys.Mkdir(ctx, p, perm)
}

// MkdirAll implements [FS].
func (d *subFS) MkdirAll(ctx context.Context, name string, perm fs.FileMode) error {
	p, err := d.at("mkdir", name)
	if err != nil {
		return err
	}
	return d.fsys.MkdirAll(ctx, p, perm)
}

// Remove implements [FS].
func (d *subFS) Remove(ctx context.Context, name string) error {
	p, err := d.below("remove", name)
	if err != nil {
		return err
	}
	return d.fsys.Remove(ctx, p)
}

// RemoveAll implements [FS].
func (d *subFS) RemoveAll(ctx context.Context, name string) error {
	p, err := d.below("removeall", name)
	if err != nil {
		return err
	}
	return d.fsys.RemoveAll(ctx, p)
}

// Rename implements [FS].
func (d *subFS) Rename(ctx context.Context, oldname, newname string) error {
	from, err := d.below("rename", oldname)
	if err != nil {
		return err
	}
	to, err := d.below("rename", newname)
	if err != nil {
		return err
	}
	return d.fsys.Rename(ctx, from, to)
}

// ReadDir implements [FS].
func (d *subFS) ReadDir(ctx context.Context, name string) ([]fs.DirEntry, error) {
	p, err := d.at("open", name)
	if err != nil {
		return nil, err
	}
	return d.fsys.ReadDir(ctx, p)
}

// Stat implements [FS].
func (d *subFS) Stat(ctx context.Context, name string) (fs.FileInfo, error) {
	p, err := d.at("stat", name)
	if err != nil {
		return nil, err
	}
	return d.fsys.Stat(ctx, p)
}

// Truncate implements [FS].
func (d *subFS) Truncate(ctx context.Context, name string, size int64) error {
	p, err := d.at("truncate", name)
	if err != nil {
		return err
	}
	return d.fsys.Truncate(ctx, p, size)
}

// SyncDir implements [FS].
func (d *subFS) SyncDir(ctx context.Context, name string) error {
	p, err := d.at("sync", name)
	if err != nil {
		return err
	}
	return d.fsys.SyncDir(ctx, p)
}
