package aionet

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/acceptor"
)

// A Server runs a task for each connection of a listener (asyncio's start_server). It
// outlives a lack of descriptors, clients that go away and handlers that panic (rule
// N4). Its fields must not change after the first call of Serve. It belongs to one
// loop.
type Server struct {
	// Handler serves a connection. When it returns the connection is closed; an error
	// that is not the end of the connection goes to OnError.
	Handler func(ctx context.Context, c Stream) error

	// MaxConns is how many connections are open at a time; 0 is no bound. Further
	// clients wait in the system's queue.
	MaxConns int

	// IdleTimeout is how long a read may wait for data before it fails with
	// os.ErrDeadlineExceeded, which ends the connection quietly; 0 is 5 minutes, less
	// is for ever. A handler that sets deadlines of its own has those instead, and
	// should where a message must be complete in time: a client that sends a byte now
	// and then never waits for long.
	IdleTimeout time.Duration

	// StartOnData gives a connection a task only while there is something to read:
	// Handler is called each time when data has come to an idle connection, and one
	// that returns nil is called again for the next. An idle connection then takes less
	// than a kilobyte. A client that speaks second is never served. Where the handler has
	// read the end of the stream, or has closed it, there is no next time. Streams that
	// cannot tell when data comes, such as those of TLS, keep a task that waits for it.
	StartOnData bool

	// OnError gets what goes wrong and has no other way to be told, with the stack if
	// a handler has panicked. The default is the loop's own (asyncio.OnError).
	OnError func(asyncio.Report)

	conns acceptor.Acceptor
	ready bool
}

// ErrServerClosed is what Serve returns after Shutdown or Close.
var ErrServerClosed = acceptor.ErrClosed

const defaultIdleTimeout = 5 * time.Minute

// Serve accepts connections from l and serves them until ctx ends, l fails, or
// Shutdown or Close is called, and then waits for the handlers that are at work. It
// closes l in any case. The connections must be streams of this package: those of
// [Listener] and [MemoryListener] are. Where ctx ends the handlers are cancelled.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	s.prepare()
	return s.conns.Serve(ctx, l)
}

// Shutdown ends the server gently: it stops to accept, closes connections without a
// task, and waits for the handlers. Where ctx ends first it cancels them, cuts off
// what has not ended a second later, and returns ctx's error. It may be called again.
// A handler that calls it is not waited for.
func (s *Server) Shutdown(ctx context.Context) error {
	s.prepare()
	return s.conns.Shutdown(ctx)
}

// Close ends the server at once: listeners and connections are closed and the handlers
// cancelled. It does not wait for them; Serve does.
func (s *Server) Close() error {
	s.prepare()
	return s.conns.Close()
}

// Conns is how many connections are open.
func (s *Server) Conns() int { return s.conns.Len() }

// prepare makes the parts agree, once.
func (s *Server) prepare() {
	if s.ready {
		return
	}
	s.ready = true
	s.conns.Handler = s.serve
	s.conns.MaxConns = s.MaxConns
	s.conns.OnData = s.StartOnData
	s.conns.OnError = s.OnError
	s.conns.Accepted = s.accepted
}

// accepted sees a connection before its first task.
func (s *Server) accepted(c net.Conn) {
	d := s.IdleTimeout
	if d == 0 {
		d = defaultIdleTimeout
	}
	if i, ok := c.(idler); ok {
		i.SetIdleTimeout(d)
	}
}

// serve is the task of a connection.
func (s *Server) serve(ctx context.Context, c *acceptor.Conn) {
	stream, ok := c.Conn.(Stream)
	if !ok {
		c.Conn.Close()
		s.report(asyncio.Report{Message: "a connection that does not wait on the loop was refused: listen with package aionet"})
		return
	}
	err := s.Handler(ctx, stream)
	if s.StartOnData && err == nil && !hasEnd(stream) {
		c.Rest()
		return
	}
	stream.Close()
	if err != nil && !isEnd(ctx, err) {
		s.report(asyncio.Report{Message: "a connection from " + nameOf(c.RemoteAddr()) + " has failed", Err: err})
	}
}

// hasEnd tells that a handler has read to the end, or has closed the stream: to call it
// again would be to call it for ever.
func hasEnd(s Stream) bool {
	e, ok := s.(interface{ ended() bool })
	return ok && e.ended()
}

// isEnd tells that a connection has ended as connections do.
func isEnd(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, os.ErrDeadlineExceeded) || isGone(err)
}

// isGone tells that the peer has gone in the middle.
func isGone(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && (op.Op == "read" || op.Op == "write")
}

func nameOf(a net.Addr) string {
	if a == nil || a.String() == "" {
		return "a client without a name"
	}
	return a.String()
}

func (s *Server) report(r asyncio.Report) { s.conns.Report(r) }
