package aionet

import (
	"context"
	"net"
	"os"

	"github.com/goasyncio/asyncio"
)

// ReadContext waits until there is at least one byte and moves up to len(p) bytes to p.
// After the peer's close_notify it returns io.EOF; where the stream ends without one it
// was cut off, and ReadContext returns io.ErrUnexpectedEOF. A read that is cancelled, or
// whose deadline passes, took nothing and can be repeated (rule C3). A second reader
// gets [asyncio.ErrBusy] (rule N1).
func (t *TLSConn) ReadContext(ctx context.Context, p []byte) (int, error) {
	if err := checkpoint(ctx, t.poller); err != nil {
		return 0, err
	}
	switch {
	case t.closed:
		return 0, t.fail("read", net.ErrClosed)
	case t.reading:
		return 0, asyncio.ErrBusy
	case t.passed(t.readBy):
		return 0, t.fail("read", os.ErrDeadlineExceeded)
	}
	t.reading = true
	defer func() { t.reading = false }()
	for {
		n, err := t.tls.Read(p)
		t.push() // what reading makes us say: an alert, the answer to a key update
		if n > 0 || err == nil {
			return n, nil // an error that came with it stays in tls.Conn
		}
		if err != errComeBack {
			t.over = true
			return 0, err
		}
		if err := t.await(ctx); err != nil {
			return 0, err
		}
	}
}

// ended tells whether nothing more can be read.
func (t *TLSConn) ended() bool { return t.closed || t.over || t.inEnd != nil }

// await waits for more of the ciphertext.
func (t *TLSConn) await(ctx context.Context) error {
	err := t.bound(ctx)
	if err == nil {
		err = t.fill(ctx)
	}
	if err != nil && t.closed {
		return t.fail("read", net.ErrClosed)
	}
	return err
}

// mostUnsent is how many bytes may wait to be sent while we go on to read. Reading can
// add to them, and a peer that makes us answer but does not read the answers must not
// fill our memory (rule N2).
const mostUnsent = 128 << 10

func (t *TLSConn) bound(ctx context.Context) error {
	if t.unsent() <= mostUnsent {
		return nil
	}
	return t.flush(ctx)
}

// Read is [TLSConn.ReadContext] under the context of the running task.
func (t *TLSConn) Read(p []byte) (int, error) {
	ctx, err := t.poller.Context()
	if err != nil {
		return 0, err
	}
	return t.ReadContext(ctx, p)
}
