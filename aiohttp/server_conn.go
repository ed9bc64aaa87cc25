package aiohttp

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/internal/acceptor"
)

// A serverConn is a connection of a server: the life of its task.
type serverConn struct {
	server *Server
	entry  *acceptor.Conn
	stream net.Conn
	ctx    context.Context // what the contexts of the requests are children of
	clock  context.Context // the task's own, through which the loop's clock is near

	in     *bufio.Reader // on source
	source source
	out    *bufio.Writer // on sink
	sink   sink

	tls      *tls.ConnectionState
	remote   string
	last     string // the method of the request before
	requests int
	response *response // the request that is being served
	timer    lazyTimer // of the wait for a request
	began    time.Time // the request, where ReadTimeout wants to know
	hungUp   bool
	shared   bool // a task that a handler has left behind is at a buffer
	hijacked bool
	linger   bool // read what the client still sends before closing: see lingeringClose
}

var (
	readers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, 4<<10) }}
	writers = sync.Pool{New: func() any { return bufio.NewWriterSize(nil, 4<<10) }}
)

// serveConn is the handler of the acceptor.
func (s *Server) serveConn(ctx context.Context, entry *acceptor.Conn) {
	c := &serverConn{server: s, entry: entry, stream: entry.Conn, clock: ctx}
	c.source.conn, c.sink.conn = c, c
	defer c.close()
	c.watchHangup()
	if !c.handshake(ctx) {
		return
	}
	if a := c.stream.RemoteAddr(); a != nil {
		c.remote = a.String()
	}
	if s, ok := c.stream.(aionet.Stream); ok && c.tls != nil && c.tls.NegotiatedProtocol == protoHTTP2 {
		c.serveHTTP2(ctx, s)
		return
	}
	c.in, c.out = readers.Get().(*bufio.Reader), writers.Get().(*bufio.Writer)
	c.in.Reset(&c.source)
	c.out.Reset(&c.sink)
	c.ctx = context.WithValue(ctx, http.LocalAddrContextKey, c.stream.LocalAddr())
	c.ctx = context.WithValue(c.ctx, serverKey{}, s)
	for c.serveOne() {
	}
}

type serverKey struct{}

// ServerOf is the server that the request with the context ctx came to, or nil.
func ServerOf(ctx context.Context) *Server {
	s, _ := ctx.Value(serverKey{}).(*Server)
	return s
}

// serveOne serves a request, and reports whether there may be another one.
func (c *serverConn) serveOne() bool {
	if !c.awaitRequest() {
		return false
	}
	x, err := c.readRequest()
	if err != nil {
		c.refuse(err)
		return false
	}
	c.requests++
	if !x.expect() {
		return false
	}
	c.response = x
	c.setTimeouts()
	c.checkHangup()
	more := x.serve()
	c.response = nil
	return more && !c.server.conns.Closing()
}

// awaitRequest waits for the first byte of a request: that is when the connection is
// idle. Between the first request and those that follow there is a difference: who
// has connected is expected to begin.
func (c *serverConn) awaitRequest() bool {
	c.source.begin(int64(c.server.maxHeaderBytes()))
	d := bound(c.server.IdleTimeout, defaultIdleTimeout)
	if c.requests == 0 {
		d = bound(c.server.ReadHeaderTimeout, defaultReadHeaderTimeout)
	}
	var err error
	if c.in.Buffered() == 0 {
		c.timer.set(c, d)
		c.entry.Idle()
		_, err = c.in.Peek(1)
		c.entry.Active()
	}
	c.source.started()
	if c.server.ReadTimeout > 0 {
		c.began = asyncio.Now(c.clock)
	}
	return err == nil && !c.server.conns.Closing()
}

// setTimeouts sets the deadlines of a request whose header has been read.
func (c *serverConn) setTimeouts() {
	c.timer.clear()
	if d := c.server.ReadTimeout; d > 0 {
		c.stream.SetReadDeadline(c.began.Add(d))
	}
	if d := c.server.WriteTimeout; d > 0 {
		c.stream.SetWriteDeadline(asyncio.Now(c.clock).Add(d))
	}
}

// resetTimeouts takes away what setTimeouts and the handler have set.
func (c *serverConn) resetTimeouts(byHandler bool) {
	if byHandler || c.server.ReadTimeout > 0 {
		c.stream.SetReadDeadline(time.Time{})
	}
	if byHandler || c.server.WriteTimeout > 0 {
		c.stream.SetWriteDeadline(time.Time{})
	}
}

// close ends the connection, in whatever way serveConn was left.
func (c *serverConn) close() {
	c.timer.stop()
	if c.hijacked {
		return
	}
	if c.linger {
		c.lingeringClose()
	}
	c.stream.Close()
	if c.in != nil && c.response == nil && !c.shared { // else somebody may still have them
		c.in.Reset(nil)
		c.out.Reset(nil)
		readers.Put(c.in)
		writers.Put(c.out)
	}
}

const (
	lingerTime  = 500 * time.Millisecond
	lingerBytes = 256 << 10
)

// lingeringClose lets the client read the last response: closing a socket on which
// unread data lies makes the system send a reset, which may destroy the response
// before the client has read it. So we say that no more will come, and read on for a
// while, until the client closes.
func (c *serverConn) lingeringClose() {
	half, ok := c.stream.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	c.stream.SetReadDeadline(asyncio.Now(c.clock).Add(lingerTime))
	buf := copyBuffers.Get().(*[]byte)
	defer copyBuffers.Put(buf)
	for n := 0; n < lingerBytes; {
		k, err := c.stream.Read(*buf)
		if n += k; err != nil {
			return
		}
	}
}

var copyBuffers = sync.Pool{New: func() any { b := make([]byte, 32<<10); return &b }}

// isGone tells that an error of a read says nothing but that the client has gone, or
// that nobody wants to hear of it: there is nobody to answer.
func isGone(err error) bool {
	var op *net.OpError
	return err == io.EOF || errors.As(err, &op) || errors.Is(err, net.ErrClosed) || isTimeout(err) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
