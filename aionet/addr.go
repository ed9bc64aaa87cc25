package aionet

import (
	"net"
	"net/netip"
	"runtime"
	"strings"

	"github.com/goasyncio/asyncio/internal/driver"
)

// kindOf is what a network is called in package net, as sockets have it. Family is 0
// where the address decides.
func kindOf(network string) (driver.Kind, error) {
	switch network {
	case "tcp":
		return driver.Kind{Type: driver.Stream}, nil
	case "tcp4":
		return driver.Kind{Family: driver.IPv4, Type: driver.Stream}, nil
	case "tcp6":
		return driver.Kind{Family: driver.IPv6, Type: driver.Stream}, nil
	case "udp":
		return driver.Kind{Type: driver.Datagram}, nil
	case "udp4":
		return driver.Kind{Family: driver.IPv4, Type: driver.Datagram}, nil
	case "udp6":
		return driver.Kind{Family: driver.IPv6, Type: driver.Datagram}, nil
	case "unix":
		return driver.Kind{Family: driver.Unix, Type: driver.Stream}, nil
	case "unixgram":
		return driver.Kind{Family: driver.Unix, Type: driver.Datagram}, nil
	case "unixpacket":
		return driver.Kind{Family: driver.Unix, Type: driver.SeqPacket}, nil
	}
	return driver.Kind{}, net.UnknownNetworkError(network)
}

func isTCP(k driver.Kind) bool {
	return k.Type == driver.Stream && (k.Family == driver.IPv4 || k.Family == driver.IPv6)
}

// netAddr is a as package net has it.
func netAddr(a driver.Addr, network string) net.Addr {
	switch {
	case strings.HasPrefix(network, "unix"):
		name := a.Name
		if strings.HasPrefix(name, "\x00") {
			name = "@" + name[1:]
		}
		if name == "" && runtime.GOOS == "linux" {
			name = "@" // so does package net show one without a name
		}
		return &net.UnixAddr{Name: name, Net: network}
	case !a.IP.IsValid():
		return nil
	case strings.HasPrefix(network, "udp"):
		return net.UDPAddrFromAddrPort(unmapped(a.IP))
	}
	return net.TCPAddrFromAddrPort(unmapped(a.IP))
}

// unmapped shows the IPv4 address in one that a socket for both families has given,
// or that a net.IP keeps in 16 bytes.
func unmapped(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

// seamAddr is a as the driver has it; the zero Addr for one that it does not know.
func seamAddr(a net.Addr) driver.Addr {
	switch a := a.(type) {
	case *net.TCPAddr:
		return driver.Addr{IP: unmapped(a.AddrPort())}
	case *net.UDPAddr:
		return driver.Addr{IP: unmapped(a.AddrPort())}
	case *net.UnixAddr:
		return unixAddr(a.Name)
	}
	return driver.Addr{}
}

// unixAddr is the name of a Unix socket; "@" begins an abstract one, as in package net.
func unixAddr(name string) driver.Addr {
	if strings.HasPrefix(name, "@") {
		name = "\x00" + name[1:]
	}
	return driver.Addr{Name: name, Unix: true}
}

// familyOf is the family of sockets for a.
func familyOf(a driver.Addr) driver.Family {
	switch {
	case a.Unix:
		return driver.Unix
	case a.IP.Addr().Unmap().Is4():
		return driver.IPv4
	}
	return driver.IPv6
}
