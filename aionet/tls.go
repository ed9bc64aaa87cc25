package aionet

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/inside"
)

// A TLSConn is a stream that is encrypted by [crypto/tls] and carried by another
// stream. It is made by [TLSClient], [TLSServer], [StartTLSClient], [StartTLSServer] or
// a [TLSListener], which all return it after the handshake. It belongs to the loop of
// the stream below, which belongs to it: use that no more.
//
// Package crypto/tls holds locks while it reads and writes. A task that parked with one
// of them would freeze the loop as soon as another task wanted it. So after the
// handshake tls.Conn never waits: it writes into a buffer, which is sent when its locks
// are free, and reads from another, and where that is empty it is told to come back.
// That is also why a read that was cancelled or timed out can be repeated.
type TLSConn struct {
	poller inside.Poller
	stream Stream
	tls    *tls.Conn
	opts   tlsOptions

	handshake context.Context // of the handshake that is under way, else nil
	broken    error           // of the stream below, during the handshake

	in      []byte // in[inStart:] has come, and tls.Conn has not read it yet
	inStart int
	little  int   // times running that it was nearly empty
	inEnd   error // why nothing more will come
	over    bool  // a read has failed for good
	readBy  time.Time
	reading bool

	buffers  *tlsBuffers
	out      []byte // out[outStart:] tls.Conn has written, and it is not sent yet; nil where all is
	outStart int
	outEnd   error // why nothing more can be sent
	sending  bool  // a task is in the stream's write
	sent     asyncio.WaitQueue
	pumping  bool // a task of the connection's own sends
	writeBy  time.Time
	writing  bool
	partial  bool
	finished bool // CloseWrite was called
	closed   bool
}

// A TLSOption changes a bound of a TLS connection or listener.
type TLSOption func(*tlsOptions)

type tlsOptions struct {
	handshake, shutdown time.Duration
	handshakes          int
	failed              func(net.Addr, error)
}

func newTLSOptions(opts []TLSOption) tlsOptions {
	o := tlsOptions{
		handshake:  DefaultHandshakeTimeout,
		shutdown:   DefaultShutdownTimeout,
		handshakes: DefaultHandshakes,
	}
	for _, set := range opts {
		set(&o)
	}
	return o
}

// The time limits of TLS connections, unless an option gives others.
const (
	DefaultHandshakeTimeout = 10 * time.Second
	DefaultShutdownTimeout  = 5 * time.Second
)

// HandshakeTimeout is how long the handshake may take.
func HandshakeTimeout(d time.Duration) TLSOption {
	return func(o *tlsOptions) { o.handshake = d }
}

// ShutdownTimeout is how long, after Close, the connection tries to send what the peer
// has not taken, the close_notify included.
func ShutdownTimeout(d time.Duration) TLSOption {
	return func(o *tlsOptions) { o.shutdown = d }
}

// TLSClient does the handshake of a client on s. As with [tls.Client] the config must
// have a ServerName, or InsecureSkipVerify. It is used, not copied: do not change it
// afterwards.
//
// It is a wait. Where it fails, or is cancelled, s is closed, because nothing else can
// be done with it. A handshake that takes too long fails with [os.ErrDeadlineExceeded].
// The config's functions, such as GetCertificate, run on the loop, in the calling task,
// and may wait, under the context of their argument; the timeout does not end that
// wait. Config.Renegotiation is refused.
func TLSClient(ctx context.Context, s Stream, config *tls.Config, opts ...TLSOption) (*TLSConn, error) {
	return newTLSConn(ctx, s, config, opts, tls.Client)
}

// TLSServer does the handshake of a server on s; see [TLSClient]. The config must have
// a certificate, or a function that finds one.
func TLSServer(ctx context.Context, s Stream, config *tls.Config, opts ...TLSOption) (*TLSConn, error) {
	return newTLSConn(ctx, s, config, opts, tls.Server)
}

func newTLSConn(ctx context.Context, s Stream, config *tls.Config, opts []TLSOption, role func(net.Conn, *tls.Config) *tls.Conn) (*TLSConn, error) {
	t := &TLSConn{
		poller: inside.PollerOf(ctx),
		stream: s,
		opts:   newTLSOptions(opts),
	}
	err := checkTLSConfig(config)
	if t.poller == nil {
		err = asyncio.ErrNoLoop
	}
	if err == nil {
		t.buffers = tlsBuffersOf(t.poller)
		t.tls = role(tlsLink{t}, config)
		err = t.doHandshake(ctx)
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return t, nil
}

// checkTLSConfig refuses what cannot work here. A renegotiation is a handshake in the
// middle of a read, which would wait with a lock that writers need.
func checkTLSConfig(config *tls.Config) error {
	if config == nil {
		return errors.New("aionet: TLS needs a config: a client with ServerName, a server with Certificates")
	}
	if config.Renegotiation != tls.RenegotiateNever {
		return errors.New("aionet: TLS renegotiation is not supported: leave Config.Renegotiation at RenegotiateNever")
	}
	return nil
}

// ConnectionState tells what the handshake agreed on.
func (t *TLSConn) ConnectionState() tls.ConnectionState { return t.tls.ConnectionState() }

// VerifyHostname tells whether the peer's certificate is valid for host.
func (t *TLSConn) VerifyHostname(host string) error { return t.tls.VerifyHostname(host) }

// NetConn is the stream below. What reads from it or writes to it corrupts the
// connection.
func (t *TLSConn) NetConn() net.Conn { return t.stream }

// LocalAddr is that of the stream below.
func (t *TLSConn) LocalAddr() net.Addr { return t.stream.LocalAddr() }

// RemoteAddr is that of the stream below.
func (t *TLSConn) RemoteAddr() net.Addr { return t.stream.RemoteAddr() }

// SetDeadline sets both deadlines, on the loop's clock (see [asyncio.Now]). A read or
// write that fails for it can be repeated with a later one: unlike with [tls.Conn] the
// connection is as good as before.
func (t *TLSConn) SetDeadline(at time.Time) error {
	return errors.Join(t.SetReadDeadline(at), t.SetWriteDeadline(at))
}

// SetReadDeadline is [TLSConn.SetDeadline] for reads alone.
func (t *TLSConn) SetReadDeadline(at time.Time) error {
	if t.closed || hasEnded(t.poller) {
		return t.fail("set", net.ErrClosed)
	}
	t.readBy = at
	return t.stream.SetReadDeadline(at)
}

// SetWriteDeadline is [TLSConn.SetDeadline] for writes alone.
func (t *TLSConn) SetWriteDeadline(at time.Time) error {
	if t.closed || hasEnded(t.poller) {
		return t.fail("set", net.ErrClosed)
	}
	t.writeBy = at
	return t.stream.SetWriteDeadline(at)
}

// SetIdleTimeout makes a read that has to wait for longer than d for the peer fail with
// [os.ErrDeadlineExceeded], and those after it, until it is set again; 0 is no limit. A
// deadline, while there is one, holds instead. It does nothing above a stream that has
// no such method, which those of this package have.
func (t *TLSConn) SetIdleTimeout(d time.Duration) {
	if i, ok := t.stream.(idler); ok {
		i.SetIdleTimeout(d)
	}
}

// An idler can let go a peer that says nothing.
type idler interface{ SetIdleTimeout(d time.Duration) }

// passed tells whether a deadline has come. The stream below knows too, but is not
// asked where there are bytes in a buffer.
func (t *TLSConn) passed(at time.Time) bool {
	return !at.IsZero() && !at.After(asyncio.Now(t.poller.Root()))
}

// fail is an error of this layer as package net would return it.
func (t *TLSConn) fail(op string, err error) error {
	return opError(op, networkName(t.LocalAddr()), t.LocalAddr(), t.RemoteAddr(), err)
}
