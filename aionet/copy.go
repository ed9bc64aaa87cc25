package aionet

import (
	"context"
	"io"
	"math"
	"os"

	"github.com/goasyncio/asyncio"
)

// ReadFrom is ReadFromContext under the context of the calling task. io.Copy uses it.
func (c *Conn) ReadFrom(r io.Reader) (int64, error) {
	ctx, err := c.socket.poller.Context()
	if err != nil {
		return 0, c.fail("readfrom", err)
	}
	return c.ReadFromContext(ctx, r)
}

// ReadFromContext writes what comes from r until its end and returns how much it has
// written. Where the system can, it moves the bytes itself: from a file (sendfile) and
// from another Conn (splice), also below an io.LimitedReader. A file never holds the
// loop: a thread waits for the disk. Any other r is read in the calling task: it may be
// a [Stream] or one that never blocks.
//
// A cancellation stops it. What was read and not yet written is then lost, as it is
// with io.Copy; where a part of it was sent, or a part of a file by the system, later
// writes return [ErrPartialWrite].
func (c *Conn) ReadFromContext(ctx context.Context, r io.Reader) (int64, error) {
	limited, _ := r.(*io.LimitedReader)
	from := reader{ctx: ctx, r: r, limit: math.MaxInt64}
	if limited != nil {
		from.r, from.limit = limited.R, max(limited.N, 0)
	}
	from.unbind()
	n, err := c.readFrom(ctx, from)
	if limited != nil {
		limited.N -= n
	}
	return n, err
}

func (c *Conn) readFrom(ctx context.Context, from reader) (n int64, err error) {
	done := false
	switch r := from.r.(type) {
	case *os.File:
		n, done, err = c.sendFile(ctx, r, from.limit)
	case *Conn:
		n, done, err = c.splice(ctx, r, from.ctx, from.limit)
	}
	if done {
		return n, err
	}
	return copyAll(writer{ctx, c}, from)
}

// WriteTo is WriteToContext under the context of the calling task. io.Copy uses it.
func (c *Conn) WriteTo(w io.Writer) (int64, error) {
	ctx, err := c.socket.poller.Context()
	if err != nil {
		return 0, c.fail("writeto", err)
	}
	return c.WriteToContext(ctx, w)
}

// WriteToContext reads until the end of the stream and writes all of it to w: another
// Conn, a file, to which a thread writes, or what never blocks. See ReadFromContext.
func (c *Conn) WriteToContext(ctx context.Context, w io.Writer) (int64, error) {
	from := reader{ctx: ctx, r: c, limit: math.MaxInt64}
	to := writer{ctx, w}
	to.unbind()
	if to, ok := to.w.(*Conn); ok {
		return to.readFrom(ctx, from)
	}
	return copyAll(to, from)
}

// copyBuffer is what moves at a time, where the bytes pass through here.
const copyBuffer = 32 << 10

// copyAll moves bytes until the end.
func copyAll(to writer, from reader) (n int64, err error) {
	buf := make([]byte, min(copyBuffer, from.limit))
	for n < from.limit {
		got, err := from.read(buf[:min(int64(len(buf)), from.limit-n)])
		if got > 0 {
			put, err := to.write(buf[:got])
			n += int64(put)
			if err == nil && put < got {
				err = io.ErrShortWrite
			}
			if err != nil {
				return n, err
			}
		}
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// A reader is where bytes come from, and under which context to wait for them.
type reader struct {
	ctx   context.Context
	r     io.Reader
	limit int64
}

// unbind looks below a view of ours. What others have made around a stream may have a
// Read of its own, which must not be passed by.
func (f *reader) unbind() {
	switch b := f.r.(type) {
	case *bound:
		f.ctx, f.r = b.ctx, b.Stream
	case *boundConn:
		f.ctx, f.r = b.ctx, b.conn
	}
}

func (f *reader) read(p []byte) (int, error) {
	switch r := f.r.(type) {
	case *os.File:
		return readFile(f.ctx, r, p)
	case *Conn:
		return r.ReadContext(f.ctx, p)
	case *TLSConn:
		return r.ReadContext(f.ctx, p)
	case *MemoryConn:
		return r.ReadContext(f.ctx, p)
	}
	if err := asyncio.Checkpoint(f.ctx); err != nil {
		return 0, err
	}
	return f.r.Read(p)
}

// A writer is where bytes go to.
type writer struct {
	ctx context.Context
	w   io.Writer
}

func (t *writer) unbind() {
	switch b := t.w.(type) {
	case *bound:
		t.ctx, t.w = b.ctx, b.Stream
	case *boundConn:
		t.ctx, t.w = b.ctx, b.conn
	}
}

func (t *writer) write(p []byte) (int, error) {
	switch w := t.w.(type) {
	case *os.File:
		return offLoop(t.ctx, func() (int, error) { return w.Write(p) })
	case *Conn:
		return w.WriteContext(t.ctx, p)
	case *TLSConn:
		return w.WriteContext(t.ctx, p)
	case *MemoryConn:
		return w.WriteContext(t.ctx, p)
	}
	return t.w.Write(p)
}
