package aionet

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"runtime/debug"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/inside"
)

// A StreamListener accepts streams of some kind. [Listener] and [MemoryListener]
// are.
type StreamListener interface {
	// AcceptStream waits for the next stream. Cancelled, it took none.
	AcceptStream(ctx context.Context) (Stream, error)
	Close() error
	Addr() net.Addr
}

// DefaultHandshakes is how many TLS handshakes of a [TLSListener] may be under way at a
// time, unless [Handshakes] says otherwise.
const DefaultHandshakes = 256

// Handshakes bounds the handshakes of a [TLSListener] that are under way, together with
// the connections that wait to be accepted. Where all are taken nothing more is
// accepted from the listener below until one has ended, for which each has its
// [HandshakeTimeout].
func Handshakes(n int) TLSOption { return func(o *tlsOptions) { o.handshakes = n } }

// OnHandshakeError calls f, on the loop, with the error of each handshake of a
// [TLSListener] that fails. Without it they pass in silence, since on a public port they
// are a matter of course; only a panic of a function of the config is logged. f gets
// that as an [asyncio.PanicError].
func OnHandshakeError(f func(peer net.Addr, err error)) TLSOption {
	return func(o *tlsOptions) { o.failed = f }
}

// A TLSListener accepts TLS connections, of which the handshake is over: a client that
// is slow at it, or silent, holds up nobody else. It works by tasks of its own, which
// begin with the first Accept and end with Close, or with the context of [ListenTLS].
// It belongs to the loop on which it was made.
type TLSListener struct {
	poller inside.Poller
	ctx    context.Context // of the listener's tasks
	cancel asyncio.CancelFunc
	below  StreamListener
	config *tls.Config
	opts   []TLSOption
	failed func(net.Addr, error)
	slots  *asyncio.Semaphore
	ready  *asyncio.Queue[accepted]
	taken  asyncio.Event // somebody has seen the last error of the listener below
	begun  bool
	closed bool
}

// accepted is what an Accept returns.
type accepted struct {
	conn *TLSConn
	err  error
}

// ListenTLS makes a TLS listener on another listener, which belongs to it then.
func ListenTLS(ctx context.Context, below StreamListener, config *tls.Config, opts ...TLSOption) (*TLSListener, error) {
	if err := checkTLSConfig(config); err != nil {
		return nil, err
	}
	o := newTLSOptions(opts)
	switch {
	case inside.PollerOf(ctx) == nil:
		return nil, asyncio.ErrNoLoop
	case o.handshakes < 1:
		return nil, errors.New("aionet: a TLS listener needs at least one handshake at a time")
	}
	l := &TLSListener{
		poller: inside.PollerOf(ctx), below: below, config: config, opts: opts, failed: o.failed,
		slots: asyncio.NewSemaphore(o.handshakes),
		ready: asyncio.NewQueue[accepted](asyncio.Unbounded), // the slots bound it
	}
	l.ctx, l.cancel = asyncio.WithCancel(ctx)
	return l, nil
}

// AcceptContext waits for the next connection of which the handshake is over. Cancelled,
// it took none (rule C3). An error of the listener below is returned once, and the next
// call tries again; after Close the error is [net.ErrClosed].
func (l *TLSListener) AcceptContext(ctx context.Context) (*TLSConn, error) {
	if !l.begun && !l.closed {
		l.begun = true
		asyncio.Go(l.ctx, l.acceptAll, asyncio.TaskName("acceptor of TLS connections"))
	}
	a, err := l.ready.Get(ctx)
	if err != nil && l.closed {
		l.drop() // what this call was to get and has left, too
	}
	switch {
	case errors.Is(err, asyncio.ErrQueueShutDown):
		return nil, l.fail("accept", net.ErrClosed)
	case err != nil:
		return nil, err
	}
	l.slots.Release()
	if a.err != nil {
		l.taken.Set()
	}
	return a.conn, a.err
}

// AcceptStream is [TLSListener.AcceptContext] for a [StreamListener].
func (l *TLSListener) AcceptStream(ctx context.Context) (Stream, error) {
	c, err := l.AcceptContext(ctx)
	if err != nil {
		return nil, err // and no Stream that holds a nil pointer
	}
	return c, nil
}

// Accept is [TLSListener.AcceptContext] under the context of the running task.
func (l *TLSListener) Accept() (net.Conn, error) {
	ctx, err := l.poller.Context()
	if err != nil {
		return nil, err
	}
	return l.AcceptStream(ctx)
}

// acceptAll is the task that takes streams from the listener below. Each has a slot
// until it is accepted here, or its handshake has failed.
func (l *TLSListener) acceptAll(ctx context.Context) error {
	defer l.Close()
	for {
		if err := l.slots.Acquire(ctx); err != nil {
			return nil
		}
		s, err := l.below.AcceptStream(ctx)
		switch {
		case ctx.Err() != nil || errors.Is(err, net.ErrClosed):
			if err == nil {
				s.Close()
			}
			l.slots.Release()
			return nil
		case err != nil:
			l.taken.Clear()
			l.deliver(accepted{err: err})
			// An error that lasts, such as a lack of descriptors, must not keep us
			// busy: somebody has to see it first.
			if l.taken.Wait(ctx) != nil {
				return nil
			}
		default:
			asyncio.Go(ctx, func(ctx context.Context) error { return l.shake(ctx, s) }, asyncio.TaskName("TLS handshake"))
		}
	}
}

// shake is the task of one handshake.
func (l *TLSListener) shake(ctx context.Context, s Stream) error {
	c, err := l.secure(ctx, s)
	if err != nil {
		l.slots.Release()
		if ctx.Err() == nil {
			l.report(s.RemoteAddr(), err)
		}
		return nil
	}
	l.deliver(accepted{conn: c})
	return nil
}

// secure does the handshake. Where a function of the config panics it is this
// connection that ends, and not the server (rule N4).
func (l *TLSListener) secure(ctx context.Context, s Stream) (c *TLSConn, err error) {
	defer func() {
		if v := recover(); v != nil {
			s.Close()
			err = &asyncio.PanicError{Value: v, Stack: debug.Stack(), Task: "TLS handshake"}
		}
	}()
	return TLSServer(ctx, s, l.config, l.opts...)
}

// report tells of a handshake that failed. A panic is told in any case.
func (l *TLSListener) report(peer net.Addr, err error) {
	var p *asyncio.PanicError
	switch {
	case l.failed != nil:
		l.failed(peer, err)
	case errors.As(err, &p):
		slog.Error("asyncio: a TLS handshake has panicked", "peer", peer, "panic", p.Value, "stack", string(p.Stack))
	}
}

// deliver hands a to the next Accept.
func (l *TLSListener) deliver(a accepted) {
	if l.ready.TryPut(a) != nil && a.conn != nil { // shut down
		a.conn.Abort()
	}
}

// Close closes the listener below, ends the handshakes that are under way and resets
// the connections that nobody has accepted. A second Close returns
// [net.ErrClosed].
func (l *TLSListener) Close() error {
	if l.closed {
		return l.fail("close", net.ErrClosed)
	}
	l.closed = true
	l.cancel(net.ErrClosed)
	l.ready.Shutdown(false)
	l.drop()
	return l.below.Close()
}

// drop resets the connections that nobody has accepted.
func (l *TLSListener) drop() {
	for {
		a, err := l.ready.TryGet()
		if err != nil {
			return
		}
		if a.conn != nil {
			a.conn.Abort()
		}
	}
}

// Addr is the address of the listener below.
func (l *TLSListener) Addr() net.Addr { return l.below.Addr() }

func (l *TLSListener) fail(op string, err error) error {
	return opError(op, networkName(l.Addr()), nil, l.Addr(), err)
}
