package aionet

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/internal/inside"
)

// A ListenConfig listens. The zero value is ready.
type ListenConfig struct {
	// Backlog is how many connections the system keeps that nobody has accepted; 0
	// is the most that it allows.
	Backlog int
	// ReusePort lets several listeners share the address; each connection goes to
	// one of them.
	ReusePort bool
	// KeepAliveConfig is for accepted TCP connections; the zero value is on.
	KeepAliveConfig net.KeepAliveConfig
	// NoKeepAlive turns keep-alives off.
	NoKeepAlive bool
	// Resolver finds names; nil is Go's own.
	Resolver Resolver
	// Control is called with the descriptor before it is bound.
	Control func(network, address string, c syscall.RawConn) error
}

// Listen listens on an address, as net.Listen does: tcp, tcp4, tcp6, unix,
// unixpacket. It waits only if the address has a name. For packets there is
// [ListenPacket].
func Listen(ctx context.Context, network, address string) (*Listener, error) {
	return new(ListenConfig).Listen(ctx, network, address)
}

// Listen listens; see the function of the same name.
func (lc *ListenConfig) Listen(ctx context.Context, network, address string) (*Listener, error) {
	p := inside.PollerOf(ctx)
	if p == nil {
		return nil, asyncio.ErrNoLoop
	}
	k, err := kindOf(network)
	if err == nil && k.Type == driver.Datagram {
		err = errors.New(network + " is for packets: use ListenPacket")
	}
	var addrs []driver.Addr
	if err == nil {
		addrs, err = resolve(ctx, lc.resolver(), network, k, address, true)
	}
	if err != nil {
		return nil, opError("listen", network, nil, nil, err)
	}
	for _, a := range firstChoice(addrs) {
		var l *Listener
		if l, err = lc.listen(p, network, k.Type, a); err == nil {
			return l, nil
		}
		err = opError("listen", network, nil, netAddr(a, network), err)
	}
	return nil, err
}

// firstChoice is the addresses that a listener may take. Where a name has several it
// is the first of IPv4, as in package net. Every address of the machine is that of
// IPv6, which takes IPv4 as well, and that of IPv4 where there is no IPv6.
func firstChoice(addrs []driver.Addr) []driver.Addr {
	if addrs[0].IP.Addr().IsUnspecified() {
		return addrs
	}
	for _, a := range addrs {
		if familyOf(a) == driver.IPv4 {
			return []driver.Addr{a}
		}
	}
	return addrs[:1]
}

func (lc *ListenConfig) resolver() Resolver {
	if lc.Resolver != nil {
		return lc.Resolver
	}
	return defaultResolver
}

// maxBacklog is cut by the system to what it allows.
const maxBacklog = 1<<16 - 1

func (lc *ListenConfig) listen(p inside.Poller, network string, t driver.Type, a driver.Addr) (*Listener, error) {
	k := driver.Kind{Family: familyOf(a), Type: t}
	fd, err := p.Driver().Network().Socket(k)
	if err != nil {
		return nil, wrapCall("socket", err)
	}
	l := &Listener{network: network, kind: k, keepAlive: lc.KeepAliveConfig, noKeepAlive: lc.NoKeepAlive}
	l.open(p, fd)
	listens := false
	defer func() { // also where Control panics
		if !listens {
			l.socket.close()
			l.file.remove()
		}
	}()
	before := fileOf(l.socket.net, a)
	err = lc.bind(&l.socket, k, network, a, bothFamilies(network, a))
	if err == nil {
		if before == nil { // else it may be another's still: the portable driver binds when it listens
			l.file = fileOf(l.socket.net, a)
		}
		backlog := lc.Backlog
		if backlog <= 0 {
			backlog = maxBacklog
		}
		err = l.socket.net.Listen(fd, backlog)
		if err == syscall.EADDRINUSE && a.Unix && removeStale(&l.socket, a) {
			err = l.socket.net.Listen(fd, backlog)
		}
		err = wrapCall("listen", err)
	}
	if err != nil {
		return nil, err
	}
	listens = true
	l.begun(a)
	return l, nil
}

// bothFamilies tells that a socket for a takes IPv4 as well as IPv6.
func bothFamilies(network string, a driver.Addr) bool {
	return !strings.HasSuffix(network, "6") && a.IP.Addr() == netip.IPv6Unspecified()
}

// bind sets what must be set before, and binds.
func (lc *ListenConfig) bind(s *socket, k driver.Kind, network string, a driver.Addr, both bool) error {
	set := func(o driver.Option, on bool) error {
		if on {
			return wrapCall("setsockopt", s.net.SetOption(s.fd, o, 1))
		}
		return nil
	}
	ip := k.Family != driver.Unix
	err := errors.Join(set(driver.ReuseAddr, ip && k.Type == driver.Stream), set(driver.ReusePort, ip && lc.ReusePort), set(driver.V6Only, k.Family == driver.IPv6 && !both))
	if err == nil && both {
		err = wrapCall("setsockopt", s.net.SetOption(s.fd, driver.V6Only, 0))
	}
	if err == nil && lc.Control != nil {
		err = lc.Control(network, netAddr(a, network).String(), &rawConn{s})
	}
	if err != nil {
		return err
	}
	err = s.net.Bind(s.fd, a)
	if err == syscall.EADDRINUSE && a.Unix && removeStale(s, a) {
		err = s.net.Bind(s.fd, a)
	}
	return wrapCall("bind", err)
}

// removeStale removes the file of a Unix socket on which nobody listens any more. A
// live one, and a file of another kind, are left alone.
func removeStale(s *socket, a driver.Addr) bool {
	if !namesAreFiles(s.net) {
		return false
	}
	info, err := os.Lstat(a.Name)
	if err != nil || info.Mode()&fs.ModeSocket == 0 {
		return false
	}
	probe, err := s.net.Socket(driver.Kind{Family: driver.Unix, Type: driver.Stream})
	if err != nil {
		return false
	}
	defer s.net.CloseSocket(probe)
	err = s.net.Connect(probe, a)
	if err == syscall.EINPROGRESS { // the portable driver cannot tell at once
		err = dialOnce(a.Name)
	}
	return errors.Is(err, syscall.ECONNREFUSED) && os.Remove(a.Name) == nil
}

// dialOnce holds the loop, but only where a listener lives that does not accept, and
// then for a moment.
func dialOnce(path string) error {
	c, err := net.DialTimeout("unix", path, 20*time.Millisecond)
	if err == nil {
		c.Close()
	}
	return err
}
