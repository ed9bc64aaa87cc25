package sim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/sim/internal/disksim"
	"github.com/goasyncio/asyncio/sim/internal/explore"
	"github.com/goasyncio/asyncio/sim/internal/netsim"
	"github.com/goasyncio/asyncio/sim/internal/simenv"
)

// A World is one run of a program: hosts, the network between them, and the time that
// is the same for all. The function that is given a World is a task of its own, on the
// host of the test, and all methods are for tasks of the world.
type World struct {
	ctx     context.Context // of the body
	seed    uint64
	now     driver.Instant
	limit   driver.Instant
	queue   simenv.Queue // what happens between the hosts
	chooser *explore.Chooser
	classes classes
	keys    uint64 // given to tasks
	net     *netsim.Net

	test    *Host // the test's own
	hosts   []*Host
	turn    int     // the host that comes first in the order of production
	running *Host   // whose goroutine is at work
	news    []*Host // those that have to look for news, from seen on
	seen    int
	over    bool // it has failed: everything ends

	alts     []explore.Alt  // what is decided between, and what that stands for:
	calls    []*simenv.Call // something between the hosts,
	offering []*Host        // or what these offer
	ready    readySet       // the hosts that offer anything

	faults    Faults
	unchecked bool        // a step has ended, and the laws have not been looked at
	touched   bool        // it has told what it touches
	objects   map[any]int // that were touched
	faulty    bool        // they have been set or drawn
	marks     []*mark
	random    *rand.Rand

	always  []invariant
	failure *Failure
	steps   int
	hash    uint64
	trace   *trace // nil but where a failure is told
	opts    *options
}

// Context is that of the test's own host: for what the test itself does.
func (w *World) Context() context.Context { return w.ctx }

// Seed is the number from which the world was made.
func (w *World) Seed() uint64 { return w.seed }

// Now is the true time since the beginning of the world. The clocks of hosts may differ.
func (w *World) Now() time.Duration { return time.Duration(w.now) }

// Host makes a machine of that name and starts main on it, as asyncio.Run would. Where
// main returns an error the test fails; where it returns nil the host is off.
func (w *World) Host(name string, main func(ctx context.Context) error, opts ...HostOption) *Host {
	w.weather()
	h := w.newHost(name)
	h.network() // so that it can be found by its name
	h.disk.SetFaults(w.faults.Disk)
	h.main = main
	for _, o := range opts {
		o(h)
	}
	h.drawClock()
	h.boot()
	return h
}

func (w *World) newHost(name string) *Host {
	for _, h := range w.hosts {
		if h.name == name {
			panic(fmt.Sprintf("sim: a second host %q", name))
		}
	}
	n := len(w.hosts)
	h := &Host{world: w, name: name, index: n}
	h.run = h.begin
	h.key, h.class = w.newKey(), w.classOf("callbacks of "+name)
	h.addrs = []netip.Addr{
		netip.AddrFrom4([4]byte{10, 0, byte(n >> 8), byte(n)}).Next(),
		netip.AddrFrom16([16]byte{0: 0xfd, 14: byte(n >> 8), 15: byte(n)}).Next(),
	}
	h.driver = newHostDriver(h)
	h.alarm = simenv.NewCall("clock of "+name, h.refresh)
	h.disk = disksim.New((*env)(w), name)
	h.base = h.newBase()
	h.loop = asyncio.NewLoop(asyncio.LoopName(name), asyncio.OnError(h.report))
	w.hosts = append(w.hosts, h)
	return h
}

// report takes what a loop has to tell.
func (h *Host) report(r asyncio.Report) {
	if h.driver.dead {
		return
	}
	h.world.fail(h, fmt.Errorf("%s: task %q: %w", r.Message, r.Task, errors.Join(r.Err)))
}

// Go starts a task on the test's own host: a client, for example, or what does damage.
// The world does not end before it has ended.
func (w *World) Go(name string, fn func(ctx context.Context) error) *asyncio.Task[struct{}] {
	defer w.test.refresh() // in case it is another host that asks
	return asyncio.Go(w.ctx, fn, asyncio.TaskName(name))
}

// note is called before each step.
func (w *World) note(h *Host, task uint64) {
	w.steps++
	w.unchecked = true
	h.current = task
	w.turn = h.index
	key, _ := h.identity(task)
	w.hash = (w.hash^uint64(w.now))*0x9e3779b97f4a7c15 ^ key
	w.hash ^= w.hash >> 29
	if w.trace != nil {
		w.trace.step(h, task)
	}
}

// stepped is called after each step, before anything else happens and before time passes.
func (w *World) stepped() {
	if !w.unchecked {
		return
	}
	w.unchecked = false
	if w.opts.declared {
		w.untold()
	}
	if w.steps > w.opts.maxSteps && !w.over {
		w.fail(w.test, fmt.Errorf("%w: %d steps", errTooLong, w.steps))
	}
	for i := range w.always {
		w.always[i].hold(w)
	}
}

// fail ends the world: the first failure counts.
func (w *World) fail(h *Host, err error) {
	if w.failure == nil {
		w.failure = &Failure{Host: h.name, Err: err, At: time.Duration(w.now)}
		if w.trace != nil {
			w.trace.fails(w.failure)
		}
	}
	w.over = true
}

// Now implements simenv.Env for the network and the disks.
type env World

func (e *env) Now() driver.Instant { return e.now }

func (e *env) After(d time.Duration, label string, f func()) simenv.Timer {
	return e.queue.Add(e.now.Add(max(d, 0)), label, f)
}

func (e *env) Chance(p float64, label string) bool {
	return p > 0 && e.decide(label, 2, p) == 1
}

func (e *env) Draw(n int, label string) int {
	if n <= 1 {
		return 0
	}
	return e.decide(label, n, 0)
}

func (e *env) decide(label string, n int, p float64) int {
	pick := e.chooser.Draw(label, n, p)
	if e.trace != nil {
		e.trace.draw(label, n, pick)
	}
	return pick
}

func (e *env) Recording() bool { return e.trace != nil }

func (e *env) Event(ev simenv.Event) {
	if e.trace != nil {
		e.trace.event(ev)
	}
}

// After calls f in d of the world's time, between two steps: for what happens to hosts.
// f must not wait.
func (w *World) After(d time.Duration, label string, f func()) { (*env)(w).After(d, label, f) }

// Chance decides something with probability p; it is false in the mildest run.
func (w *World) Chance(p float64, label string) bool { return (*env)(w).Chance(p, label) }

// Int decides between n values, of which 0 is the mildest.
func (w *World) Int(n int, label string) int { return (*env)(w).Draw(n, label) }

// Duration decides on a time from low to high, in 16 steps.
func (w *World) Duration(low, high time.Duration, label string) time.Duration {
	const steps = 16
	return low + (high-low)*time.Duration(w.Int(steps, label))/(steps-1)
}
