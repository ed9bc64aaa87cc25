package aiohttp

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/inside"
)

// A Body is the body of a response of a [Transport], and what Response.Body is then.
// One task at a time may read it; a second one gets asyncio.ErrBusy.
//
// When it has been read to its end the connection is free for the next request. A
// body that is closed earlier gives its connection up, unless the rest has arrived
// already. So does a Read that fails or is cancelled: it has a place in the middle of
// a message that nobody knows any more.
type Body interface {
	// Read waits under the context of the calling task, and ends when that of the
	// request does.
	// Close waits for nothing. It may be called twice, and by another task than
	// the one that reads, whose Read it ends.
	io.ReadCloser
	// ReadContext is Read under a context of its own as well, for example with the
	// time that a server may be silent.
	ReadContext(ctx context.Context, p []byte) (int, error)
}

// responseBody is a Body. The standard library's, below it, is locked while it is
// read: a second reader, or a Close, would hold the loop up, and never gets that far.
type responseBody struct {
	exchange *exchange
	raw      io.ReadCloser // without the framing of HTTP,
	src      io.Reader     // and unpacked
	busy     bool
	err      error
}

// Read implements io.Reader.
func (b *responseBody) Read(p []byte) (int, error) {
	ctx, err := inside.PollerOf(b.exchange.life).Context()
	if err != nil {
		return 0, err
	}
	return b.ReadContext(ctx, p)
}

// ReadContext implements Body.
func (b *responseBody) ReadContext(ctx context.Context, p []byte) (int, error) {
	switch {
	case b.err != nil:
		return 0, b.err
	case b.busy:
		return 0, asyncio.ErrBusy
	case b.exchange.over: // what has arrived does not count any more
		return 0, b.ended(net.ErrClosed)
	}
	x := b.exchange
	b.busy = true
	x.conn.reading = ctx
	n, err := b.src.Read(p)
	b.busy = false
	if err == nil {
		return n, nil
	}
	return n, b.ended(err)
}

// ended is called when the body has come to its end or to an error.
func (b *responseBody) ended(err error) error {
	x := b.exchange
	if b.err != nil { // closed meanwhile
		return b.err
	}
	if err == io.EOF {
		b.err = err
		x.finished()
		return err
	}
	if ctxErr := asyncio.Checkpoint(x.req.Context()); ctxErr != nil {
		err = ctxErr
	} else if x.err != nil {
		err = x.err
	}
	b.err = err
	x.fail(err)
	return err
}

// Close implements io.Closer.
func (b *responseBody) Close() error {
	if b.err != nil {
		if b.err == io.EOF {
			b.err = http.ErrBodyReadAfterClose
		}
		return nil
	}
	b.err = http.ErrBodyReadAfterClose
	x := b.exchange
	if !b.busy && b.drain() {
		x.finished()
	} else {
		x.fail(b.err)
	}
	return nil
}

// drain reads what has arrived, and reports whether that is all. It does not wait.
func (b *responseBody) drain() bool {
	c := b.exchange.conn
	c.dry = true
	_, err := io.Copy(io.Discard, b.raw)
	c.dry = false
	return err == nil
}

func isGzip(h http.Header) bool {
	return strings.EqualFold(h.Get("Content-Encoding"), "gzip")
}

// gunzip unpacks a body. It looks at nothing before the first Read, because it would
// have to wait for it.
type gunzip struct {
	packed io.Reader
	reader *gzip.Reader
	err    error
}

func (g *gunzip) Read(p []byte) (n int, err error) {
	if g.reader == nil && g.err == nil {
		g.reader, g.err = gzip.NewReader(g.packed)
	}
	if g.err == nil {
		n, g.err = g.reader.Read(p)
	}
	if g.err == gzip.ErrHeader || g.err == gzip.ErrChecksum {
		g.err = fmt.Errorf("aiohttp: the body is not the gzip that its header announces: %w", g.err)
	}
	return n, g.err
}
