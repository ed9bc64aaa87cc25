package aiohttp

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/acceptor"
)

// A Server is an HTTP/1.1 server on the loop. It takes any [http.Handler]. Each
// connection is a task, which calls the handler for one request after the other, so
// handlers share state without locks and wait for whatever the loop offers: the
// request's context leads to it.
//
// A handler must not block: what it calls without a context, such as reading a file,
// holds up everybody, and a lock of package sync that another task holds for ever.
// Neither do handlers work here that serve a request on a goroutine of their own, as
// [http.TimeoutHandler] does; [Timeout] is the one for the loop. A request's Body and
// the ResponseWriter wait for the client, so they are for tasks of this loop only; of
// two tasks that read, or write, at the same time the second gets [asyncio.ErrBusy]
// (rule N1).
//
// The fields are read while requests are served and must not be changed after the
// first call of Serve. The zero value serves [http.DefaultServeMux]. A Server belongs
// to one loop.
type Server struct {
	Handler http.Handler // nil is http.DefaultServeMux

	// TLSConfig turns on TLS. Where its NextProtos are empty they become those that
	// the server can speak.
	TLSConfig *tls.Config

	// HTTP2 offers HTTP/2 to clients of TLS, by the standard library's server on
	// goroutines of its own; the handlers run on the loop as with HTTP/1.1. Its
	// timeouts are real time.
	HTTP2 bool

	// Of the durations 0 is the default, and what is negative means no bound.

	ReadHeaderTimeout time.Duration // from the first byte of a request to the end of its header; 10 s
	IdleTimeout       time.Duration // for the next request to begin; 2 min
	ReadTimeout       time.Duration // for all of a request, with its body; none
	WriteTimeout      time.Duration // from the end of a request's header to the end of the response; none
	HandshakeTimeout  time.Duration // for the handshake of TLS; 10 s

	MaxHeaderBytes int   // of a request's line and header; 0 is http.DefaultMaxHeaderBytes. More gets the status 431
	MaxURIBytes    int   // of a request's target; 0 is no further bound. More gets the status 414
	MaxBodyBytes   int64 // of a request's body; 0 is no bound. More gets the status 413
	MaxRequests    int   // on one connection, which is then closed; 0 is no bound
	MaxConns       int   // open at a time: further clients wait in the system's queue; 0 is no bound

	// OnError gets what goes wrong and has no other way to be told: a handler that
	// panics, with its stack, or that uses its ResponseWriter wrongly. The default
	// is the loop's own ([asyncio.OnError]).
	OnError func(asyncio.Report)

	date    date
	conns   acceptor.Acceptor
	tls     *tls.Config
	threads *asyncio.CapacityLimiter
	ready   bool
}

const (
	defaultReadHeaderTimeout = 10 * time.Second
	defaultIdleTimeout       = 2 * time.Minute
	defaultHandshakeTimeout  = 10 * time.Second
)

// Serve accepts connections from l and serves them until ctx ends, l fails, or
// Shutdown or Close is called, and then waits for the handlers that are at work.
// After Shutdown or Close the error is [http.ErrServerClosed]. It closes l in any
// case. The connections that l gives must be such as wait on the loop, as those of
// package aionet do. It is a wait: where ctx ends the handlers are cancelled.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	s.prepare()
	err := s.conns.Serve(ctx, l)
	if errors.Is(err, acceptor.ErrClosed) {
		return http.ErrServerClosed
	}
	return err
}

// ServeConn serves one connection, in a task of its own, until the client or the
// server wants no more. It closes c, unless a handler has hijacked it. It is a wait,
// and returns an error only where ctx has ended.
func (s *Server) ServeConn(ctx context.Context, c net.Conn) error {
	s.prepare()
	return s.conns.ServeConn(ctx, c)
}

// Shutdown ends the server gently: it stops to accept, closes the connections that
// are idle, and waits for the requests that are being served, the last of their
// connections. Where ctx ends first, it cancels the contexts of the requests that are
// left; what has not ended a second later is cut off, and ctx's error comes back.
// Connections that were hijacked are not the server's any more. A handler that calls it,
// in the task of its request, is not waited for. It is a wait.
func (s *Server) Shutdown(ctx context.Context) error {
	s.prepare()
	return s.conns.Shutdown(ctx)
}

// Close ends the server at once: listeners and connections are closed, the contexts
// of the requests cancelled. It does not wait for the handlers; Serve does.
func (s *Server) Close() error {
	s.prepare()
	return s.conns.Close()
}

// prepare makes the parts agree, once.
func (s *Server) prepare() {
	if s.ready {
		return
	}
	s.ready = true
	s.conns.Handler = s.serveConn
	s.conns.MaxConns = s.MaxConns
	s.conns.OnError = s.OnError
}

func (s *Server) handshakeTimeout() time.Duration {
	if d := bound(s.HandshakeTimeout, defaultHandshakeTimeout); d > 0 {
		return d
	}
	return never
}

// headerTimeout is the time for the rest of a header that has begun.
func (s *Server) headerTimeout() time.Duration {
	d := bound(s.ReadHeaderTimeout, defaultReadHeaderTimeout)
	if s.ReadTimeout > 0 && (d == 0 || s.ReadTimeout < d) {
		return s.ReadTimeout
	}
	return d
}

// never is longer than any connection lasts.
const never = 100 * 365 * 24 * time.Hour

func (s *Server) maxHeaderBytes() int {
	if s.MaxHeaderBytes > 0 {
		return s.MaxHeaderBytes
	}
	return http.DefaultMaxHeaderBytes
}

func (s *Server) handler() http.Handler {
	if s.Handler == nil {
		return http.DefaultServeMux
	}
	return s.Handler
}

func (s *Server) report(r asyncio.Report) { s.conns.Report(r) }

// bound is a duration of the server's: 0 where there is no bound.
func bound(d, def time.Duration) time.Duration {
	switch {
	case d == 0:
		return def
	case d < 0:
		return 0
	}
	return d
}
