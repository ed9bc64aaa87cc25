// Package fast serves fasthttp's own kind of handler on the loop: for a server that
// must spend as little as possible on each request, and whose handlers are written
// for fasthttp. Package aiohttp is the one for http.Handler.
package fast

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/acceptor"
	"github.com/valyala/fasthttp"
)

// A Handler serves a request, in the task of its connection. ctx is the connection's:
// it leads to the loop and ends when the server is closed, or gives up waiting for its
// handlers. rc is reused for the next request, so it must not be kept; what is in it
// must be copied. A handler must not block; see [github.com/goasyncio/asyncio].
type Handler func(ctx context.Context, rc *fasthttp.RequestCtx)

// A Server runs fasthttp on the loop: each connection is a task, in which fasthttp
// reads requests, calls the handler and writes responses. A Server belongs to one
// loop, and its fields must not be changed after the first call of Serve.
//
// What fasthttp does on goroutines of its own does not work here, since the connection
// belongs to the loop: RequestCtx.Hijack, TimeoutHandler, and the prefork, worker and
// listener functions. Once in the life of the process fasthttp starts a goroutine that
// tells it the date every second, and which nothing ends.
type Server struct {
	Handler Handler

	// Settings are fasthttp's: limits, the name of the server, and so on. Its Handler and
	// ConnState are replaced; the ConnState that was there is called. Its timeouts are
	// real time, and each costs a look at the clock for each request. MaxConnsPerIP must
	// be 0. nil are fasthttp's defaults.
	Settings *fasthttp.Server

	// Of the durations 0 is the default, and what is negative means no bound. They are
	// on the loop's clock, and a connection may get up to an eighth more.

	IdleTimeout time.Duration // for the next request to begin; 2 min
	ReadTimeout time.Duration // from the first byte of a request to the last of its body; 1 min

	MaxConns int // open at a time: further clients wait in the system's queue; 0 is no bound

	// OnError gets the panics of handlers, with their stacks. The default is the
	// loop's own ([asyncio.OnError]).
	OnError func(asyncio.Report)

	conns  acceptor.Acceptor
	reaper reaper
	ready  bool
}

const (
	defaultIdleTimeout = 2 * time.Minute
	defaultReadTimeout = time.Minute
)

// Serve accepts connections from l and serves them until ctx ends, l fails, or
// Shutdown or Close is called, and then waits for the handlers that are at work.
// After Shutdown or Close the error is [http.ErrServerClosed]. It closes l in any
// case. The connections that l gives must be such as wait on the loop, as those of
// package aionet do: for TLS pass a listener of aionet.ListenTLS. It is a wait.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	s.prepare()
	err := s.conns.Serve(ctx, l)
	if errors.Is(err, acceptor.ErrClosed) {
		return http.ErrServerClosed
	}
	return err
}

// ServeConn serves one connection, in a task of its own, to its end, and closes it.
// It is a wait, and returns an error only where ctx has ended.
func (s *Server) ServeConn(ctx context.Context, c net.Conn) error {
	s.prepare()
	return s.conns.ServeConn(ctx, c)
}

// Shutdown stops to accept, closes the connections that are idle, and waits for the
// requests that are being served. Where ctx ends first it cancels the contexts of the
// connections that are left; what has not ended a second later is cut off, and ctx's
// error comes back. It is a wait.
func (s *Server) Shutdown(ctx context.Context) error {
	s.prepare()
	return s.conns.Shutdown(ctx)
}

// Close closes listeners and connections at once, and cancels the contexts of the
// connections. It does not wait for the handlers; Serve does.
func (s *Server) Close() error {
	s.prepare()
	return s.conns.Close()
}

// conn is a connection as fasthttp sees it. It leads from the request to the context.
type conn struct {
	net.Conn
	ctx        context.Context
	entry      *acceptor.Conn
	phase      phase
	found      int   // in the phase, by the reaper
	prev, next *conn // in its list
}

// prepare makes the parts agree, once.
func (s *Server) prepare() {
	if s.ready {
		return
	}
	s.ready = true
	if s.Settings == nil {
		s.Settings = new(fasthttp.Server)
	}
	if s.Settings.MaxConnsPerIP > 0 {
		panic("aiohttp/fast: Settings.MaxConnsPerIP puts connections into others, which do not work on the loop: leave it 0, and bound them in a listener of your own")
	}
	s.Settings.Handler = s.handle
	s.Settings.ConnState = s.follow(s.Settings.ConnState)
	s.conns.Handler = s.serve
	s.conns.MaxConns = s.MaxConns
	s.conns.OnError = s.OnError
	s.reaper.init(s)
}

func (s *Server) serve(ctx context.Context, c *acceptor.Conn) {
	fc := &conn{Conn: c.Conn, ctx: ctx, entry: c}
	c.Idle() // until the first byte
	s.reaper.add(ctx, fc)
	defer s.reaper.remove(fc)
	defer c.Conn.Close()
	_ = s.Settings.ServeConn(fc.withTLS()) // why it ended is the client's business: it was told
}

// withTLS is c with the state of its TLS, where it has one. It is not inlined:
// that state, half a kilobyte with a copy, would lie on the stack below the connection's
// whole life, and make each stack of 4 KiB one of 8.
//
//go:noinline
func (c *conn) withTLS() net.Conn {
	if t, ok := c.Conn.(interface{ ConnectionState() tls.ConnectionState }); ok {
		return &secured{c, t.ConnectionState()}
	}
	return c
}

func (s *Server) handle(rc *fasthttp.RequestCtx) {
	c := baseOf(rc.Conn())
	c.enter(handling)
	s.Handler(c.ctx, rc)
	if s.conns.Closing() {
		rc.SetConnectionClose()
	}
}

// baseOf is the connection that was given to fasthttp.
func baseOf(c net.Conn) *conn {
	if b, ok := c.(*conn); ok {
		return b
	}
	return c.(*secured).conn
}

// follow tells the acceptor which connections are idle.
func (s *Server) follow(users func(net.Conn, fasthttp.ConnState)) func(net.Conn, fasthttp.ConnState) {
	return func(c net.Conn, state fasthttp.ConnState) {
		switch state {
		case fasthttp.StateActive:
			b := baseOf(c)
			b.enter(reading)
			b.entry.Active()
		case fasthttp.StateIdle:
			b := baseOf(c)
			b.enter(idle)
			b.entry.Idle()
		}
		if users != nil {
			users(c, state)
		}
	}
}
