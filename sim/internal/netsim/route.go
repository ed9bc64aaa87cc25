package netsim

import (
	"net/netip"
	"syscall"

	"github.com/goasyncio/asyncio/internal/driver"
)

var (
	loopback4 = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	loopback6 = netip.IPv6Loopback()
)

// route is the host that has an address, or nil.
func (h *Host) route(ip netip.Addr) *Host {
	if ip = ip.Unmap(); ip.IsLoopback() {
		return h
	}
	return h.net.addrs[ip]
}

// destination is where a packet for a goes: the machine itself where that says nothing.
func (s *socket) destination(a driver.Addr) (netip.AddrPort, error) {
	to, err := s.family(a)
	if err != nil {
		return to, err
	}
	ip := to.Addr()
	switch {
	case ip.Is4In6() && s.options.has(driver.V6Only), ip.Unmap().IsMulticast():
		return to, syscall.ENETUNREACH
	case ip == netip.IPv4Unspecified():
		ip = loopback4
	case ip == netip.IPv6Unspecified():
		ip = loopback6
	}
	return netip.AddrPortFrom(ip, to.Port()), nil
}

// source gives s the local address from which it reaches ip, and a port.
func (s *socket) source(ip netip.Addr) error {
	own := s.local.Addr()
	if !s.bound || own.IsUnspecified() {
		if own = s.host.sourceFor(ip); !own.IsValid() {
			return syscall.ENETUNREACH
		}
	} else if own.Unmap().Is4() != ip.Unmap().Is4() {
		return syscall.ENETUNREACH
	} else if own.Unmap().IsLoopback() && s.host.route(ip) != s.host {
		return syscall.EINVAL
	}
	if s.bound {
		s.local = netip.AddrPortFrom(own, s.local.Port())
		return nil
	}
	if s.take(netip.AddrPortFrom(own, 0)) != nil {
		return syscall.EADDRNOTAVAIL
	}
	return nil
}

// sourceFor is the address of h from which it reaches ip, written as ip is.
func (h *Host) sourceFor(ip netip.Addr) netip.Addr {
	to, mapped := ip.Unmap(), ip.Is4In6()
	var own netip.Addr
	switch {
	case to.IsLoopback() && to.Is4():
		own = loopback4
	case to.IsLoopback():
		own = loopback6
	case h.net.addrs[to] == h:
		own = to
	default:
		for _, a := range h.addrs {
			if a.Is4() == to.Is4() {
				own = a
				break
			}
		}
	}
	if mapped && own.IsValid() {
		return netip.AddrFrom16(own.As16())
	}
	return own
}
