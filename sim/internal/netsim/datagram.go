package netsim

import (
	"net/netip"
	"syscall"

	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/sim/internal/simenv"
)

// route puts a datagram on its way, to all hosts if that is what the address says.
func (u *udp) route(p []byte, from, to netip.AddrPort) {
	n := u.host.net
	if to.Addr() == broadcast {
		for _, h := range n.hosts {
			if src := u.host.sourceFor(broadcast); h != u.host && src.IsValid() {
				u.post(h, p, netip.AddrPortFrom(src, from.Port()), to)
			}
		}
		return
	}
	if h := u.host.route(to.Addr()); h != nil {
		u.post(h, p, from, to)
	}
}

// A flight is a datagram on its way.
type flight struct {
	sender   *udp
	link     *Link
	data     []byte
	from, to netip.AddrPort
	id       uint64
}

// post sends one datagram to one host, or two if it is doubled.
func (u *udp) post(h *Host, p []byte, from, to netip.AddrPort) {
	n := u.host.net
	l := n.link(u.host, h)
	n.weather(l)
	n.packet++
	f := flight{sender: u, link: l, from: from, to: to, id: n.packet}
	n.event(simenv.Sent, u.host, h, "datagram", f.id, len(p))
	copies := 1
	if l.from != l.to && n.strikes(n.faults.Duplicate, duplicated, u.host) {
		copies = 2
	}
	for range copies {
		f.data = append(n.pool.get(max(len(p), 1)), p...)
		f.leave()
	}
}

// leave puts a datagram on its link.
func (f flight) leave() {
	l := f.link
	if l.Clogged() {
		l.held = append(l.held, f.leave)
		return
	}
	if l.drops() {
		f.lost()
		return
	}
	n := l.net
	d := l.delay(len(f.data))
	if l.from != l.to && n.strikes(n.faults.Reorder, reordered, l.from) {
		d += n.duration(n.faults.Late, usualLate, reordered)
	}
	n.env.After(d, "datagram", f.arrive)
}

func (f flight) lost() {
	l := f.link
	l.net.event(simenv.Dropped, l.from, l.to, "datagram", f.id, len(f.data))
	l.net.pool.put(f.data)
}

// arrive gives a datagram to the socket for which it is. Where there is none the sender
// is told, if he has said that this is his peer.
func (f flight) arrive() {
	l := f.link
	if !l.open() {
		f.lost()
		return
	}
	l.net.event(simenv.Delivered, l.from, l.to, "datagram", f.id, len(f.data))
	u := l.to.receiver(f.from, f.to)
	switch {
	case u != nil:
		u.receive(f)
	case f.to.Addr() != broadcast:
		f.unreachable()
	}
}

func (u *udp) receive(f flight) {
	if u.inbox.size+each+len(f.data) > u.in {
		f.lost()
		return
	}
	u.inbox.add(datagram{data: f.data, from: ipAddr(likeOf(u.kind, f.from))})
	u.notify()
}

// unreachable tells the sender that nobody is there.
func (f flight) unreachable() {
	l := f.link
	back := l.net.link(l.to, l.from)
	l.net.pool.put(f.data)
	if back.Clogged() || back.drops() {
		return
	}
	u := f.sender
	l.net.env.After(back.delay(0), "port unreachable", func() {
		if back.open() && u.fd >= 0 && u.remote == f.to {
			u.err = syscall.ECONNREFUSED
			u.notify()
		}
	})
}

// receiver is the socket for a datagram, or nil: the one whose peer has sent it rather
// than one that takes all, and a choice where several share the address.
func (h *Host) receiver(from, to netip.AddrPort) *udp {
	var best []*udp
	rank := 0
	for _, s := range h.ports[portKey{driver.Datagram, to.Port()}] {
		u, ok := s.proto.(*udp)
		if !ok {
			continue
		}
		r := u.rank(from, to.Addr())
		if r > rank {
			best, rank = append(best[:0], u), r
		} else if r == rank && r > 0 {
			best = append(best, u)
		}
	}
	if len(best) == 0 {
		return nil
	}
	return best[h.net.env.Draw(len(best), "who of those that share a port")]
}

// rank is how much a datagram is for u; 0 is not at all.
func (u *udp) rank(from netip.AddrPort, to netip.Addr) int {
	own := u.local.Addr()
	if to == broadcast {
		if !own.IsUnspecified() || u.remote.IsValid() || !covers(&u.socket, own, loopback4) {
			return 0
		}
		return 1
	}
	if !covers(&u.socket, own, to.Unmap()) {
		return 0
	}
	r := exactness(&u.socket)
	if u.remote.IsValid() {
		if u.remote.Port() != from.Port() || u.remote.Addr().Unmap() != from.Addr().Unmap() {
			return 0
		}
		r += 4
	}
	return r
}
