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
		if h := w.options[i].follow(w); h != nil {
			return h
		}
	}
}

// newest is a host whose loop has to look for news before anything is decided.
func (w *World) newest() *Host {
	for len(w.news) > 0 {
		h := w.news[0]
		w.news = append(w.news[:0], w.news[1:]...)
		h.fresh = false
		if h.state != off && (!h.paused || h.driver.dead) {
			return h
		}
	}
	return nil
}

// An option is one of the things that could happen next.
type option struct {
	host  *Host
	entry int          // of those that the host offers
	call  *simenv.Call // something between the hosts
}

// follow makes it happen. It returns the host whose turn it is by that, if there is one.
func (o option) follow(w *World) *Host {
	if o.call != nil {
		if w.trace != nil {
			w.trace.call(o.call)
		}
		o.call.Run()
		return nil
	}
	h := o.host
	if h.mortal {
		h.fate.strike(h)
		if h.state == off || h.paused {
			return nil
		}
	}
	h.picked = o.entry
	w.note(h, h.offered[o.entry].Task)
	return h
}

// maxOptions bounds what is chosen between at a time: where more could come next, those
// that have waited longest.
const maxOptions = 64

// gather notes what could happen next, at the present time, in the order of production:
// what comes to the hosts, then the steps of their tasks.
func (w *World) gather() {
	w.alts, w.options = w.alts[:0], w.options[:0]
	if w.queue.Next() <= w.now {
		w.calls = w.queue.Due(w.calls[:0])
		for _, c := range w.calls[:min(len(w.calls), maxOptions)] {
			w.alts = append(w.alts, explore.Alt{Key: callKey, Class: w.classOf(c.Label)})
			w.options = append(w.options, option{call: c})
		}
	}
	for i := range w.hosts {
		h := w.hosts[(w.turn+i)%len(w.hosts)]
		if h.state != ready || h.paused {
			continue
		}
		for k, e := range h.offered {
			if len(w.alts) == maxOptions {
				return
			}
			key, class := h.identity(e.Task)
			w.alts = append(w.alts, explore.Alt{Key: key, Class: class})
			w.options = append(w.options, option{host: h, entry: k})
		}
	}
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
	errGoexit  = errors.New("the program called runtime.Goexit")
	errTooLong = errors.New("the world has not come to its end in time")
)
