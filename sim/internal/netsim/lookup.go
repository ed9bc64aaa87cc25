package netsim

import (
	"net"
	"net/netip"
	"slices"
	"time"
)

// Lookup is the addresses of a name: of a host of this world, of "localhost", or of what
// is an address already. A name that nobody has is a [net.DNSError] that says so. Also
// one that somebody has may not be found, as the faults say.
func (h *Host) Lookup(name string) ([]netip.Addr, error) {
	if ip, err := netip.ParseAddr(name); err == nil {
		return []netip.Addr{ip}, nil
	}
	if name == "localhost" {
		return []netip.Addr{loopback4, loopback6}, nil
	}
	n := h.net
	if n.strikes(n.faults.LookupFail, lookupFailed, h) {
		return nil, &net.DNSError{Err: "server misbehaving", Name: name, IsTemporary: true}
	}
	of := n.names[name]
	if of == nil || len(of.addrs) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return slices.Clone(of.addrs), nil
}

// LookupTime decides how long a Lookup takes. It is for the caller to wait so long.
func (h *Host) LookupTime() time.Duration {
	n := h.net
	if n.strikes(n.faults.LookupSlow, lookupSlow, h) {
		return n.duration(n.faults.LookupFor, usualLookup, lookupSlow)
	}
	return n.link(h, h).delay(0)
}
