package netsim

import (
	"net/netip"
	"syscall"
	"time"

	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/sim/internal/simenv"
)

// An attempt is a connection that is not there yet.
type attempt struct {
	t         *tcp
	to        *Host
	tries     int
	swallowed bool // by a black hole, until that is quiet
	over      bool
	timer     simenv.Timer
	child     *tcp // the other end, once it is there
}

// The times of an attempt, as Linux has them: between the first two packets, doubled
// each time, and how many there are after the first. That is 127 s in all.
const (
	firstConnectRetry = time.Second
	connectRetries    = 6
	// noHostAfter is when it is clear that nobody has an address.
	noHostAfter = 3 * time.Second
)

// connect implements proto.
func (t *tcp) connect(a driver.Addr) error {
	switch {
	case t.state == synSent:
		return syscall.EALREADY
	case t.connecting && t.state == established:
		t.connecting = false
		return nil
	case t.connecting:
		return t.disconnect()
	case t.spoilt:
		return syscall.EINVAL
	case t.state != closed || t.peer != nil:
		return syscall.EISCONN
	}
	to, err := t.destination(a)
	if err != nil {
		return err
	}
	if err := t.source(to.Addr()); err != nil {
		return err
	}
	if t.taken(to) {
		return syscall.EADDRNOTAVAIL
	}
	t.gone, t.err = false, 0
	t.remote, t.state, t.connecting = to, synSent, true
	t.dial = &attempt{t: t, to: t.host.route(to.Addr())}
	t.dial.begin()
	return syscall.EINPROGRESS
}

// disconnect is a Connect that tells of the failure of the one before: a Connect after it
// begins anew.
func (t *tcp) disconnect() error {
	t.connecting, t.noRead, t.noWrite = false, false, false
	if !t.bound {
		t.local = netip.AddrPort{}
	}
	if err := t.fail(); err != nil {
		return err
	}
	return syscall.ECONNABORTED
}

// taken tells that there is this very connection already.
func (t *tcp) taken(to netip.AddrPort) bool {
	for _, o := range t.host.ports[portKey{driver.Stream, t.local.Port()}] {
		if o != &t.socket && o.local == t.local && o.remote == to {
			return true
		}
	}
	return false
}

func (a *attempt) begin() {
	n := a.t.host.net
	if a.to == nil {
		a.timer = n.env.After(noHostAfter, "no such host", func() { a.fail(syscall.EHOSTUNREACH) })
		return
	}
	if a.to != a.t.host {
		if n.strikes(n.faults.Refuse, refusedConnect, a.t.host) {
			a.timer = n.env.After(n.link(a.t.host, a.to).delay(0), "refusal", func() { a.fail(syscall.ECONNREFUSED) })
			return
		}
		a.swallowed = n.strikes(n.faults.BlackHole, blackHoled, a.t.host)
	}
	a.knock()
}

// stop is the end of an attempt that nobody wants any more.
func (a *attempt) stop() {
	a.over = true
	if a.timer != nil {
		a.timer.Stop()
	}
	if a.child != nil && a.child.state == synReceived {
		a.child.forget()
		a.child.die()
	}
}

// fail is the outcome of one that has failed.
func (a *attempt) fail(err syscall.Errno) {
	t := a.t
	if a.over {
		return
	}
	a.stop()
	kind := simenv.Dropped
	if err == syscall.ECONNREFUSED {
		kind = simenv.Refused
	}
	t.host.net.event(kind, t.host, a.to, "connect: "+err.Error(), 0, 0)
	t.dial = nil
	t.peer = nil
	t.reset(err)
}

// knock sends the first packet of a connection.
func (a *attempt) knock() {
	a.leg(a.t.host, a.to, "SYN", a.answer)
}

// leg sends a packet of the handshake, and begins again later where it is lost.
func (a *attempt) leg(from, to *Host, what string, then func()) {
	if a.over {
		return
	}
	n := from.net
	l := n.link(from, to)
	n.weather(l)
	if l.Clogged() {
		l.held = append(l.held, func() { a.leg(from, to, what, then) })
		return
	}
	if a.swallowed || l.drops() {
		n.event(simenv.Dropped, from, to, what, 0, 0)
		a.later()
		return
	}
	n.env.After(l.delay(0), what, func() {
		switch {
		case a.over:
		case !l.open():
			n.event(simenv.Dropped, from, to, what, 0, 0)
			a.later()
		default:
			then()
		}
	})
}

// later knocks again, or gives up.
func (a *attempt) later() {
	n := a.t.host.net
	wait := firstConnectRetry << a.tries
	if a.tries++; a.tries > connectRetries {
		a.timer = n.env.After(wait, "connect timeout", func() { a.fail(syscall.ETIMEDOUT) })
		return
	}
	a.timer = n.env.After(wait, "SYN again", a.knock)
}

// hurry knocks at once.
func (a *attempt) hurry() {
	if a.swallowed = false; a.timer == nil || a.to == nil || a.over || a.tries == 0 {
		return
	}
	a.timer.Stop()
	a.tries = 0
	a.timer = a.t.host.net.env.After(0, "SYN again", a.knock)
}

// answer is the first packet at the other host.
func (a *attempt) answer() {
	t := a.t
	if a.child == nil || a.child.dead() {
		l := a.to.listener(t.remote)
		if l == nil {
			a.leg(a.to, t.host, "refusal", func() { a.fail(syscall.ECONNREFUSED) })
			return
		}
		if a.child = l.child(t); a.child == nil {
			a.later() // no room: the packet is dropped
			return
		}
	}
	a.leg(a.to, t.host, "SYN-ACK", a.establish)
}

// establish is the second packet, back at the host that has begun.
func (a *attempt) establish() {
	t, c := a.t, a.child
	if c.dead() {
		a.fail(syscall.ECONNREFUSED)
		return
	}
	a.over = true
	if a.timer != nil {
		a.timer.Stop()
	}
	t.dial, t.peer, t.state = nil, c, established
	t.send.limit = uint64(c.in)
	t.host.net.event(simenv.Connected, t.host, c.host, t.remote.String(), 0, 0)
	t.send.owed = true
	t.send.push()
	t.notify()
}
