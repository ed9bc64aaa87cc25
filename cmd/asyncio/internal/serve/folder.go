package serve

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/thread"
)

// A folder is an [http.FileSystem] for one request: its calls of the disk run on threads,
// and wait under the context of the request. An os.Root keeps them in the folder.
type folder struct {
	ctx  context.Context
	root *os.Root
}

// Open opens a file or a folder. Anything else is forbidden, before it is opened: to
// open a pipe would wait for whoever writes to it.
func (d folder) Open(name string) (http.File, error) {
	local, err := filepath.Localize(strings.TrimPrefix(name, "/"))
	if name == "/" {
		local, err = ".", nil
	}
	if err != nil {
		return nil, fs.ErrNotExist // no file of this system has such a name
	}
	f := &file{ctx: d.ctx}
	err = thread.Do(d.ctx, func() (err error) {
		if f.info, err = d.root.Stat(local); err != nil {
			return err
		}
		if !f.info.Mode().IsRegular() && !f.info.IsDir() {
			return fs.ErrPermission
		}
		f.os, err = d.root.Open(local)
		return err
	})
	if err != nil {
		return nil, forClients(err)
	}
	return f, nil
}

// forClients makes of err one of those that net/http has a status for.
func forClients(err error) error {
	var errno syscall.Errno
	switch {
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.ENAMETOOLONG):
		return fs.ErrNotExist
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, context.Canceled), errors.As(err, &errno):
		return err
	}
	return fs.ErrPermission // the system has not been asked: the name leads out of the folder
}

// A file is an [http.File] of one request, as the folder is.
type file struct {
	ctx  context.Context
	info fs.FileInfo
	os   *os.File
}

// Stat is what the file was when it was opened.
func (f *file) Stat() (fs.FileInfo, error) { return f.info, nil }

// Read reads on a thread.
func (f *file) Read(p []byte) (int, error) {
	return thread.Call(f.ctx, func() (int, error) { return f.os.Read(p) })
}

// Seek asks no disk.
func (f *file) Seek(offset int64, whence int) (int64, error) { return f.os.Seek(offset, whence) }

// Readdir reads a folder on a thread.
func (f *file) Readdir(n int) ([]fs.FileInfo, error) {
	return thread.Call(f.ctx, func() ([]fs.FileInfo, error) { return f.os.Readdir(n) })
}

// ReadDir reads a folder on a thread.
func (f *file) ReadDir(n int) ([]fs.DirEntry, error) {
	return thread.Call(f.ctx, func() ([]fs.DirEntry, error) { return f.os.ReadDir(n) })
}

// Close closes on a thread, also after the end of the request.
func (f *file) Close() error { return thread.Do(context.WithoutCancel(f.ctx), f.os.Close) }
