// Package netsim is the network of a simulated world, at the level of the calls that a
// program makes of its sockets. What they return is what Linux returns.
//
// A connection is two flows of bytes, one for each direction. The bytes of a flow are in
// one place, from the write to the read, and packets are but positions in it: so nothing
// can be lost, doubled or put in another order by mistake. What goes wrong shows as it
// does to a program over TCP: as time that passes, and as a reset or a timeout.
//
// All of it belongs to the world in whose step it is called. It has no goroutines, no
// locks and no clock: time, decisions and calls to come are those of [simenv.Env].
package netsim

import (
	"net/netip"
	"slices"

	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/sim/internal/simenv"
)

// A Net is hosts and the links between them.
type Net struct {
	env    simenv.Env
	faults Faults
	hosts  []*Host // in the order of their making
	names  map[string]*Host
	addrs  map[netip.Addr]*Host
	links  map[[2]*Host]*Link
	made   []*Link // in the order of their making
	pool   pool
	counts [len(faultNames)]uint64
	packet uint64
	split  split
	stops  int // of hosts that are being swizzled
}

// New makes a network without hosts.
func New(env simenv.Env) *Net {
	return &Net{
		env: env, names: map[string]*Host{}, addrs: map[netip.Addr]*Host{},
		links: map[[2]*Host]*Link{},
	}
}

// Host makes a host with its addresses. Loopback is there besides. A name or an address
// that is taken is a mistake of the caller, and panics.
func (n *Net) Host(name string, addrs ...netip.Addr) *Host {
	if n.names[name] != nil {
		panic("netsim: there are two hosts of the name " + name)
	}
	h := &Host{net: n, name: name, addrs: slices.Clone(addrs), ports: map[portKey][]*socket{}, files: map[string]*local{}, port: firstPort}
	h.loop = &Link{net: n, from: h, to: h}
	for _, a := range addrs {
		if n.addrs[a] != nil {
			panic("netsim: " + name + " and " + n.addrs[a].name + " have the same address " + a.String())
		}
		n.addrs[a] = h
	}
	n.names[name] = h
	n.hosts = append(n.hosts, h)
	return h
}

// Link is the way from one host to another, for packets in that direction. It is nil
// where a host is not known. The way of a host to itself never fails.
func (n *Net) Link(from, to string) *Link {
	a, b := n.names[from], n.names[to]
	if a == nil || b == nil {
		return nil
	}
	return n.link(a, b)
}

func (n *Net) link(from, to *Host) *Link {
	if from == to {
		return from.loop
	}
	key := [2]*Host{from, to}
	l := n.links[key]
	if l == nil {
		l = &Link{net: n, from: from, to: to}
		n.links[key] = l
		n.made = append(n.made, l)
	}
	return l
}

// Quiet ends all that goes wrong: no fault strikes any more, all links are healed, what
// a clog has held goes on, and what waits to be sent again is sent at once. Connections
// that are broken stay broken, and hosts that are down stay down. Listeners with small
// buffers get usual ones, or what they accept would have small ones for ever.
func (n *Net) Quiet() {
	n.faults = quiet(&n.faults)
	n.unite()
	for _, h := range n.hosts {
		h.release()
	}
	for _, l := range n.made {
		l.Heal()
	}
	for _, h := range n.hosts {
		for _, s := range h.table {
			if s != nil {
				s.hurry()
				s.widen()
			}
		}
	}
}

// event tells of something between two hosts.
func (n *Net) event(k simenv.Kind, from, to *Host, what string, id uint64, size int) {
	if !n.env.Recording() {
		return
	}
	e := simenv.Event{Kind: k, Host: from.name, What: what, ID: id, Size: size}
	if to != nil {
		e.Peer = to.name
	}
	n.env.Event(e)
}

func (n *Net) now() driver.Instant { return n.env.Now() }
