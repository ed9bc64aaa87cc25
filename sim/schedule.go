package sim

import (
	"errors"

	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/internal/inside"
	"github.com/goasyncio/asyncio/sim/internal/explore"
	"github.com/goasyncio/asyncio/sim/internal/simenv"
)

// One host runs at a time. When its step has ended its loop asks what to run next, and
// the answer is worked out right there, on its goroutine, by decide: over all hosts,
// and what happens between them. Only where it is another host's turn is there a switch,
// to live, which resumes that one.

// schedule lets the world go on until it is from's turn.
func (w *World) schedule(from *Host) {
	to := w.decide()
	if to == from {
		return
	}
	w.running = to
	from.coroutine.Suspend()
}

// decide works out whose turn it is, and lets time pass where it is nobody's.
func (w *World) decide() *Host {
	for {
		if w.over {
			w.test.picked = inside.Crash
			w.test.driver.dead = true
			return w.test
		}
		if h := w.newest(); h != nil {
			h.picked = inside.Nothing
			return h
		}
		w.gather()
		if len(w.alts) == 0 {
			w.pass()
			continue
		}
		i := w.chooser.Step(w.alts) // also where there is one: it counts and records steps
		if h := w.follow(i); h != nil {
			return h
		}
	}
}

// newest is a host whose loop has to look for news before anything is decided.
func (w *World) newest() *Host {
	for w.seen < len(w.news) {
		h := w.news[w.seen]
		w.seen++
		h.fresh = false
		if h.state != off && (!h.paused || h.driver.dead) {
			return h
		}
	}
	w.news, w.seen = w.news[:0], 0
	return nil
}

// maxOptions bounds what is chosen between at a time: where more could come next, those
// that have waited longest.
const maxOptions = 64

// gather notes what could happen next, at the present time, in the order of production:
// what comes to the hosts, then the steps of their tasks, from the host on that had the
// last turn. It looks at no host that has nothing to do.
func (w *World) gather() {
	w.alts, w.offering = w.alts[:0], w.offering[:0]
	w.calls = w.queue.Due(w.now)
	w.calls = w.calls[:min(len(w.calls), maxOptions)]
	for _, c := range w.calls {
		if c.Class == 0 {
			c.Class = w.classOf(c.Label)
		}
		w.alts = append(w.alts, explore.Alt{Key: callKey, Class: c.Class})
	}
	for i := range w.ready.from(w.turn) {
		h := w.hosts[i]
		if h.paused {
			continue
		}
		room := maxOptions - len(w.alts)
		if room == 0 {
			return
		}
		w.alts = append(w.alts, h.alts[:min(len(h.alts), room)]...)
		w.offering = append(w.offering, h)
	}
}

// option is what alternative i stands for: a call, or one of what a host offers.
func (w *World) option(i int) (call *simenv.Call, h *Host, entry int) {
	if i < len(w.calls) {
		return w.calls[i], nil, 0
	}
	i -= len(w.calls)
	for _, h = range w.offering {
		if i < len(h.alts) {
			break
		}
		i -= len(h.alts)
	}
	return nil, h, i
}

// follow makes alternative i happen. It returns the host whose turn it is by that, if
// there is one.
func (w *World) follow(i int) *Host {
	call, h, entry := w.option(i)
	if call != nil {
		if w.trace != nil {
			w.trace.call(call)
		}
		call.Run()
		return nil
	}
	if h.mortal {
		h.fate.strike(h)
		if h.state == off || h.paused {
			return nil
		}
	}
	h.picked = entry
	w.note(h, h.offered[entry].Task)
	return h
}

// pass lets time pass until something happens. Where nothing ever will, that is the end
// of the world.
func (w *World) pass() {
	at := w.queue.Next()
	if at == driver.Forever {
		w.fail(w.test, w.deadlock("nothing can happen any more on any host"))
		return
	}
	w.now = max(w.now, at)
	if w.now > w.limit {
		w.fail(w.test, errTooLong)
	}
}

var (
	errGoexit  = errors.New("the program called runtime.Goexit, as t.FailNow and t.Fatal do: call those of the World instead")
	errTooLong = errors.New("the world has not come to its end in time")
)
