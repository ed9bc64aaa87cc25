package fstest

import (
	"bytes"
	"context"
	"io/fs"
	"strings"

	"github.com/goasyncio/asyncio/aiofs"
)

// whole are the cases of what package aiofs makes of a file system.
var whole = []testCase{
	{"WriteFile and ReadFile take files of any size", func(c *trial) {
		for _, size := range []int{0, 1, 511, 512, 513, 100_000} {
			text := strings.Repeat("x", size)
			c.write("f", text)
			c.has("f", text)
		}
	}},
	{"WriteFileAtomic replaces a file and leaves nothing beside it", func(c *trial) {
		c.must(c.fs.Mkdir(c.ctx, "d", 0o755))
		for _, text := range []string{"one", "two, which is longer", "3"} {
			c.must(aiofs.WriteFileAtomic(c.ctx, c.fs, "d/f", []byte(text), 0o644))
			c.has("d/f", text)
			c.lists("d", "f")
		}
	}},
	{"WriteFileAtomic keeps clear of what an earlier one has left", func(c *trial) {
		c.write("f.tmp", "left")
		c.write("f.tmp1", "left, too")
		c.must(aiofs.WriteFileAtomic(c.ctx, c.fs, "f", []byte("text"), 0o644))
		c.has("f", "text")
		c.lists(".", "f", "f.tmp", "f.tmp1")
	}},
	{"WriteFileAtomic that fails leaves nothing", func(c *trial) {
		c.must(c.fs.Mkdir(c.ctx, "d", 0o755))
		c.fails("over a folder", aiofs.WriteFileAtomic(c.ctx, c.fs, "d", []byte("text"), 0o644))
		c.wants("nowhere", aiofs.WriteFileAtomic(c.ctx, c.fs, "e/f", []byte("text"), 0o644), errNotExist)
		c.lists(".", "d")
	}},
	{"WriteFileAtomic that is cancelled has happened, or has not", func(c *trial) {
		c.write("f", "old")
		for rounds := range 40 {
			ctx, cancel := withCancel(c.ctx)
			countdown(ctx, rounds, cancel)
			err := aiofs.WriteFileAtomic(ctx, c.fs, "f", []byte("new"), 0o644)
			cancel()
			if err == nil {
				c.has("f", "new")
			} else {
				c.wants("cancelled", err, context.Canceled)
				c.has("f", "old")
			}
			c.lists(".", "f")
			c.write("f", "old")
		}
	}},
	{"tasks that replace one file do not disturb each other", func(c *trial) {
		c.together(5, func(ctx context.Context, i int) error {
			return aiofs.WriteFileAtomic(ctx, c.fs, "f", bytes.Repeat([]byte{'a' + byte(i)}, 2000), 0o644)
		})
		text, err := aiofs.ReadFile(c.ctx, c.fs, "f")
		c.must(err)
		c.equal("size", len(text), 2000)
		c.equal("other bytes", len(bytes.Trim(text, string(text[:1]))), 0)
		c.lists(".", "f")
	}},
	{"Dir keeps to its folder", func(c *trial) {
		c.write("secret", "text")
		d := aiofs.Dir(c.fs, "d")
		c.must(d.MkdirAll(c.ctx, ".", 0o755))
		c.must(aiofs.WriteFile(c.ctx, d, "f", []byte("inside"), 0o644))
		c.has("d/f", "inside")
		for _, name := range []string{"../secret", "/secret", "e/../../secret", ".."} {
			_, err := d.OpenFile(c.ctx, name, readOnly, 0)
			c.wants("open "+name, err, fs.ErrInvalid)
			for _, call := range nameCalls {
				c.wants(call.op+" "+name, call.do(c.ctx, d, name), fs.ErrInvalid)
			}
		}
		for _, call := range []error{d.Remove(c.ctx, "."), d.RemoveAll(c.ctx, "f/.."), d.Rename(c.ctx, ".", "x"), d.Rename(c.ctx, "f", ".")} {
			c.wants("the folder itself", call, fs.ErrInvalid)
		}
		c.has("secret", "text")
		c.lists("d", "f")
	}},
}

// nameCalls are the calls that take a name.
var nameCalls = []struct {
	op string
	do func(ctx context.Context, fsys aiofs.FS, name string) error
}{
	{"mkdir", func(ctx context.Context, d aiofs.FS, name string) error { return d.Mkdir(ctx, name, 0o755) }},
	{"mkdirall", func(ctx context.Context, d aiofs.FS, name string) error { return d.MkdirAll(ctx, name, 0o755) }},
	{"remove", func(ctx context.Context, d aiofs.FS, name string) error { return d.Remove(ctx, name) }},
	{"removeall", func(ctx context.Context, d aiofs.FS, name string) error { return d.RemoveAll(ctx, name) }},
	{"rename from", func(ctx context.Context, d aiofs.FS, name string) error { return d.Rename(ctx, name, "x") }},
	{"rename to", func(ctx context.Context, d aiofs.FS, name string) error { return d.Rename(ctx, "f", name) }},
	{"readdir", func(ctx context.Context, d aiofs.FS, name string) error { _, err := d.ReadDir(ctx, name); return err }},
	{"stat", func(ctx context.Context, d aiofs.FS, name string) error { _, err := d.Stat(ctx, name); return err }},
	{"truncate", func(ctx context.Context, d aiofs.FS, name string) error { return d.Truncate(ctx, name, 0) }},
	{"syncdir", func(ctx context.Context, d aiofs.FS, name string) error { return d.SyncDir(ctx, name) }},
}
