package aionet

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/internal/inside"
)

// FileConn makes a connection of a duplicate of f: a socket, an end of a pipe, a
// terminal. f stays yours, to be closed by you, but becomes non-blocking, as the
// duplicate is: that is a property of what both of them name. A regular file cannot
// be waited for: read it with asyncio.ToThread.
//
// It does not wait.
func FileConn(ctx context.Context, f *os.File) (*Conn, error) {
	a, err := adopt(ctx, f, driver.Stream, driver.SeqPacket, 0)
	if err != nil {
		return nil, err
	}
	c := new(Conn)
	c.open(a.poller, a.fd, a.network, a.kind)
	c.local, c.remote = a.addr(a.poller.Driver().Network().LocalAddr), a.addr(a.poller.Driver().Network().PeerAddr)
	return c, nil
}

// FileListener makes a listener of a duplicate of f, a socket that listens: one that
// systemd has passed, or that a parent process has. f stays yours. The file of a Unix
// socket is not removed by Close: whoever made it removes it.
func FileListener(ctx context.Context, f *os.File) (*Listener, error) {
	a, err := adopt(ctx, f, driver.Stream, driver.SeqPacket)
	if err != nil {
		return nil, err
	}
	l := &Listener{network: a.network, kind: a.kind}
	l.open(a.poller, a.fd)
	l.begun(driver.Addr{})
	return l, nil
}

// FilePacketConn makes a packet socket of a duplicate of f. f stays yours.
func FilePacketConn(ctx context.Context, f *os.File) (*PacketConn, error) {
	a, err := adopt(ctx, f, driver.Datagram)
	if err != nil {
		return nil, err
	}
	c := newPacketConn(a.poller, a.fd, a.network, a.kind)
	c.local, c.remote = a.addr(a.poller.Driver().Network().LocalAddr), a.addr(a.poller.Driver().Network().PeerAddr)
	return c, nil
}

// adopted is a duplicate of somebody's descriptor.
type adopted struct {
	poller  inside.Poller
	fd      int
	kind    driver.Kind
	network string
	name    string // of the file
}

func adopt(ctx context.Context, f *os.File, types ...driver.Type) (*adopted, error) {
	p := inside.PollerOf(ctx)
	if p == nil {
		return nil, asyncio.ErrNoLoop
	}
	raw, err := f.SyscallConn() // not f.Fd, which would make it blocking
	if err != nil {
		return nil, err
	}
	a := &adopted{poller: p, name: f.Name()}
	var failed error
	err = raw.Control(func(fd uintptr) {
		a.fd, a.kind, failed = p.Driver().Network().Adopt(fd)
	})
	if err = errors.Join(err, failed); err != nil {
		if errors.Is(err, syscall.EPERM) {
			err = fmt.Errorf("%w: a file of a disk cannot be waited for, use asyncio.ToThread", err)
		}
		return nil, &os.PathError{Op: "adopt", Path: f.Name(), Err: err}
	}
	for _, t := range types {
		if t == a.kind.Type {
			a.network = networkOf(a.kind)
			return a, nil
		}
	}
	p.Driver().Network().CloseSocket(a.fd)
	return nil, &os.PathError{Op: "adopt", Path: f.Name(), Err: syscall.EPROTOTYPE}
}

// networkOf is what package net calls a kind of socket; "file" for no socket.
func networkOf(k driver.Kind) string {
	switch {
	case k.Type == 0:
		return "file"
	case k.Family == driver.Unix:
		return map[driver.Type]string{driver.Stream: "unix", driver.Datagram: "unixgram", driver.SeqPacket: "unixpacket"}[k.Type]
	case k.Type == driver.Datagram:
		return "udp"
	}
	return "tcp"
}

// addr is an address of the socket, or the file's name.
func (a *adopted) addr(ask func(fd int) (driver.Addr, error)) net.Addr {
	if a.kind.Type == 0 {
		return fileAddr(a.name)
	}
	found, err := ask(a.fd)
	if err != nil {
		return nil
	}
	return netAddr(found, a.network)
}

// fileAddr is the address of what is no socket: its file's name.
type fileAddr string

func (fileAddr) Network() string  { return "file" }
func (a fileAddr) String() string { return string(a) }
