package aionet

import (
	"context"
	"net"
	"runtime"
	"syscall"
	"time"

	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/internal/inside"
)

// A Listener takes connections on the loop. It is a net.Listener. One task at a time
// can wait in Accept.
type Listener struct {
	socket      socket
	network     string
	kind        driver.Kind
	addr        net.Addr
	keepAlive   net.KeepAliveConfig
	noKeepAlive bool
	file        *socketFile // of a Unix socket
	keepFile    bool
}

func (l *Listener) open(p inside.Poller, fd int) {
	l.socket.open(p, fd, l.kind)
	l.socket.in.what = "a connection"
}

// begun finishes a listener that listens.
func (l *Listener) begun(a driver.Addr) {
	if bound, err := l.socket.net.LocalAddr(l.socket.fd); err == nil {
		l.addr = netAddr(bound, l.network)
	}
	l.file = fileOf(l.socket.net, a)
	if isTCP(l.kind) {
		l.setOptions(l.socket.fd) // Linux hands them down to the connections
	}
}

// Accept is AcceptContext under the context of the calling task.
func (l *Listener) Accept() (net.Conn, error) {
	ctx, err := l.socket.poller.Context()
	if err != nil {
		return nil, l.fail("accept", err)
	}
	return l.AcceptStream(ctx)
}

// AcceptStream is AcceptContext for a [StreamListener].
func (l *Listener) AcceptStream(ctx context.Context) (Stream, error) {
	c, err := l.AcceptContext(ctx)
	if err != nil {
		return nil, err // and no Stream that holds a nil pointer
	}
	return c, nil
}

// AcceptContext waits for the next connection. A cancelled wait has taken none. A
// connection that was given up before it could be accepted is passed over; a lack of
// descriptors or memory is an error, after which the caller should wait a little.
func (l *Listener) AcceptContext(ctx context.Context) (*Conn, error) {
	s := &l.socket
	if err := s.enter(ctx, &s.in); err != nil {
		return nil, l.fail("accept", err)
	}
	for {
		if s.in.ready {
			fd, peer, err := s.net.Accept(s.fd)
			switch err {
			case nil:
				return l.accepted(fd, peer), nil
			case syscall.EAGAIN:
				s.in.ready = false
			case syscall.ECONNABORTED, syscall.EPROTO: // the peer has gone away again
				if err := s.enter(ctx, &s.in); err != nil { // so that a storm of them does not hold the loop
					return nil, l.fail("accept", err)
				}
				continue
			default:
				return nil, l.fail("accept", err)
			}
		}
		if err := s.await(ctx, &s.in); err != nil {
			return nil, l.fail("accept", err)
		}
	}
}

func (l *Listener) accepted(fd int, peer driver.Addr) *Conn {
	c := newConn(l.socket.poller, fd, l.network, l.kind, netAddr(peer, l.network))
	if isTCP(l.kind) && runtime.GOOS != "linux" {
		l.setOptions(fd)
	}
	return c
}

func (l *Listener) setOptions(fd int) {
	setNoDelay(l.socket.net, fd, true)
	if !l.noKeepAlive {
		setKeepAlive(l.socket.net, fd, enabled(l.keepAlive))
	}
}

// Close stops listening; the Accept that waits ends with net.ErrClosed. Connections
// that nobody has accepted are reset by the system. It may be called twice: the
// second time it returns net.ErrClosed.
func (l *Listener) Close() error {
	first, err := l.socket.close()
	if !first {
		return l.fail("close", net.ErrClosed)
	}
	if !l.keepFile {
		l.file.remove()
	}
	return l.fail("close", err)
}

// Addr is the address on which it listens.
func (l *Listener) Addr() net.Addr { return l.addr }

// SetDeadline makes Accept fail with os.ErrDeadlineExceeded from t on.
func (l *Listener) SetDeadline(t time.Time) error {
	if l.socket.closed {
		return l.fail("set", net.ErrClosed)
	}
	l.socket.setDeadline(&l.socket.in, t)
	return nil
}

func (l *Listener) fail(op string, err error) error {
	return opError(op, l.network, nil, l.addr, err)
}
