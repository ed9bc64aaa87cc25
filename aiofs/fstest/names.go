package fstest

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"github.com/goasyncio/asyncio/aiofs"
)

var creating = []testCase{
	{"a new file system is empty", func(c *trial) { c.lists(".") }},
	{"a file that is not there is opened with O_CREATE alone", func(c *trial) {
		_, err := c.fs.OpenFile(c.ctx, "f", readWrite, 0)
		c.wants("open", err, errNotExist)
		c.pathError(err, "open", "f")
		c.close(c.open("f", readWrite|create))
		c.has("f", "")
	}},
	{"O_CREATE leaves what is there", func(c *trial) {
		c.write("f", "old")
		c.close(c.open("f", readWrite|create))
		c.has("f", "old")
	}},
	{"O_EXCL refuses what is there, be it a file or a folder", func(c *trial) {
		c.write("f", "old")
		c.must(c.fs.Mkdir(c.ctx, "d", 0o755))
		for _, name := range []string{"f", "d"} {
			_, err := c.fs.OpenFile(c.ctx, name, readWrite|create|exclusive, 0o644)
			c.wants("open", err, errExist)
			c.pathError(err, "open", name)
		}
		c.has("f", "old")
	}},
	{"O_TRUNC empties", func(c *trial) {
		c.write("f", "old")
		c.close(c.open("f", readWrite|empty))
		c.has("f", "")
	}},
	{"a file needs its folder", func(c *trial) {
		_, err := c.fs.OpenFile(c.ctx, "d/f", readWrite|create, 0o644)
		c.wants("open", err, errNotExist)
		c.wants("mkdir", c.fs.Mkdir(c.ctx, "d/e", 0o755), errNotExist)
		c.lists(".")
	}},
	{"a file is no folder", func(c *trial) {
		c.write("f", "")
		_, err := c.fs.OpenFile(c.ctx, "f/g", readWrite|create, 0o644)
		c.wants("open", err, syscall.ENOTDIR)
		c.wants("mkdir", c.fs.Mkdir(c.ctx, "f/g", 0o755), syscall.ENOTDIR)
		c.wants("mkdirall", c.fs.MkdirAll(c.ctx, "f/g", 0o755), syscall.ENOTDIR)
		c.wants("mkdirall", c.fs.MkdirAll(c.ctx, "f", 0o755), syscall.ENOTDIR)
		_, err = c.fs.Stat(c.ctx, "f/g")
		c.wants("stat", err, syscall.ENOTDIR)
	}},
	{"a name is taken once", func(c *trial) {
		c.write("f", "")
		c.must(c.fs.Mkdir(c.ctx, "d", 0o755))
		for _, name := range []string{"f", "d"} {
			err := c.fs.Mkdir(c.ctx, name, 0o755)
			c.wants("mkdir", err, errExist)
			c.pathError(err, "mkdir", name)
		}
	}},
	{"MkdirAll makes what is missing, and that twice", func(c *trial) {
		for range 2 {
			c.must(c.fs.MkdirAll(c.ctx, "a/b/c", 0o755))
		}
		c.must(c.fs.MkdirAll(c.ctx, "a/b/d", 0o755))
		c.must(c.fs.MkdirAll(c.ctx, ".", 0o755))
		c.lists("a/b", "c", "d")
	}},
	{"names are cleaned", func(c *trial) {
		c.must(c.fs.MkdirAll(c.ctx, "a/b", 0o755))
		c.write("a/../a//b/./f", "text")
		c.has("a/b/f", "text")
	}},
}

var removing = []testCase{
	{"Remove removes a file, an empty folder, and what is there", func(c *trial) {
		c.write("f", "")
		c.must(c.fs.Mkdir(c.ctx, "d", 0o755))
		c.must(c.fs.Remove(c.ctx, "f"))
		c.must(c.fs.Remove(c.ctx, "d"))
		err := c.fs.Remove(c.ctx, "f")
		c.wants("remove", err, errNotExist)
		c.pathError(err, "remove", "f")
		c.lists(".")
	}},
	{"a folder with something in it stays", func(c *trial) {
		c.must(c.fs.Mkdir(c.ctx, "d", 0o755))
		c.write("d/f", "text")
		c.wants("remove", c.fs.Remove(c.ctx, "d"), syscall.ENOTEMPTY)
		c.has("d/f", "text")
	}},
	{"RemoveAll removes a tree, a file, and nothing", func(c *trial) {
		c.must(c.fs.MkdirAll(c.ctx, "a/b/c", 0o755))
		c.write("a/b/f", "")
		c.write("g", "")
		for _, name := range []string{"a", "g", "a", "h/i"} {
			c.must(c.fs.RemoveAll(c.ctx, name))
		}
		c.lists(".")
	}},
	{"an open file outlives its removal", func(c *trial) {
		f := c.open("f", readWrite|create)
		defer f.Close(c.ctx)
		c.puts(f, "text")
		c.must(c.fs.Remove(c.ctx, "f"))
		c.write("f", "another")
		c.puts(f, " and more")
		c.seek(f, 0, 0)
		c.reads(f, "text and more")
		c.has("f", "another")
	}},
}

var renaming = []testCase{
	{"Rename moves a file from folder to folder", func(c *trial) {
		c.must(c.fs.MkdirAll(c.ctx, "d/e", 0o755))
		c.write("f", "text")
		c.must(c.fs.Rename(c.ctx, "f", "d/e/g"))
		c.hasNot("f")
		c.has("d/e/g", "text")
	}},
	{"Rename replaces a file, and who has it open keeps it", func(c *trial) {
		c.write("old", "1")
		c.write("new", "2")
		f := c.open("old", readOnly)
		defer f.Close(c.ctx)
		c.must(c.fs.Rename(c.ctx, "new", "old"))
		c.lists(".", "old")
		c.has("old", "2")
		c.reads(f, "1")
	}},
	{"Rename moves a folder with what is in it", func(c *trial) {
		c.must(c.fs.MkdirAll(c.ctx, "a/b", 0o755))
		c.write("a/b/f", "text")
		c.must(c.fs.Rename(c.ctx, "a", "z"))
		c.has("z/b/f", "text")
		c.lists(".", "z")
	}},
	{"Rename to its own name changes nothing", func(c *trial) {
		c.write("f", "text")
		c.must(c.fs.Rename(c.ctx, "f", "f"))
		c.has("f", "text")
	}},
	{"what cannot be renamed stays", func(c *trial) {
		c.must(c.fs.MkdirAll(c.ctx, "d/e", 0o755))
		c.write("f", "text")
		for _, bad := range []struct {
			from, to string
			want     error
		}{
			{"g", "h", errNotExist},
			{"f", "x/y", errNotExist},
			{"f", "d", errExist},
			{"d", "f", syscall.ENOTDIR},
			{"d", "d/e/d", syscall.EINVAL},
			{"f", "f/g", syscall.ENOTDIR},
		} {
			err := c.fs.Rename(c.ctx, bad.from, bad.to)
			c.wants("rename "+bad.from+" "+bad.to, err, bad.want)
			var e *os.LinkError
			if !errors.As(err, &e) || e.Op != "rename" || !sameBase(e.Old, bad.from) || !sameBase(e.New, bad.to) {
				c.Errorf("%v is no *os.LinkError of rename %s %s", err, bad.from, bad.to)
			}
		}
		c.lists(".", "d", "f")
		c.has("f", "text")
	}},
}

var listing = []testCase{
	{"ReadDir sorts by name", func(c *trial) {
		for _, name := range []string{"b", "a10", "c", "a9", "B"} {
			c.write(name, "")
		}
		c.lists(".", "B", "a10", "a9", "b", "c")
	}},
	{"an entry knows what it is without a wait", func(c *trial) {
		c.must(c.fs.Mkdir(c.ctx, "d", 0o755))
		c.write("f", "12345")
		entries, err := c.fs.ReadDir(c.ctx, ".")
		c.must(err)
		c.must(c.fs.Remove(c.ctx, "f"))
		c.equal("folders", []bool{entries[0].IsDir(), entries[1].IsDir()}, []bool{true, false})
		c.equal("types", []fs.FileMode{entries[0].Type(), entries[1].Type()}, []fs.FileMode{fs.ModeDir, 0})
		info, err := entries[1].Info()
		c.must(err)
		c.equal("size", info.Size(), 5)
	}},
	{"only a folder is listed and synced as one", func(c *trial) {
		c.write("f", "")
		_, err := c.fs.ReadDir(c.ctx, "f")
		c.wants("readdir", err, syscall.ENOTDIR)
		c.wants("syncdir", c.fs.SyncDir(c.ctx, "f"), syscall.ENOTDIR)
		_, err = c.fs.ReadDir(c.ctx, "g")
		c.wants("readdir", err, errNotExist)
		c.pathError(err, "open", "g")
		c.wants("syncdir", c.fs.SyncDir(c.ctx, "g"), errNotExist)
		c.must(c.fs.SyncDir(c.ctx, "."))
	}},
	{"Stat tells names, sizes and kinds", func(c *trial) {
		c.must(c.fs.Mkdir(c.ctx, "d", 0o755))
		c.write("d/f", "12345")
		info, err := c.fs.Stat(c.ctx, "d/f")
		c.must(err)
		c.equal("file", []any{info.Name(), info.Size(), info.Mode().IsRegular(), info.IsDir()}, []any{"f", 5, true, false})
		info, err = c.fs.Stat(c.ctx, "d")
		c.must(err)
		c.equal("folder", []any{info.Name(), info.IsDir(), info.Mode().Type()}, []any{"d", true, fs.ModeDir})
		_, err = c.fs.Stat(c.ctx, "g")
		c.wants("stat", err, errNotExist)
		c.pathError(err, "stat", "g")
	}},
	{"a folder that is open can be synced and not read or written", func(c *trial) {
		c.must(c.fs.Mkdir(c.ctx, "d", 0o755))
		_, err := c.fs.OpenFile(c.ctx, "d", readWrite, 0)
		c.wants("open for writing", err, syscall.EISDIR)
		d, err := aiofs.Open(c.ctx, c.fs, "d")
		c.must(err)
		defer d.Close(c.ctx)
		c.must(d.Sync(c.ctx))
		_, err = d.Read(c.ctx, make([]byte, 1))
		c.wants("read", err, syscall.EISDIR)
		_, err = d.Write(c.ctx, make([]byte, 1))
		c.wants("write", err, syscall.EBADF)
		info, err := d.Stat(c.ctx)
		c.must(err)
		c.equal("folder", info.IsDir(), true)
	}},
}
