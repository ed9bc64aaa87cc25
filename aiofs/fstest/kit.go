package fstest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiofs"
)

// The errors and flags that the cases speak of.
const (
	readOnly  = os.O_RDONLY
	writeOnly = os.O_WRONLY
	readWrite = os.O_RDWR
	create    = os.O_CREATE
	exclusive = os.O_EXCL
	empty     = os.O_TRUNC
	appending = os.O_APPEND
)

var (
	errNotExist = fs.ErrNotExist
	errExist    = fs.ErrExist
	errClosed   = fs.ErrClosed
	errCase     = errors.New("fstest: cancelled by the suite")
)

// equal compares as the values are printed.
func (c *trial) equal(what string, got, want any) {
	c.Helper()
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		c.Errorf("%s: got %s, want %s", what, g, w)
	}
}

// pathError checks the parts of an error.
func (c *trial) pathError(err error, op, name string) {
	c.Helper()
	var e *fs.PathError
	if !errors.As(err, &e) {
		c.Errorf("%v is no *fs.PathError", err)
		return
	}
	c.equal("operation", e.Op, op)
	if !sameBase(e.Path, name) {
		c.Errorf("the error names %q, want %q", e.Path, name)
	}
}

// puts writes text at the file's offset.
func (c *trial) puts(f aiofs.File, text string) {
	c.Helper()
	n, err := f.Write(c.ctx, []byte(text))
	c.must(err)
	c.equal("bytes written", n, len(text))
}

// reads checks that the next bytes are want.
func (c *trial) reads(f aiofs.File, want string) {
	c.Helper()
	got := make([]byte, len(want))
	_, err := io.ReadFull(aiofs.Bind(c.ctx, f), got)
	c.must(err)
	c.equal("bytes read", string(got), want)
}

// ends checks that the file is at its end.
func (c *trial) ends(f aiofs.File) {
	c.Helper()
	n, err := f.Read(c.ctx, make([]byte, 8))
	if n != 0 || err != io.EOF {
		c.Errorf("read at the end: %d, %v, want 0, EOF", n, err)
	}
}

func (c *trial) seek(f aiofs.File, offset int64, whence int) int64 {
	c.Helper()
	at, err := f.Seek(c.ctx, offset, whence)
	c.must(err)
	return at
}

func (c *trial) close(f aiofs.File) {
	c.Helper()
	c.must(f.Close(c.ctx))
}

// ended is the context of the case, cancelled.
func (c *trial) ended() context.Context {
	ctx, cancel := asyncio.WithCancel(c.ctx)
	cancel(errCase)
	return ctx
}

// sameBase tells whether two names end alike: a file system may stand in a folder.
func sameBase(a, b string) bool {
	return len(a) >= len(b) && a[len(a)-len(b):] == b
}
