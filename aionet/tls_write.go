package aionet

import (
	"context"
	"net"
	"os"
	"syscall"

	"github.com/goasyncio/asyncio"
)

// chunk is how many bytes are encrypted at a time: what a connection holds at most
// beside answers of its own. It is several records, so that they share a system call.
const chunk = 64 << 10

// WriteContext waits until all of p is encrypted and the stream below has taken it.
//
// Where it is cancelled, or its deadline passes, it returns how many bytes of p are
// encrypted: these reach the peer, also if they are not sent yet. After a cancellation
// they are sent at once, while the program goes on; after a deadline, together with
// what is written next. Where the cancellation finds all of p encrypted, the write has
// happened (rule C3). After one in the middle of p every later write fails with
// [ErrPartialWrite]. A second writer gets [asyncio.ErrBusy] (rule N1).
func (t *TLSConn) WriteContext(ctx context.Context, p []byte) (n int, err error) {
	if err := t.beginWrite(ctx); err != nil {
		return 0, err
	}
	defer func() { t.writing = false }()
	for {
		m, err := t.writeChunk(ctx, p[n:])
		n += m
		switch {
		case err != nil && ctx.Err() != nil && n == len(p) && m > 0:
			return n, nil
		case err != nil:
			t.partial = n > 0 && n < len(p) && ctx.Err() != nil
			return n, err
		case n == len(p):
			return n, nil
		}
	}
}

// beginWrite refuses a write that cannot begin.
func (t *TLSConn) beginWrite(ctx context.Context) error {
	if err := checkpoint(ctx, t.poller); err != nil {
		return err
	}
	switch {
	case t.closed:
		return t.fail("write", net.ErrClosed)
	case t.writing:
		return asyncio.ErrBusy
	case t.partial:
		return ErrPartialWrite
	case t.finished:
		return t.fail("write", syscall.EPIPE)
	case t.passed(t.writeBy):
		return t.fail("write", os.ErrDeadlineExceeded)
	}
	t.writing = true
	return nil
}

// writeChunk encrypts the beginning of p, once what is encrypted already is sent, and
// sends it. n is how much of p it encrypted.
func (t *TLSConn) writeChunk(ctx context.Context, p []byte) (n int, err error) {
	if err := t.flush(ctx); err != nil {
		return 0, t.writeError(err)
	}
	n, err = t.tls.Write(p[:min(len(p), chunk)])
	if err != nil {
		return n, t.writeError(err)
	}
	if err := t.flush(ctx); err != nil {
		if ctx.Err() != nil {
			t.push()
		}
		return n, t.writeError(err)
	}
	return n, nil
}

func (t *TLSConn) writeError(err error) error {
	if t.closed {
		return t.fail("write", net.ErrClosed)
	}
	return err
}

// writeSome waits until at least one byte of p is on its way and returns how many are.
// Cancelled, it wrote nothing.
func (t *TLSConn) writeSome(ctx context.Context, p []byte) (int, error) {
	return t.WriteContext(ctx, p[:min(len(p), chunk)])
}

// Write is [TLSConn.WriteContext] under the context of the running task.
func (t *TLSConn) Write(p []byte) (int, error) {
	ctx, err := t.poller.Context()
	if err != nil {
		return 0, err
	}
	return t.WriteContext(ctx, p)
}
