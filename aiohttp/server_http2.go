package aiohttp

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"sync"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

// serveHTTP2 gives a connection on which TLS has agreed on HTTP/2 to a server of the
// standard library, on goroutines, and waits for its end. The handlers come back to the
// loop; see [OnLoop].
func (c *serverConn) serveHTTP2(ctx context.Context, s aionet.Stream) {
	view, err := aionet.Threadsafe(ctx, s)
	if err != nil {
		c.server.report(asyncio.Report{Message: "HTTP/2", Err: err})
		return
	}
	defer view.Close()
	h := OnLoop(c.http2Context(ctx), c.server.handler())
	h.secure, h.remote = c.tls, c.remote
	defer h.Close()
	srv := c.server.newHTTP2(h)
	c.entry.OnShutdown(func() { go srv.Shutdown(context.WithoutCancel(ctx)) })
	_, _ = asyncio.ToThread(ctx, func(context.Context) (struct{}, error) {
		one := &oneConn{conn: view, over: make(chan struct{})}
		srv.ConnState = one.state
		return struct{}{}, srv.Serve(one)
	}, asyncio.ThreadLimiter(c.server.http2Threads()))
	view.Close()
	h.wait(context.WithoutCancel(ctx)) // those whose client has gone are cancelled
}

// http2Context is the parent of the requests' contexts.
func (c *serverConn) http2Context(ctx context.Context) context.Context {
	ctx = context.WithValue(ctx, http.LocalAddrContextKey, c.stream.LocalAddr())
	return context.WithValue(ctx, serverKey{}, c.server)
}

// newHTTP2 is a server of the standard library with the bounds of ours. It serves one
// connection, which is in the clear: TLS is done below, on the loop.
func (s *Server) newHTTP2(h http.Handler) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler:           h,
		Protocols:         protocols,
		ReadHeaderTimeout: bound(s.ReadHeaderTimeout, defaultReadHeaderTimeout),
		IdleTimeout:       bound(s.IdleTimeout, defaultIdleTimeout),
		ReadTimeout:       max(s.ReadTimeout, 0),
		WriteTimeout:      max(s.WriteTimeout, 0),
		MaxHeaderBytes:    s.maxHeaderBytes(),
		ErrorLog:          log.New(reportWriter{s}, "", 0),
	}
}

// http2Threads bounds nothing: the number of connections has a bound of its own, and
// they must not take the threads of the program's calls of ToThread.
func (s *Server) http2Threads() *asyncio.CapacityLimiter {
	if s.threads == nil {
		s.threads = asyncio.NewCapacityLimiter(asyncio.Unbounded)
	}
	return s.threads
}

// reportWriter gives what the standard library's server logs to OnError.
type reportWriter struct{ server *Server }

func (w reportWriter) Write(p []byte) (int, error) {
	w.server.report(asyncio.Report{Message: string(p)})
	return len(p), nil
}

// oneConn is a listener that gives one connection and then waits for its end.
type oneConn struct {
	conn net.Conn
	mu   sync.Mutex
	over chan struct{}
	once sync.Once
}

// Accept is called on the server's goroutine.
func (l *oneConn) Accept() (net.Conn, error) {
	l.mu.Lock()
	c := l.conn
	l.conn = nil
	l.mu.Unlock()
	if c != nil {
		return c, nil
	}
	<-l.over
	return nil, io.EOF
}

// Close is called by a shutdown, which waits for the connection by itself.
func (l *oneConn) Close() error { return nil }

func (l *oneConn) Addr() net.Addr { return aionet.MemoryAddr("http2") }

func (l *oneConn) state(_ net.Conn, s http.ConnState) {
	if s == http.StateClosed || s == http.StateHijacked {
		l.once.Do(func() { close(l.over) })
	}
}
