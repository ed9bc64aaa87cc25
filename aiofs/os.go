package aiofs

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"runtime"
	"syscall"
)

// OpenFile implements [FS].
func (system) OpenFile(ctx context.Context, name string, flag int, perm fs.FileMode) (File, error) {
	h := &handover{}
	defer h.leave()
	err := only(ctx, func() error {
		f, err := os.OpenFile(name, flag, perm)
		if err == nil {
			h.offer(f)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return &file{f: h.take()}, nil
}

// Mkdir implements [FS].
func (system) Mkdir(ctx context.Context, name string, perm fs.FileMode) error {
	return only(ctx, func() error { return os.Mkdir(name, perm) })
}

// MkdirAll implements [FS].
func (system) MkdirAll(ctx context.Context, name string, perm fs.FileMode) error {
	return only(ctx, func() error { return os.MkdirAll(name, perm) })
}

// Remove implements [FS].
func (system) Remove(ctx context.Context, name string) error {
	return only(ctx, func() error { return os.Remove(name) })
}

// RemoveAll implements [FS].
func (system) RemoveAll(ctx context.Context, name string) error {
	return only(ctx, func() error { return os.RemoveAll(name) })
}

// Rename implements [FS].
func (system) Rename(ctx context.Context, oldname, newname string) error {
	return only(ctx, func() error { return os.Rename(oldname, newname) })
}

// Stat implements [FS].
func (system) Stat(ctx context.Context, name string) (fs.FileInfo, error) {
	return onThread(ctx, func() (fs.FileInfo, error) { return os.Stat(name) })
}

// Truncate implements [FS].
func (system) Truncate(ctx context.Context, name string, size int64) error {
	return only(ctx, func() error { return os.Truncate(name, size) })
}

// ReadDir implements [FS]. It asks for each entry's Info here, where that may take its
// time, since the caller is on the loop when he does.
func (system) ReadDir(ctx context.Context, name string) ([]fs.DirEntry, error) {
	return onThread(ctx, func() ([]fs.DirEntry, error) {
		found, err := os.ReadDir(name)
		entries := make([]fs.DirEntry, 0, len(found))
		for _, e := range found {
			info, infoErr := e.Info()
			switch {
			case infoErr == nil:
				entries = append(entries, fs.FileInfoToDirEntry(info))
			case !errors.Is(infoErr, fs.ErrNotExist): // one that has been removed meanwhile is left out
				err = errors.Join(err, infoErr)
			}
		}
		return entries, err
	})
}

// SyncDir implements [FS]. On Windows, where a folder cannot be synced and the file
// system's journal keeps names in order, it only asks whether the folder is there.
func (system) SyncDir(ctx context.Context, name string) error {
	return only(ctx, func() error { return syncDir(name) })
}

func syncDir(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	defer d.Close()
	info, err := d.Stat()
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return &fs.PathError{Op: "sync", Path: name, Err: syscall.ENOTDIR}
	case runtime.GOOS == "windows":
		return nil
	}
	return d.Sync()
}
