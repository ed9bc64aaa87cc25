package aiohttp

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"math"
	"net/http/httptrace"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

// conn is a connection to a server, or through a proxy, that serves one request
// after another.
type conn struct {
	transport *Transport
	pool      *pool
	route     route
	stream    aionet.Stream
	secured   *tls.ConnectionState // nil without TLS
	br        *bufio.Reader
	bw        *bufio.Writer

	// What bounds the reader and the writer of now.
	reading, writing context.Context
	limit            int64 // how many bytes may still be read
	dry              bool  // reads take what is in br and do not wait
	ended            bool  // the peer has said that no more will come
	written          int64

	// The time between two requests.
	used     bool      // it has been given back: the server may have closed it since
	idle     time.Time // since when it was in the list of idle ones, if it was
	watcher  *watcher
	idleName asyncio.TaskOption // of the watcher
	closed   bool
}

var (
	errEvicted        = errors.New("aiohttp: the idle connection is not needed any more")
	errDry            = errors.New("aiohttp: more would have to be waited for")
	errHeaderTooLarge = errors.New("aiohttp: the header of the response is larger than MaxResponseHeaderBytes")
)

func newConn(t *Transport, r route, s aionet.Stream) *conn {
	c := &conn{transport: t, pool: t.pool, route: r, stream: s, limit: math.MaxInt64}
	c.idleName = asyncio.TaskName("idle connection to " + r.String())
	c.br = bufio.NewReader(connReader{c})
	c.bw = bufio.NewWriter(connWriter{c})
	return c
}

// connReader and connWriter are what the buffers stand on.
type (
	connReader struct{ *conn }
	connWriter struct{ *conn }
)

func (c connReader) Read(p []byte) (int, error) {
	switch {
	case c.dry:
		return 0, errDry
	case c.limit <= 0:
		return 0, errHeaderTooLarge
	case int64(len(p)) > c.limit:
		p = p[:c.limit]
	}
	n, err := c.stream.ReadContext(c.reading, p)
	c.limit -= int64(n)
	c.ended = c.ended || err == io.EOF
	return n, err
}

func (c connWriter) Write(p []byte) (int, error) {
	n, err := c.stream.WriteContext(c.writing, p)
	c.written += int64(n)
	return n, err
}

// A watcher is the task that looks after a connection while it is idle.
type watcher struct {
	task  *asyncio.Task[struct{}]
	began bool
	off   bool // a request wants the connection: the watcher leaves it as it is
}

// watch gives the connection a watcher, which closes it when the peer does, or says
// something that nobody asked for, when the time is up, and at the end of Run.
func (c *conn) watch(ctx context.Context) {
	w := new(watcher)
	c.idle, c.watcher = asyncio.Now(ctx), w
	w.task = asyncio.Go(ctx, func(ctx context.Context) error { c.look(ctx, w); return nil }, c.idleName)
}

func (c *conn) look(ctx context.Context, w *watcher) {
	if w.off {
		return
	}
	w.began = true
	if d := orDefault(c.transport.IdleConnTimeout, defaultIdleConnTimeout); d > 0 {
		limited, timeout := asyncio.WithTimeout(ctx, d)
		defer timeout.Cancel()
		ctx = limited
	}
	c.reading, c.limit = ctx, math.MaxInt64
	_, err := c.br.Peek(1)
	if w.off && isCancellation(err) {
		return // a cancelled read has taken nothing
	}
	if !w.off {
		c.pool.unlist(c)
	}
	c.close()
}

// take makes an idle connection, which is off the lists, one of the caller's. It
// waits until the watcher has gone, if it has begun. It reports false where the
// connection turned out to be dead; after an error it is closed.
func (c *conn) take(ctx context.Context) (bool, error) {
	w := c.watcher
	c.watcher = nil
	w.off = true
	if w.began && !w.task.Done() {
		w.task.Cancel(nil)
		if _, err := w.task.Join(ctx); ctx.Err() != nil {
			c.abort()
			return false, err
		}
	}
	return !c.closed, nil
}

func isCancellation(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// close ends the connection in good order and abort at once. Neither waits. The
// pool hears of it.
func (c *conn) close() { c.shut(c.stream.Close) }
func (c *conn) abort() { c.shut(c.stream.Abort) }

func (c *conn) shut(how func() error) {
	if !c.closed {
		c.closed = true
		how()
		c.pool.forget(c.route)
	}
}

// info is what httptrace tells of a connection.
func (c *conn) info(now time.Time) httptrace.GotConnInfo {
	info := httptrace.GotConnInfo{Conn: c.stream, Reused: c.used, WasIdle: !c.idle.IsZero()}
	if info.WasIdle {
		info.IdleTime = now.Sub(c.idle)
	}
	return info
}
