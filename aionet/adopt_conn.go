package aionet

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/internal/inside"
)

// Adopt takes a connection of package net over: c is closed, and what it was connected
// to goes on with the connection that is returned. Options stay as they are, deadlines
// do not. c must be a TCP or a Unix connection itself, not something that wraps one:
// of that, adopt what is below. With an error c stays yours.
//
// It does not wait.
func Adopt(ctx context.Context, c net.Conn) (*Conn, error) {
	p := inside.PollerOf(ctx)
	if p == nil {
		return nil, asyncio.ErrNoLoop
	}
	switch c.(type) {
	case *net.TCPConn, *net.UnixConn:
	default:
		return nil, adoptError(c, fmt.Errorf("a %T is neither a *net.TCPConn nor a *net.UnixConn: %w", c, errors.ErrUnsupported))
	}
	if u, ok := c.LocalAddr().(*net.UnixAddr); ok && u.Net == "unixgram" {
		return nil, adoptError(c, errors.New("it is for packets: use FilePacketConn"))
	}
	system, ok := p.Driver().Network().(driver.System)
	if !ok {
		return nil, adoptError(c, driver.ErrNoDescriptors)
	}
	local, remote := c.LocalAddr(), c.RemoteAddr()
	fd, k, err := system.Take(c)
	if err != nil {
		return nil, adoptError(c, err)
	}
	taken := new(Conn)
	taken.open(p, fd, local.Network(), k)
	taken.local, taken.remote = local, remote
	return taken, nil
}

func adoptError(c net.Conn, err error) error {
	a := c.LocalAddr()
	return &net.OpError{Op: "adopt", Net: a.Network(), Source: a, Addr: c.RemoteAddr(), Err: err}
}

// Pair is two Unix sockets that are connected to each other: to hand one end to a
// child process ([Conn.File]), or for a test. Inside one loop [Pipe] is cheaper.
//
// It does not wait.
func Pair(ctx context.Context) (a, b *Conn, err error) {
	p := inside.PollerOf(ctx)
	if p == nil {
		return nil, nil, asyncio.ErrNoLoop
	}
	system, ok := p.Driver().Network().(driver.System)
	if !ok {
		return nil, nil, driver.ErrNoDescriptors
	}
	x, y, err := system.Pair(driver.Stream)
	if err != nil {
		return nil, nil, wrapCall("socketpair", err)
	}
	k := driver.Kind{Family: driver.Unix, Type: driver.Stream}
	return newConn(p, x, "unix", k, nil), newConn(p, y, "unix", k, nil), nil
}

// File is a duplicate of the descriptor, closed on exec, for a child process or for
// somebody who is not on the loop. Both are the same connection: c goes on, and the
// peer sees its end when both are closed. Descriptors that a process inherits are
// usually expected to block: File.Fd makes it so, for c as well, so close c then.
//
// It does not wait.
func (c *Conn) File() (*os.File, error) { return c.endpoint.duplicate() }

// File is a duplicate of the descriptor; see [Conn.File].
func (c *PacketConn) File() (*os.File, error) { return c.endpoint.duplicate() }

func (e *endpoint) duplicate() (*os.File, error) {
	f, err := e.socket.duplicate(e.network)
	return f, e.fail("file", err)
}

// File is a duplicate of the descriptor; see [Conn.File]. It listens until both are
// closed. Close removes the file of a Unix socket all the same, unless
// [Listener.SetUnlinkOnClose] says not to.
func (l *Listener) File() (*os.File, error) {
	f, err := l.socket.duplicate(l.network)
	return f, l.fail("file", err)
}

// SetUnlinkOnClose tells whether Close removes the file of a Unix socket. It does by
// default where Listen has made the file; of an adopted socket it never does.
func (l *Listener) SetUnlinkOnClose(unlink bool) { l.keepFile = !unlink }

func (s *socket) duplicate(name string) (*os.File, error) {
	system, ok := s.net.(driver.System)
	switch {
	case s.closed:
		return nil, net.ErrClosed
	case !ok:
		return nil, driver.ErrNoDescriptors
	}
	f, err := system.File(s.fd, name)
	return f, wrapCall("fcntl", err)
}
