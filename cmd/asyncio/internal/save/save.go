// Package save writes result files that are either whole or not there.
package save

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// File is a file that will appear under its name when it is complete. Making it
// first tells an unwritable folder before the work and not after it.
type File struct {
	name string
	out  *os.File
	temp bool // out has another name until Commit
}

// Create prepares a file called name. Until Commit, name keeps what it had.
// Where name is no regular file, such as a pipe or /dev/stdout, there is
// nothing to replace: writing goes there directly.
func Create(name string) (*File, error) {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		out, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return nil, err
		}
		return &File{name: name, out: out}, nil
	}
	target, err := filepath.EvalSymlinks(name) // the link stays, what it names is replaced
	if errors.Is(err, fs.ErrNotExist) {
		target, err = name, nil
	}
	if err != nil {
		return nil, err
	}
	out, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+".*")
	if err != nil {
		// The temporary name is nobody's business.
		if failed := new(fs.PathError); errors.As(err, &failed) {
			failed.Op, failed.Path = "create", name
		}
		return nil, err
	}
	return &File{name: target, out: out, temp: true}, nil
}

// Commit writes what draw draws and gives the file its name. After an error
// there is no file, or the one that was there before.
func (f *File) Commit(draw func(io.Writer) error) error {
	err := draw(f.out)
	if err == nil && f.temp {
		err = errors.Join(f.out.Chmod(mode(f.name)), f.out.Sync())
	}
	err = errors.Join(err, f.out.Close())
	if !f.temp {
		return err
	}
	if err == nil {
		err = os.Rename(f.out.Name(), f.name)
	}
	if err != nil {
		os.Remove(f.out.Name())
	}
	return err
}

// Discard gives the file up. It may be called after Commit, and on nil.
func (f *File) Discard() {
	if f == nil || f.out.Close() != nil || !f.temp {
		return
	}
	os.Remove(f.out.Name())
}

// mode is what the file's permissions shall be: as they were, else readable.
func mode(name string) fs.FileMode {
	if info, err := os.Stat(name); err == nil {
		return info.Mode().Perm()
	}
	return 0o644
}
