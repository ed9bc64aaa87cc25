package fstest

import (
	"context"
	"io/fs"
	"syscall"

	"github.com/goasyncio/asyncio/aiofs"
)

var misuse = []testCase{
	{"a file that is open for writing is not read", func(c *trial) {
		f := c.open("f", writeOnly|create)
		defer f.Close(c.ctx)
		_, err := f.Read(c.ctx, make([]byte, 1))
		c.wants("read", err, syscall.EBADF)
		c.pathError(err, "read", "f")
		_, err = f.ReadAt(c.ctx, make([]byte, 1), 0)
		c.wants("readat", err, syscall.EBADF)
		c.pathError(err, "read", "f")
	}},
	{"a file that is open for reading is not written", func(c *trial) {
		c.write("f", "text")
		f := c.open("f", readOnly)
		defer f.Close(c.ctx)
		_, err := f.Write(c.ctx, []byte("x"))
		c.wants("write", err, syscall.EBADF)
		c.pathError(err, "write", "f")
		_, err = f.WriteAt(c.ctx, []byte("x"), 0)
		c.wants("writeat", err, syscall.EBADF)
		c.pathError(err, "write", "f")
		err = f.Truncate(c.ctx, 0)
		c.wants("truncate", err, syscall.EINVAL)
		c.pathError(err, "truncate", "f")
		c.has("f", "text")
	}},
	{"there is nothing before the start", func(c *trial) {
		f := c.open("f", readWrite|create)
		defer f.Close(c.ctx)
		_, err := f.ReadAt(c.ctx, make([]byte, 1), -1)
		c.fails("readat", err)
		c.pathError(err, "readat", "f")
		_, err = f.WriteAt(c.ctx, []byte("x"), -1)
		c.fails("writeat", err)
		c.pathError(err, "writeat", "f")
		c.wants("truncate", f.Truncate(c.ctx, -1), syscall.EINVAL)
		c.wants("truncate", c.fs.Truncate(c.ctx, "f", -1), syscall.EINVAL)
	}},
	{"Truncate cuts files that are there", func(c *trial) {
		err := c.fs.Truncate(c.ctx, "f", 0)
		c.wants("truncate", err, errNotExist)
		c.pathError(err, "truncate", "f")
		c.must(c.fs.Mkdir(c.ctx, "d", 0o755))
		c.wants("truncate", c.fs.Truncate(c.ctx, "d", 0), syscall.EISDIR)
	}},
	{"after Close each call says so", func(c *trial) {
		f := c.open("f", readWrite|create)
		c.close(f)
		for _, call := range fileCalls {
			err := call.do(c.ctx, f)
			c.wants(call.op, err, errClosed)
			c.pathError(err, call.op, "f")
		}
		c.wants("a second Close", f.Close(c.ctx), errClosed)
	}},
	{"under a context that has ended nothing happens", func(c *trial) {
		c.write("f", "text")
		f := c.open("f", readWrite)
		defer f.Close(c.ctx)
		ctx := c.ended()
		for _, call := range fileCalls {
			c.wants(call.op, call.do(ctx, f), context.Canceled)
		}
		for _, call := range fsCalls {
			c.wants(call.op, call.do(ctx, c.fs), context.Canceled)
		}
		c.lists(".", "f")
		c.reads(f, "text")
	}},
}

// fileCalls are all calls of a File but Close, with the names that errors give them.
var fileCalls = []struct {
	op string
	do func(ctx context.Context, f aiofs.File) error
}{
	{"read", func(ctx context.Context, f aiofs.File) error { _, err := f.Read(ctx, make([]byte, 1)); return err }},
	{"write", func(ctx context.Context, f aiofs.File) error { _, err := f.Write(ctx, []byte("x")); return err }},
	{"read", func(ctx context.Context, f aiofs.File) error { _, err := f.ReadAt(ctx, make([]byte, 1), 0); return err }},
	{"write", func(ctx context.Context, f aiofs.File) error { _, err := f.WriteAt(ctx, []byte("x"), 0); return err }},
	{"seek", func(ctx context.Context, f aiofs.File) error { _, err := f.Seek(ctx, 1, 0); return err }},
	{"truncate", func(ctx context.Context, f aiofs.File) error { return f.Truncate(ctx, 0) }},
	{"sync", func(ctx context.Context, f aiofs.File) error { return f.Sync(ctx) }},
	{"stat", func(ctx context.Context, f aiofs.File) error { _, err := f.Stat(ctx); return err }},
}

// fsCalls are calls of an FS which would be seen if they were made.
var fsCalls = []struct {
	op string
	do func(ctx context.Context, fsys aiofs.FS) error
}{
	{"open", func(ctx context.Context, fsys aiofs.FS) error { _, err := aiofs.Create(ctx, fsys, "g"); return err }},
	{"mkdir", func(ctx context.Context, fsys aiofs.FS) error { return fsys.Mkdir(ctx, "d", fs.ModePerm) }},
	{"mkdirall", func(ctx context.Context, fsys aiofs.FS) error { return fsys.MkdirAll(ctx, "d/e", fs.ModePerm) }},
	{"remove", func(ctx context.Context, fsys aiofs.FS) error { return fsys.Remove(ctx, "f") }},
	{"removeall", func(ctx context.Context, fsys aiofs.FS) error { return fsys.RemoveAll(ctx, "f") }},
	{"rename", func(ctx context.Context, fsys aiofs.FS) error { return fsys.Rename(ctx, "f", "g") }},
	{"truncate", func(ctx context.Context, fsys aiofs.FS) error { return fsys.Truncate(ctx, "f", 0) }},
	{"readdir", func(ctx context.Context, fsys aiofs.FS) error { _, err := fsys.ReadDir(ctx, "."); return err }},
	{"stat", func(ctx context.Context, fsys aiofs.FS) error { _, err := fsys.Stat(ctx, "f"); return err }},
	{"syncdir", func(ctx context.Context, fsys aiofs.FS) error { return fsys.SyncDir(ctx, ".") }},
}
