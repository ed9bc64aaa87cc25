package aionet

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/driver"
)

// strict is a resolver that checks what it is asked.
type strict struct{ t *testing.T }

func (s strict) LookupNetIP(_ context.Context, _, name string) ([]netip.Addr, error) {
	if name == "" || len(name) > 253 || strings.ContainsAny(name, "\x00 \t\r\n") {
		s.t.Errorf("asked for %q", name)
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func (s strict) LookupPort(_ context.Context, network, service string) (int, error) {
	return 0, &net.DNSError{Err: "unknown port", Name: network + "/" + service, IsNotFound: true}
}

// Whatever a user takes for an address: it is that of package net or an error, and
// comes back as it went in.
func FuzzAddresses(f *testing.F) {
	for _, a := range []string{
		"", ":80", "127.0.0.1:80", "[::1]:80", "[fe80::1%lo]:80", "[::ffff:1.2.3.4]:1", "localhost:0", "host:65535", "host:65536",
		"host:-1", "0x7f.1:1", "a\x00b:1", "[::1]", "::1:80", "[[::1]]:80", "@abstract", "/tmp/s", "host:http", "1.2.3.4:00080", "%:1",
	} {
		for _, network := range []string{"tcp", "udp6", "unix"} {
			f.Add(network, a)
		}
	}
	f.Fuzz(func(t *testing.T, network, address string) {
		k, err := kindOf(network)
		if err != nil {
			return
		}
		err = asyncio.Run(context.Background(), func(ctx context.Context) error {
			for _, listen := range []bool{false, true} {
				addrs, err := resolve(ctx, strict{t}, network, k, address, listen)
				if (err == nil) != (len(addrs) > 0) {
					t.Errorf("%d addresses and %v", len(addrs), err)
				}
				for _, a := range addrs {
					checkAddr(t, a, network, k)
				}
				agrees(t, network, address, addrs, err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// checkAddr checks that an address survives the way to package net and back.
func checkAddr(t *testing.T, a driver.Addr, network string, k driver.Kind) {
	if k.Family != 0 && familyOf(a) != k.Family {
		t.Errorf("%v is not of the family of %s", a, network)
	}
	back := seamAddr(netAddr(a, network))
	if a.Unix && a.Name == "\x00" || a.Unix && a.Name == "" {
		return // both are "@" to package net
	}
	if back != a {
		t.Errorf("%+v came back as %+v", a, back)
	}
}

// agrees compares an address that is written in numbers with what package net makes of
// it.
func agrees(t *testing.T, network, address string, addrs []driver.Addr, err error) {
	host, _, splitErr := net.SplitHostPort(address)
	if strings.HasPrefix(network, "unix") || splitErr != nil {
		return
	}
	if _, parseErr := netip.ParseAddr(host); parseErr != nil {
		return
	}
	want, wantErr := net.ResolveTCPAddr("tcp"+strings.TrimLeft(network, "tcpud"), address)
	var dns *net.DNSError
	if errors.As(wantErr, &dns) || errors.As(err, &dns) {
		return // a service by name
	}
	switch {
	case (err == nil) != (wantErr == nil):
		t.Errorf("%s %q: %v, package net says %v", network, address, err, wantErr)
	case err == nil && addrs[0].IP != unmapped(want.AddrPort()):
		t.Errorf("%s %q: %v, package net says %v", network, address, addrs[0].IP, want)
	}
}
