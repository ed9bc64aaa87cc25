package aionet

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/internal/inside"
)

// A Resolver finds the addresses of a name. [net.Resolver] is one. It is called on a
// goroutine of its own, off the loop.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
	LookupPort(ctx context.Context, network, service string) (int, error)
}

// defaultResolver is Go's own: the system's would hold a thread for each look-up and
// cannot be cancelled.
var defaultResolver Resolver = &net.Resolver{PreferGo: true}

// maxLookups bounds the look-ups under way on a loop, apart from ToThread's other
// work, so that neither starves the other.
const maxLookups = 64

type lookupKey struct{}

func lookupLimiter(ctx context.Context) *asyncio.CapacityLimiter {
	return inside.PollerOf(ctx).Local(lookupKey{}, func() any {
		return asyncio.NewCapacityLimiter(maxLookups)
	}).(*asyncio.CapacityLimiter)
}

var errMissingAddress = errors.New("missing address")

// resolve is the addresses that address means on network, in the order in which they
// are to be tried, before they are sorted by family. An empty host is every
// address for a listener and this machine for a dialer.
func resolve(ctx context.Context, r Resolver, network string, k driver.Kind, address string, listen bool) ([]driver.Addr, error) {
	if address == "" && !listen {
		return nil, errMissingAddress
	}
	if k.Family == driver.Unix {
		return []driver.Addr{unixAddr(address)}, nil
	}
	var host, service string
	if address != "" {
		var err error
		if host, service, err = net.SplitHostPort(address); err != nil {
			return nil, err
		}
	}
	port, err := lookupPort(ctx, r, network, service)
	if err != nil {
		return nil, err
	}
	ips, err := lookupHost(ctx, r, k.Family, host, listen)
	if err != nil {
		return nil, err
	}
	var addrs []driver.Addr
	for _, ip := range ips {
		a := driver.Addr{IP: netip.AddrPortFrom(ip, uint16(port))}
		if ip.IsValid() && (k.Family == 0 || familyOf(a) == k.Family) {
			addrs = append(addrs, a)
		}
	}
	if len(addrs) == 0 {
		return nil, &net.AddrError{Err: "no suitable address found", Addr: host}
	}
	return addrs, nil
}

// lookupPort is the number of a port or service. Numbers and the services that Go
// knows itself need no look-up off the loop, but a file may have to be read.
func lookupPort(ctx context.Context, r Resolver, network, service string) (int, error) {
	if service == "" {
		return 0, nil
	}
	if isNumber(service) {
		return net.LookupPort(network, service)
	}
	return asyncio.ToThread(ctx, func(ctx context.Context) (int, error) {
		return r.LookupPort(ctx, network, service)
	}, asyncio.ThreadLimiter(lookupLimiter(ctx)))
}

func isNumber(s string) bool { return strings.Trim(s, "0123456789") == "" }

// lookupHost is the addresses of host. An address needs no look-up.
func lookupHost(ctx context.Context, r Resolver, f driver.Family, host string, listen bool) (ips []netip.Addr, err error) {
	if host == "" {
		return unspecified(f, listen), nil
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{ip.Unmap().WithZone(ip.Zone())}, nil
	}
	if err := checkName(host); err != nil {
		return nil, err
	}
	network := map[driver.Family]string{0: "ip", driver.IPv4: "ip4", driver.IPv6: "ip6"}[f]
	trace := tracingOf(ctx)
	trace.lookupStart(host)
	defer func() { trace.lookupDone(ips, err) }()
	if names, ok := inside.PollerOf(ctx).Driver().Network().(driver.Names); ok && r == defaultResolver {
		if err := asyncio.Sleep(ctx, names.LookupTime()); err != nil {
			return nil, err
		}
		return names.Lookup(host)
	}
	return asyncio.ToThread(ctx, func(ctx context.Context) ([]netip.Addr, error) {
		found, err := r.LookupNetIP(trace.hushed(ctx), network, host)
		ips := make([]netip.Addr, 0, len(found)) // found may be the resolver's own
		for _, ip := range found {
			ips = append(ips, ip.Unmap().WithZone(ip.Zone()))
		}
		return ips, err
	}, asyncio.ThreadLimiter(lookupLimiter(ctx)))
}

// unspecified is what an empty host means: for a listener every address of the
// machine, for a dialer this machine itself.
func unspecified(f driver.Family, listen bool) []netip.Addr {
	switch {
	case listen && f == driver.IPv4:
		return []netip.Addr{netip.IPv4Unspecified()}
	case listen:
		return []netip.Addr{netip.IPv6Unspecified(), netip.IPv4Unspecified()}
	case f == driver.IPv6:
		return []netip.Addr{netip.IPv6Loopback()}
	}
	return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}
}

// checkName refuses names that no resolver may see: what C takes for the end of a
// string, and what is longer than a name can be, would be cut to another name.
func checkName(host string) error {
	if len(host) > 253 || strings.ContainsAny(host, "\x00 \t\r\n") {
		return &net.DNSError{Err: "not a host name", Name: clip(host), IsNotFound: true}
	}
	return nil
}

func clip(s string) string {
	if len(s) > 64 {
		return s[:64] + "…"
	}
	return s
}
