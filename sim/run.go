package sim

import (
	"context"
	"runtime"

	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/sim/internal/disksim"
	"github.com/goasyncio/asyncio/sim/internal/explore"
	"github.com/goasyncio/asyncio/sim/internal/report"
)

// A HostOption says what a host is like.
type HostOption func(*Host)

// lane is what runs schedules one after the other and learns from each. Worlds of
// different lanes can run at the same time.
type lane struct {
	opts    *options
	body    func(*World)
	chooser *explore.Chooser
	classes classes
	world   *World // is used again and again
	tally   tally
	stopAt  int // the step before which a debugger is to stop; 0: none
}

func newLane(opts *options, body func(*World)) *lane {
	return &lane{opts: opts, body: body, chooser: explore.NewChooser(), classes: classes{}}
}

// outcome is how a schedule has ended.
type outcome struct {
	failure *Failure
	hash    uint64
	steps   int
	tape    explore.Tape // valid until the lane's next schedule
	sums    []uint64     // over each step, where schedules are compared
}

// run runs one world. The chooser has been told how to decide. The log is nil unless
// the world is to be traced.
func (l *lane) run(seed uint64, traced bool) (o outcome, log *report.Log) {
	w := l.newWorld(seed)
	if traced || l.opts.twice {
		w.trace = newTrace(w)
		w.trace.light = !traced
		w.trace.stopAt = l.stopAt
		w.trace.goroutines = runtime.NumGoroutine()
	}
	w.live()
	l.chooser.End()
	if traced {
		log = w.trace.end()
	}
	o = outcome{failure: w.failure, hash: w.hash, steps: w.steps, tape: l.chooser.Tape()}
	if w.trace != nil {
		o.sums = append(w.trace.sums, w.trace.sum)
	}
	return o, log
}

// newWorld makes a new world, of what the last one was made of: the test's own host with
// its loop and coroutines, and slices that have grown.
func (l *lane) newWorld(seed uint64) *World {
	if l.world == nil {
		l.world = &World{chooser: l.chooser, classes: l.classes, opts: l.opts}
		l.world.newHost("test").main = l.main
	}
	w := l.world
	h := w.hosts[0]
	*w = World{
		chooser: l.chooser, classes: l.classes, opts: l.opts,
		seed: seed, limit: driver.Instant(l.opts.limit),
		test: h, hosts: append(w.hosts[:0], h), news: w.news[:0],
		alts: w.alts[:0], offering: w.offering[:0], ready: w.ready[:0], always: w.always[:0],
	}
	h.key = w.newKey()
	*h = Host{
		world: w, name: h.name, addrs: h.addrs, loop: h.loop, base: h.base, disk: h.disk,
		main: h.main, run: h.run, number: h.number, alarm: h.alarm, alts: h.alts[:0],
		class: h.class, key: h.key, tasks: h.tasks[:0], driver: h.driver, coroutine: h.coroutine,
	}
	if h.disk.Used() {
		h.disk = disksim.New((*env)(w), h.name)
		h.base = h.newBase()
	}
	h.driver.reset()
	return w
}

// main is what the test's own host runs.
func (l *lane) main(ctx context.Context) error {
	l.world.ctx = ctx
	l.body(l.world)
	return nil
}

// close gives back what the lane has kept.
func (l *lane) close() {
	if l.world != nil {
		l.world.hosts[0].close()
	}
}

// live runs the world from its beginning to its end, on the calling goroutine: it resumes
// the host whose turn it is until the test's own has ended.
func (w *World) live() {
	defer w.end()
	h := w.test
	h.start()
	for w.running = h; ; {
		running := w.running
		alive := running.resume()
		switch {
		case !alive && running == h:
			return
		case !alive:
			w.running = w.decide()
		}
	}
}

// end ends what is left: the hosts' programs, as if their power was cut.
func (w *World) end() {
	w.over = true
	w.test.state = off
	w.running = w.test
	for _, h := range w.hosts[1:] {
		if h.state != off {
			h.die()
		}
		h.close()
	}
}
