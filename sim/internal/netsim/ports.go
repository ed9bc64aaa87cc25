package netsim

import (
	"net/netip"
	"slices"
	"syscall"

	"github.com/goasyncio/asyncio/internal/driver"
)

// portKey is a port of a kind of sockets.
type portKey struct {
	t    driver.Type
	port uint16
}

// The range from which a socket gets a port that has none, as Linux has it.
const (
	firstPort = 32768
	lastPort  = 60999
)

// family checks that a is an address for s, as bind and connect see it.
func (s *socket) family(a driver.Addr) (netip.AddrPort, error) {
	switch ip := a.IP.Addr(); {
	case a.Unix, !ip.IsValid():
		return a.IP, syscall.EINVAL
	case ip.Is6() && s.kind.Family == driver.IPv4:
		return a.IP, syscall.EAFNOSUPPORT
	case ip.Is4() && s.kind.Family == driver.IPv6:
		return a.IP, syscall.EINVAL // it is too short
	default:
		return netip.AddrPortFrom(ip.WithZone(""), a.IP.Port()), nil
	}
}

// bindIP gives s an address. Where that has port 0 s gets one.
func (s *socket) bindIP(a driver.Addr) error {
	at, err := s.family(a)
	if err != nil {
		return err
	}
	ip := at.Addr()
	switch {
	case ip.Is4In6() && s.options.has(driver.V6Only):
		return syscall.EINVAL
	case !s.host.has(ip):
		return syscall.EADDRNOTAVAIL
	case s.bound:
		return syscall.EINVAL
	}
	return s.take(at)
}

// has tells whether a socket of h can have this address.
func (h *Host) has(ip netip.Addr) bool {
	ip = ip.Unmap()
	return ip.IsUnspecified() || ip.IsLoopback() || h.net.addrs[ip] == h
}

// take makes at the local address of s.
func (s *socket) take(at netip.AddrPort) error {
	given := at.Port() == 0
	if given {
		port := s.freePort(at.Addr())
		if port == 0 {
			return syscall.EADDRINUSE
		}
		at = netip.AddrPortFrom(at.Addr(), port)
	} else if s.conflict(at) {
		return syscall.EADDRINUSE
	}
	s.local, s.bound, s.given = at, true, given
	k := portKey{s.kind.Type, at.Port()}
	s.host.ports[k] = append(s.host.ports[k], s)
	return nil
}

// freePort is a port that nobody has, or 0.
func (s *socket) freePort(ip netip.Addr) uint16 {
	h := s.host
	for range lastPort - firstPort + 1 {
		port := h.port
		if h.port++; h.port > lastPort {
			h.port = firstPort
		}
		if len(h.ports[portKey{s.kind.Type, port}]) == 0 {
			return port
		}
	}
	return 0
}

// conflict tells that another socket is in the way of s at this address.
func (s *socket) conflict(at netip.AddrPort) bool {
	for _, o := range s.host.ports[portKey{s.kind.Type, at.Port()}] {
		if o != s && overlap(s, at.Addr(), o, o.local.Addr()) && !share(s, o) {
			return true
		}
	}
	return false
}

// share tells that both have agreed to have the same address.
func share(s, o *socket) bool {
	if s.options.has(driver.ReusePort) && o.options.has(driver.ReusePort) {
		return true
	}
	listens := false
	if t, ok := o.proto.(*tcp); ok {
		listens = t.backlog != nil
	}
	return s.options.has(driver.ReuseAddr) && o.options.has(driver.ReuseAddr) && !listens
}

// overlap tells that a packet could be for both.
func overlap(s *socket, a netip.Addr, o *socket, b netip.Addr) bool {
	return covers(s, a, b) || covers(o, b, a)
}

// covers tells whether s, at the address a, takes what is for ip.
func covers(s *socket, a, ip netip.Addr) bool {
	if a.IsUnspecified() && a.Is6() {
		return ip.Is6() && !ip.Is4In6() || !s.options.has(driver.V6Only)
	}
	a, ip = a.Unmap(), ip.Unmap()
	return a == ip || a.IsUnspecified() && ip.Is4()
}

// release gives the address of s back.
func (s *socket) release() {
	if !s.bound {
		return
	}
	s.bound = false
	k := portKey{s.kind.Type, s.local.Port()}
	list := s.host.ports[k]
	if i := slices.Index(list, s); i >= 0 {
		list = slices.Delete(list, i, i+1)
	}
	if len(list) == 0 {
		delete(s.host.ports, k)
	} else {
		s.host.ports[k] = list
	}
}
