package sim

import (
	"time"

	"github.com/goasyncio/asyncio/sim/internal/simenv"
)

// fate is what happens to a mortal host: after so many steps of its program, which are
// drawn beforehand, so that each step costs no decision. A world without such faults
// has none to draw.
type fate struct {
	crash, pause, jump int // steps to go; 0 is never
}

// draw decides when the next of each comes.
func (f *fate) draw(h *Host) {
	faults := &h.world.faults.Hosts
	if !h.mortal {
		return
	}
	f.crash = h.steps(faults.Crashes, "steps until "+h.name+" crashes")
	f.pause = h.steps(faults.Pauses, "steps until "+h.name+" stands still")
	f.jump = h.steps(faults.Jumps, "steps until the clock of "+h.name+" is set")
}

// steps draws a number of steps around a mean, from a tenth of it to three times it. The
// mildest is never.
func (h *Host) steps(mean int, label string) int {
	if mean <= 0 {
		return 0
	}
	const cases = 64
	k := (*env)(h.world).Draw(cases, label)
	if k == 0 {
		return 0
	}
	early := (*env)(h.world).Draw(8, label+", in detail")
	return max(1, mean*3*k/cases) + early
}

// strike is called before each step of the host's program.
func (f *fate) strike(h *Host) {
	if due(&f.crash) {
		f.fall(h)
	}
	if due(&f.pause) {
		f.stand(h)
	}
	if due(&f.jump) {
		h.setClock()
	}
}

// due counts a step and tells whether it is the one.
func due(steps *int) bool {
	if *steps == 0 {
		return false
	}
	*steps--
	return *steps == 0
}

func (f *fate) fall(h *Host) {
	w := h.world
	down := w.Duration(time.Millisecond, max(w.faults.Hosts.Down, time.Millisecond), "how long "+h.name+" is off")
	w.Crash(h)
	w.After(down, h.name+" starts again", func() {
		if h.state == off {
			w.Restart(h)
		}
	})
}

func (f *fate) stand(h *Host) {
	w := h.world
	still := w.Duration(time.Microsecond, max(w.faults.Hosts.Still, time.Microsecond), "how long "+h.name+" stands still")
	w.Pause(h)
	w.After(still, h.name+" goes on", func() { w.Resume(h) })
	f.pause = h.steps(w.faults.Hosts.Pauses, "steps until "+h.name+" stands still again")
}

// setClock sets the host's time of day anew.
func (h *Host) setClock() {
	limit := h.world.faults.Hosts.Skew
	if limit <= 0 {
		return
	}
	h.clock.skew = h.world.around(limit, "time of day of "+h.name)
	h.world.count("clock set")
	h.happens(simenv.Clock, h.clock.skew.String())
}

// around draws a time between -limit and limit; 0 is the mildest.
func (w *World) around(limit time.Duration, label string) time.Duration {
	d := w.Duration(0, limit, label)
	if d > 0 && w.Int(2, label+", in which direction") == 1 {
		return -d
	}
	return d
}

// drawClock makes the host's clocks as wrong as the faults say.
func (h *Host) drawClock() {
	f := &h.world.faults.Hosts
	if !h.mortal {
		return
	}
	h.setClock()
	if f.Drift > 0 {
		h.clock.drift = int64(h.world.around(time.Duration(f.Drift), "drift of "+h.name))
	}
}
