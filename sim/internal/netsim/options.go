package netsim

import (
	"syscall"

	"github.com/goasyncio/asyncio/internal/driver"
)

// options are those settings of a socket that are on or off, and the times of its
// keep-alive.
type options struct {
	on                    uint16
	idle, interval, count uint16 // 0 is the usual value
}

func (o *options) has(which driver.Option) bool { return o.on&(1<<which) != 0 }

func (o *options) set(which driver.Option, on bool) {
	o.on &^= 1 << which
	if on {
		o.on |= 1 << which
	}
}

// What Linux has where nobody has said anything: seconds, and a number.
const (
	usualIdle     = 7200
	usualInterval = 75
	usualCount    = 9
)

// The sizes of buffers, in bytes as options tell them. The least is what Linux gives to
// somebody who asks for less.
const (
	streamIn  = 128 << 10
	streamOut = 64 << 10
	packetIn  = 208 << 10
	packetOut = 208 << 10
	leastIn   = 2304
	leastOut  = 4608
	mostOwn   = 416 << 10
)

// size gives a new socket its buffers.
func (s *socket) size() {
	n := s.host.net
	switch {
	case s.kind.Type != driver.Stream:
		s.in, s.out = packetIn, packetOut
	case n.strikes(n.faults.SmallBuffers, smallBuffers, s.host):
		s.in = 2048 >> n.env.Draw(8, faultNames[smallBuffers])
		s.out = 2048 >> n.env.Draw(8, faultNames[smallBuffers])
	default:
		s.in, s.out = streamIn, streamOut
	}
}

// widen takes back that a listener has small buffers, which those that it accepts inherit.
func (s *socket) widen() {
	if t, ok := s.proto.(*tcp); ok && t.state == listening && (s.in < leastIn || s.out < leastOut) {
		s.in, s.out = streamIn, streamOut
	}
}

// SetOption implements [driver.Network].
func (h *Host) SetOption(fd int, o driver.Option, value int) error {
	s := h.socket(fd)
	switch {
	case s == nil:
		return syscall.EBADF
	case !s.knows(o):
		return s.unknown(syscall.ENOPROTOOPT)
	}
	switch o {
	case driver.Linger:
		s.linger = value
	case driver.ReadBuffer:
		s.in = max(2*min(value, mostOwn/2), leastIn)
	case driver.WriteBuffer:
		s.out = max(2*min(value, mostOwn/2), leastOut)
	case driver.KeepIdle:
		return setTime(&s.options.idle, value, 32767)
	case driver.KeepInterval:
		return setTime(&s.options.interval, value, 32767)
	case driver.KeepCount:
		return setTime(&s.options.count, value, 127)
	case driver.V6Only:
		if s.bound {
			return syscall.EINVAL
		}
		s.options.set(o, value != 0)
	default:
		s.options.set(o, value != 0)
		if t, ok := s.proto.(*tcp); ok && o == driver.KeepAlive {
			t.suspect()
		}
	}
	return nil
}

func setTime(at *uint16, value, most int) error {
	if value < 1 || value > most {
		return syscall.EINVAL
	}
	*at = uint16(value)
	return nil
}

// knows tells whether a socket of this kind has the option.
func (s *socket) knows(o driver.Option) bool {
	ip := s.kind.Family != driver.Unix
	switch o {
	case driver.NoDelay, driver.KeepIdle, driver.KeepInterval, driver.KeepCount:
		return ip && s.kind.Type == driver.Stream
	case driver.V6Only:
		return s.kind.Family == driver.IPv6
	case driver.ReusePort:
		return ip
	}
	return o < driver.V6Only
}

// unknown is the error of an option that a socket has not. IPv4 has its own.
func (s *socket) unknown(four syscall.Errno) error {
	switch s.kind.Family {
	case driver.Unix:
		return syscall.EOPNOTSUPP
	case driver.IPv4:
		return four
	}
	return syscall.ENOPROTOOPT
}

// Option implements [driver.Network].
func (h *Host) Option(fd int, o driver.Option) (int, error) {
	s := h.socket(fd)
	switch {
	case s == nil:
		return 0, syscall.EBADF
	case o == driver.Linger:
		return 0, syscall.ENOPROTOOPT
	case o == driver.ReusePort:
	case !s.knows(o):
		return 0, s.unknown(syscall.EOPNOTSUPP)
	}
	switch o {
	case driver.ReadBuffer:
		return s.in, nil
	case driver.WriteBuffer:
		return s.out, nil
	case driver.KeepIdle:
		return orUsual(s.options.idle, usualIdle), nil
	case driver.KeepInterval:
		return orUsual(s.options.interval, usualInterval), nil
	case driver.KeepCount:
		return orUsual(s.options.count, usualCount), nil
	}
	if s.options.has(o) {
		return 1, nil
	}
	return 0, nil
}

func orUsual(v uint16, usual int) int {
	if v != 0 {
		return int(v)
	}
	return usual
}
