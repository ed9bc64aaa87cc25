package fstest

import (
	"bytes"
	"io"
	"math/rand/v2"
	"syscall"
)

var content = []testCase{
	{"what was written is read at once, by any handle", func(c *trial) {
		a := c.open("f", writeOnly|create)
		defer a.Close(c.ctx)
		b := c.open("f", readOnly)
		defer b.Close(c.ctx)
		for _, text := range []string{"one", "two"} {
			c.puts(a, text)
			c.reads(b, text)
			c.ends(b)
		}
	}},
	{"a read of nothing reads nothing, also at the end", func(c *trial) {
		f := c.open("f", readWrite|create)
		defer f.Close(c.ctx)
		n, err := f.Read(c.ctx, nil)
		c.equal("read", []any{n, err}, []any{0, nil})
		n, err = f.Write(c.ctx, nil)
		c.equal("write", []any{n, err}, []any{0, nil})
	}},
	{"ReadAt reads up to the end and says so", func(c *trial) {
		c.write("f", "0123456789")
		f := c.open("f", readOnly)
		defer f.Close(c.ctx)
		for _, want := range []struct {
			off  int64
			size int
			text string
			err  error
		}{{0, 4, "0123", nil}, {6, 4, "6789", nil}, {7, 4, "789", io.EOF}, {10, 1, "", io.EOF}, {99, 1, "", io.EOF}} {
			p := make([]byte, want.size)
			n, err := f.ReadAt(c.ctx, p, want.off)
			c.equal("ReadAt", []any{string(p[:n]), err}, []any{want.text, want.err})
		}
		c.reads(f, "0123") // the offset has not moved
	}},
	{"WriteAt beyond the end leaves zeros", func(c *trial) {
		f := c.open("f", readWrite|create)
		defer f.Close(c.ctx)
		n, err := f.WriteAt(c.ctx, []byte("xy"), 3)
		c.equal("WriteAt", []any{n, err}, []any{2, nil})
		c.has("f", "\x00\x00\x00xy")
		c.puts(f, "ab") // the offset has not moved
		c.has("f", "ab\x00xy")
	}},
	{"Truncate cuts, and extends with zeros", func(c *trial) {
		f := c.open("f", readWrite|create)
		defer f.Close(c.ctx)
		c.puts(f, "0123456789")
		c.must(f.Truncate(c.ctx, 4))
		c.has("f", "0123")
		c.must(f.Truncate(c.ctx, 6))
		c.has("f", "0123\x00\x00")
		c.puts(f, "x") // at the offset, where it was
		c.has("f", "0123\x00\x00\x00\x00\x00\x00x")
		c.must(c.fs.Truncate(c.ctx, "f", 1))
		c.has("f", "0")
	}},
	{"O_APPEND writes at the end, wherever the offset is", func(c *trial) {
		c.write("f", "one")
		f := c.open("f", readWrite|appending)
		defer f.Close(c.ctx)
		c.reads(f, "on")
		c.puts(f, "two")
		c.ends(f)
		c.seek(f, 0, io.SeekStart)
		c.reads(f, "onetwo")
		_, err := f.WriteAt(c.ctx, []byte("x"), 0)
		c.fails("WriteAt", err)
		c.has("f", "onetwo")
	}},
	{"Sync changes nothing that can be seen", func(c *trial) {
		f := c.open("f", readWrite|create)
		defer f.Close(c.ctx)
		c.puts(f, "text")
		for range 2 {
			c.must(f.Sync(c.ctx))
		}
		c.has("f", "text")
	}},
	{"a file is what a slice of bytes is", likeASlice},
}

// likeASlice does what it likes with a file and with a slice.
func likeASlice(c *trial) {
	f := c.open("f", readWrite|create)
	defer f.Close(c.ctx)
	r, model := rand.New(rand.NewPCG(1, 2)), []byte{}
	grow := func(to int) {
		model = append(model, make([]byte, max(0, to-len(model)))...)
	}
	for range 300 {
		off, size := r.IntN(3000), r.IntN(1500)
		switch r.IntN(4) {
		case 0:
			size = off
			c.must(f.Truncate(c.ctx, int64(size)))
			grow(size)
			model = model[:size:size]
		case 1:
			p := make([]byte, size)
			n, err := f.ReadAt(c.ctx, p, int64(off))
			want := model[min(off, len(model)):min(off+size, len(model))]
			if !bytes.Equal(p[:n], want) || (err == io.EOF) != (len(want) < size) {
				c.Fatalf("ReadAt(%d, %d): %d bytes, %v; want %d", size, off, n, err, len(want))
			}
		default:
			p := bytes.Repeat([]byte{byte(1 + r.IntN(255))}, 1+size)
			_, err := f.WriteAt(c.ctx, p, int64(off))
			c.must(err)
			grow(off + len(p))
			copy(model[off:], p)
		}
	}
	c.has("f", string(model))
}

var offsets = []testCase{
	{"Seek goes from the start, the offset and the end", func(c *trial) {
		c.write("f", "0123456789")
		f := c.open("f", readOnly)
		defer f.Close(c.ctx)
		c.equal("from the start", c.seek(f, 4, io.SeekStart), 4)
		c.reads(f, "45")
		c.equal("from the offset", c.seek(f, -1, io.SeekCurrent), 5)
		c.reads(f, "56")
		c.equal("from the end", c.seek(f, -2, io.SeekEnd), 8)
		c.reads(f, "89")
		c.ends(f)
		c.equal("beyond the end", c.seek(f, 5, io.SeekEnd), 15)
		c.ends(f)
	}},
	{"Seek refuses to go before the start, and a whence that is none", func(c *trial) {
		c.write("f", "text")
		f := c.open("f", readOnly)
		defer f.Close(c.ctx)
		c.seek(f, 2, io.SeekStart)
		_, err := f.Seek(c.ctx, -3, io.SeekCurrent)
		c.wants("seek", err, syscall.EINVAL)
		c.pathError(err, "seek", "f")
		_, err = f.Seek(c.ctx, 0, 77)
		c.wants("seek", err, syscall.EINVAL)
		c.reads(f, "xt")
	}},
	{"a write at an offset beyond the end leaves zeros", func(c *trial) {
		f := c.open("f", readWrite|create)
		defer f.Close(c.ctx)
		c.seek(f, 2, io.SeekStart)
		c.puts(f, "x")
		c.has("f", "\x00\x00x")
	}},
	{"each handle has an offset of its own", func(c *trial) {
		c.write("f", "text")
		a, b := c.open("f", readOnly), c.open("f", readOnly)
		defer a.Close(c.ctx)
		defer b.Close(c.ctx)
		c.reads(a, "te")
		c.reads(b, "text")
		c.reads(a, "xt")
	}},
}
