package netsim

import (
	"net/netip"
	"syscall"

	"github.com/goasyncio/asyncio/internal/driver"
)

// A backlog is the connections that nobody has accepted.
type backlog struct {
	waiting []*tcp
	first   int
	coming  int // that have begun and are not there yet
	most    int
}

// mostBacklog is what the system allows.
const mostBacklog = 4096

// listen implements proto.
func (t *tcp) listen(n int) error {
	if n < 0 || n > mostBacklog {
		n = mostBacklog
	}
	switch t.state {
	case listening:
		t.backlog.most = n + 1
		return nil
	case closed:
	default:
		return syscall.EINVAL
	}
	if t.peer != nil || t.connecting || t.spoilt {
		return syscall.EINVAL
	}
	if !t.bound {
		if err := t.take(t.orUnspecified(t.local)); err != nil {
			return err
		}
	} else if t.conflict(t.local) {
		return syscall.EADDRINUSE
	}
	t.backlog = &backlog{most: n + 1}
	t.state, t.gone = listening, false
	return nil
}

// listener is who takes a connection to this address, or nil: the one who has named it
// rather than one who takes all, and a choice where several share it.
func (h *Host) listener(at netip.AddrPort) *tcp {
	ip := at.Addr().Unmap()
	var best []*tcp
	rank := 0
	for _, s := range h.ports[portKey{driver.Stream, at.Port()}] {
		t, ok := s.proto.(*tcp)
		if !ok || t.state != listening || !covers(s, s.local.Addr(), ip) {
			continue
		}
		if r := exactness(s); r > rank {
			best, rank = append(best[:0], t), r
		} else if r == rank {
			best = append(best, t)
		}
	}
	if len(best) == 0 {
		return nil
	}
	return best[h.net.env.Draw(len(best), "who of those that share a port")]
}

// exactness is how much a socket has said about its address.
func exactness(s *socket) int {
	switch a := s.local.Addr(); {
	case !a.IsUnspecified():
		return 3
	case a.Is4() || s.options.has(driver.V6Only):
		return 2
	}
	return 1
}

// child is the other end of a connection that a client begins, or nil if there is no
// room for it.
func (t *tcp) child(client *tcp) *tcp {
	b := t.backlog
	if len(b.waiting)-b.first+b.coming >= b.most {
		return nil
	}
	b.coming++
	c := t.host.newTCP()
	c.host, c.kind, c.fd, c.linger = t.host, t.kind, -1, t.linger
	c.options = t.options
	c.in, c.out = t.in, t.out
	c.local = likeOf(t.kind, client.remote)
	c.remote = likeOf(t.kind, client.local)
	c.peer, c.state = client, synReceived
	c.dial = &attempt{t: t} // whose it is, until it is accepted
	c.send.limit = uint64(client.in)
	return c
}

// likeOf is an address as a socket of this kind writes it.
func likeOf(k driver.Kind, a netip.AddrPort) netip.AddrPort {
	ip := a.Addr().Unmap()
	if k.Family == driver.IPv6 {
		ip = netip.AddrFrom16(ip.As16())
	}
	return netip.AddrPortFrom(ip, a.Port())
}

// enter makes a connection one that can be accepted. It is false where its listener
// has gone.
func (c *tcp) enter() bool {
	l := c.dial.t
	if l.state != listening {
		c.sendReset()
		c.die()
		return false
	}
	c.forget()
	c.state = established
	l.backlog.waiting = append(l.backlog.waiting, c)
	l.notify()
	return true
}

// forget ends what binds a new connection to its listener.
func (c *tcp) forget() {
	if c.dial != nil && c.dial.t.backlog != nil {
		c.dial.t.backlog.coming--
	}
	c.dial = nil
}

// accept implements proto.
func (t *tcp) accept() (*socket, driver.Addr, error) {
	if t.state != listening {
		return nil, driver.Addr{}, syscall.EINVAL
	}
	b, n := t.backlog, t.host.net
	if b.first == len(b.waiting) {
		return nil, driver.Addr{}, syscall.EAGAIN
	}
	if n.strikes(n.faults.NoDescriptor, noDescriptor, t.host) {
		t.notify()
		return nil, driver.Addr{}, syscall.EMFILE
	}
	c := b.waiting[b.first]
	b.waiting[b.first] = nil
	if b.first++; b.first == len(b.waiting) {
		b.waiting, b.first = b.waiting[:0], 0
	}
	if n.strikes(n.faults.Aborted, aborted, t.host) {
		c.abort()
		t.notify()
		return nil, driver.Addr{}, syscall.ECONNABORTED
	}
	c.bound, c.given = true, true
	k := portKey{driver.Stream, c.local.Port()}
	t.host.ports[k] = append(t.host.ports[k], &c.socket)
	return &c.socket, ipAddr(c.remote), nil
}

// abort ends a connection with a reset.
func (t *tcp) abort() {
	if !t.dead() {
		t.sendReset()
		t.die()
	}
}

// closeBacklog ends the connections that nobody has accepted.
func (t *tcp) closeBacklog() {
	b := t.backlog
	for _, c := range b.waiting[b.first:] {
		c.orphan = true
		c.abort()
		c.dropComing()
	}
	b.waiting = nil
}
