//go:build (asyncio_portable && !plan9) || !(linux || darwin || freebsd || openbsd || netbsd || dragonfly || plan9)

package driver

import (
	"maps"
	"net"
	"syscall"
	"time"
)

// Options are noted, and given to the system when it knows the socket: some before
// it is bound, through the hook of package net for that, some when it is connected.

// early are the options that count when a socket is bound or begins to connect.
var early = [...]Option{ReuseAddr, ReusePort, Broadcast, V6Only, ReadBuffer, WriteBuffer}

// inherited are the options of an accepted connection: its listener's.
func inherited(values map[Option]int) map[Option]int { return maps.Clone(values) }

// control gives the early options to a new socket of the system.
func (s *socket) control() func(network, address string, c syscall.RawConn) error {
	values := maps.Clone(s.values) // the hook may run on another goroutine
	return func(_, _ string, c syscall.RawConn) error {
		for _, o := range early {
			value, ok := values[o]
			if !ok {
				continue
			}
			if err := setRaw(c, o, value); err != nil {
				return err
			}
		}
		return nil
	}
}

func setRaw(c syscall.RawConn, o Option, value int) (err error) {
	if failed := c.Control(func(fd uintptr) { err = setSystemOption(fd, o, value) }); failed != nil {
		return errnoOf(failed)
	}
	return err
}

// apply gives a new connection the options that were noted. The system's
// connections begin with Nagle's algorithm; those of package net without.
func (s *socket) apply() {
	c, ok := s.conn.(*net.TCPConn)
	if !ok {
		return
	}
	c.SetNoDelay(s.values[NoDelay] != 0)
	if seconds, ok := s.values[Linger]; ok {
		c.SetLinger(seconds)
	}
	s.keepAlive(c)
}

// keepAlive sets what was asked for and leaves the rest to the system.
func (s *socket) keepAlive(c *net.TCPConn) error {
	config := net.KeepAliveConfig{Enable: s.values[KeepAlive] != 0, Idle: -1, Interval: -1, Count: -1}
	if v, ok := s.values[KeepIdle]; ok {
		config.Idle = time.Duration(v) * time.Second
	}
	if v, ok := s.values[KeepInterval]; ok {
		config.Interval = time.Duration(v) * time.Second
	}
	if v, ok := s.values[KeepCount]; ok {
		config.Count = v
	}
	return errnoOf(c.SetKeepAliveConfig(config))
}

// SetOption implements Network.
func (n portableNet) SetOption(fd int, o Option, value int) error {
	return n.with(fd, func(s *socket) error {
		if s.kind.Family == Unix && o <= KeepCount || s.kind.Type == Datagram && o <= KeepCount && o != KeepAlive {
			return syscall.ENOPROTOOPT
		}
		s.values[o] = value
		return s.set(o, value)
	})
}

// set gives an option to a socket that the system knows.
func (s *socket) set(o Option, value int) error {
	if c, ok := s.conn.(*net.TCPConn); ok {
		switch o {
		case NoDelay:
			return errnoOf(c.SetNoDelay(value != 0))
		case Linger:
			return errnoOf(c.SetLinger(value))
		case KeepAlive, KeepIdle, KeepInterval, KeepCount:
			return s.keepAlive(c)
		}
	}
	raw := s.raw()
	if raw == nil || o <= Linger {
		return nil // when it is opened, or inherited by what is accepted
	}
	return setRaw(raw, o, value)
}

// raw is the system's socket, or nil where there is none yet.
func (s *socket) raw() syscall.RawConn {
	var c any = s.conn
	if s.listener != nil {
		c = s.listener.l
	}
	if c, ok := c.(syscall.Conn); ok {
		if raw, err := c.SyscallConn(); err == nil {
			return raw
		}
	}
	return nil
}

// Option implements Network. Sizes are the system's, the rest is what was set.
func (n portableNet) Option(fd int, o Option) (value int, err error) {
	err = n.with(fd, func(s *socket) (err error) {
		value = s.values[o]
		raw := s.raw()
		if raw == nil || o != ReadBuffer && o != WriteBuffer {
			return nil
		}
		failed := raw.Control(func(fd uintptr) { value, err = systemOption(fd, o) })
		if failed != nil {
			return errnoOf(failed)
		}
		return err
	})
	return value, err
}
