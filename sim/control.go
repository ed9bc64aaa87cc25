package sim

import (
	"fmt"
	"math/rand/v2"

	"github.com/goasyncio/asyncio/sim/internal/netsim"
	"github.com/goasyncio/asyncio/sim/internal/simenv"
)

// Mortal says that the faults of hosts may strike this one: it loses power, is killed, or
// stands still, at any wait, and starts again after a while; its clocks go wrong. The
// others only fail where the test says so.
func Mortal() HostOption { return func(h *Host) { h.mortal = true } }

// Crash takes the power of a host away, wherever its program is: its memory is gone, its
// connections are, and its disk keeps what was synced. Deferred functions of its tasks
// run, but reach nothing outside. It does nothing to a host that is off.
func (w *World) Crash(h *Host) {
	if h.ends("crash") {
		h.network().Crash()
		h.disk.Crash()
		h.die()
	}
}

// Kill ends the program of a host as kill -9 does: its system goes on, so that peers hear
// of it at once, and its disk loses nothing.
func (w *World) Kill(h *Host) {
	if h.ends("kill") {
		h.network().Kill()
		h.disk.Kill()
		h.die()
	}
}

// ends tells whether the host has a program that could be ended.
func (h *Host) ends(how string) bool {
	if h == h.world.test {
		panic("sim: the test's own host cannot be ended: end the test")
	}
	if h.state == off || h.driver.dead {
		return false
	}
	h.world.count(how + " of a host")
	what := ""
	if how == "kill" {
		what = "by a kill"
	}
	h.happens(simenv.Crashed, what)
	return true
}

// Stop asks the program of a host to end, as a signal does: its main is cancelled.
func (w *World) Stop(h *Host) {
	if h.state != off && h.stop != nil {
		h.stop(nil)
		h.refresh()
	}
}

// Restart starts the program of a host that is off. One that runs loses power before.
func (w *World) Restart(h *Host) {
	w.Crash(h)
	if h.state != off { // it is the host itself that asks
		w.After(0, "restart of "+h.name, func() { w.Restart(h) })
		return
	}
	w.count("restart of a host")
	h.happens(simenv.Restarted, "")
	h.network().Restart()
	h.boot()
}

// Pause lets a host stand still, as a virtual machine that is moved does: its clocks go
// on, and what is sent to it waits.
func (w *World) Pause(h *Host) {
	w.count("pause of a host")
	h.happens(simenv.Paused, "")
	h.paused = true
}

// Resume lets it go on.
func (w *World) Resume(h *Host) {
	if h.paused {
		h.happens(simenv.Resumed, "")
	}
	h.paused = false
	h.refresh()
}

// happens tells of something that happens to the host, for traces and diagrams.
func (h *Host) happens(k simenv.Kind, what string) {
	(*env)(h.world).Event(simenv.Event{Kind: k, Host: h.name, What: what})
}

// Partition lets no packet pass between two hosts, in either direction, until Heal.
func (w *World) Partition(a, b *Host) {
	w.Cut(a, b)
	w.Cut(b, a)
}

// Cut lets no packet pass from one host to another, until Heal.
func (w *World) Cut(from, to *Host) { w.link(from, to).Block() }

// Isolate is Partition between a host and all others.
func (w *World) Isolate(h *Host) {
	for _, other := range w.hosts {
		if other != h {
			w.Partition(h, other)
		}
	}
}

// Clog keeps what is sent from one host to another, until Heal: then it goes on.
func (w *World) Clog(from, to *Host) { w.link(from, to).Clog() }

// Heal ends all partitions and clogs.
func (w *World) Heal() {
	if w.net != nil {
		w.net.Heal()
	}
}

// Link is the way of packets from one host to another, for latencies and bandwidths that
// are not those of the others.
func (w *World) Link(from, to *Host) *Link { return &Link{w.link(from, to)} }

// Link is the way of packets from one host to another. The way back is another Link.
type Link struct{ link *netsim.Link }

// SetLatency makes the link take other times than the rest.
func (l *Link) SetLatency(d Delay) { l.link.SetLatency(&d) }

// SetBandwidth bounds the link to so many bytes in a second; 0 makes it like the rest.
func (l *Link) SetBandwidth(bytes int64) { l.link.SetBandwidth(bytes) }

// Block drops all packets from now on, those that are under way included, until Heal.
func (l *Link) Block() { l.link.Block() }

// Clog keeps all packets from now on, until Heal: then they go on.
func (l *Link) Clog() { l.link.Clog() }

// Heal ends Block and Clog.
func (l *Link) Heal() { l.link.Heal() }

func (w *World) link(from, to *Host) *netsim.Link {
	from.network()
	to.network()
	return w.net.Link(from.name, to.name)
}

// exited notes the end of a host's program.
func (w *World) exited(h *Host, err error) {
	if h.net != nil {
		h.net.Kill() // the system closes what the process has left open
	}
	if h != w.test { // it is never started again
		h.disk.Kill()
	}
	w.stepped()
	if err == nil || w.over {
		return
	}
	if h != w.test {
		err = fmt.Errorf("its main has ended: %w", err)
	}
	w.fail(h, err)
}

// Rand is a source of random numbers for the test itself, which the seed decides. For the
// programs of hosts there is asyncio.Rand.
func (w *World) Rand() *rand.Rand {
	if w.random == nil {
		w.random = rand.New(rand.NewPCG(w.test.driver.Seed()))
	}
	return w.random
}
