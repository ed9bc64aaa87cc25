package sim

import (
	"context"
	"net/netip"
	"runtime/debug"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiofs"
	"github.com/goasyncio/asyncio/internal/coro"
	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/internal/inside"
	"github.com/goasyncio/asyncio/sim/internal/disksim"
	"github.com/goasyncio/asyncio/sim/internal/explore"
	"github.com/goasyncio/asyncio/sim/internal/netsim"
	"github.com/goasyncio/asyncio/sim/internal/simenv"
)

// A Host is a machine of a world, on which one program runs: with a name and addresses
// that the other hosts can reach, a clock, a disk and a source of random numbers of its
// own. Its methods are for the tasks of the world.
type Host struct {
	world *World
	name  string
	index int
	addrs []netip.Addr
	main  func(ctx context.Context) error
	run   func(ctx context.Context) error // begin
	net   *netsim.Host                    // nil until it is used: see network
	disk  *disksim.Disk
	clock clock

	mortal bool
	fate   fate

	loop      *asyncio.Loop
	driver    *hostDriver // of the process that runs
	coroutine *coro.Coroutine
	number    uint32          // of the loop, while it runs
	base      context.Context // of its processes
	ctx       context.Context // of its main
	stop      asyncio.CancelFunc
	state     hostState
	fresh     bool // there is something that its loop has not seen
	paused    bool
	boots     int

	offered []inside.Entry // what its loop could run next, in state ready
	picked  int            // of those, or what inside says
	alts    []explore.Alt  // the same for strategies
	alarm   *simenv.Call   // the end of its wait, in state asleep
	tasks   []taskRecord   // by task ID
	current uint64         // the task whose step runs; 0 in a callback
	key     uint64         // of what has no task: callbacks
	class   uint32
}

type hostState uint8

const (
	off    hostState = iota // no process runs
	busy                    // a step runs, or the host unwinds
	ready                   // it offers entries
	asleep                  // its loop waits
)

// Name is the host's name, which other hosts can look up.
func (h *Host) Name() string { return h.name }

// Addr is the host's first address.
func (h *Host) Addr() netip.Addr { return h.addrs[0] }

// Running tells whether the host's program runs, or is paused.
func (h *Host) Running() bool { return h.state != off }

// boot starts the host's program. Its first step is the world's to pick.
func (h *Host) boot() {
	if h.state != off {
		return
	}
	h.boots++
	h.driver = newHostDriver(h)
	h.base = h.newBase()
	h.fate.draw(h)
	h.start()
	h.state = asleep
	h.refresh()
}

// start puts the program onto the host's coroutine.
func (h *Host) start() {
	if h.coroutine == nil {
		h.coroutine = coro.New(0)
	}
	h.coroutine.Start((*process)(h))
}

// close gives back what a host keeps from process to process.
func (h *Host) close() {
	if h.coroutine != nil {
		h.coroutine.Close()
		h.coroutine = nil
	}
	h.leave()
	h.loop.Close()
}

// resume runs the host on its coroutine until it gives way, and tells whether it will go
// on some time.
func (h *Host) resume() bool {
	c := h.coroutine
	c.Resume()
	if c.State() == coro.Exiting {
		c.Close()
		h.coroutine = nil
		h.state = off
	}
	return h.state != off
}

// process is a host's program as the body of a coroutine.
type process Host

// Run implements coro.Body.
func (p *process) Run() {
	h := (*Host)(p)
	h.state = busy
	h.tasks = h.tasks[:0]
	p.ended(h.loop.Run(h.base, h.run))
}

// begin is the first task of the process.
func (h *Host) begin(ctx context.Context) error {
	h.enter(ctx)
	h.ctx = ctx
	if h != h.world.test {
		h.ctx, h.stop = asyncio.WithCancel(ctx)
	}
	return h.main(h.ctx)
}

// ended notes the end of a process that has not crashed.
func (p *process) ended(err error) {
	if h := (*Host)(p); !h.driver.dead {
		h.world.exited(h, err)
	}
}

// Panicked implements coro.Body.
func (p *process) Panicked(value any, stack []byte) {
	e, ok := value.(*asyncio.PanicError)
	if !ok {
		e = &asyncio.PanicError{Value: value, Stack: stack, Task: p.name}
	}
	p.ended(e)
}

// Exited implements coro.Body.
func (p *process) Exited() { p.ended(errGoexit) }

// Ended implements coro.Body.
func (p *process) Ended(*coro.Coroutine) (coro.Body, bool) {
	p.state = off
	return nil, true
}

// offer lets the world go on, on a loop that has something to do, and returns when it
// is this host's turn, with picked set.
func (h *Host) offer(entries []inside.Entry) {
	if len(entries) == 0 {
		h.picked = inside.Nothing
		return
	}
	h.offered, h.alts = entries, h.alts[:0]
	for _, e := range entries[:min(len(entries), maxOptions)] {
		key, class := h.identity(e.Task)
		h.alts = append(h.alts, explore.Alt{Key: key, Class: class})
	}
	h.state = ready
	h.world.ready.add(h.index)
	h.world.schedule(h)
	h.world.ready.remove(h.index)
	h.state = busy
}

// sleep lets the world go on until the host's clock shows until or there is news.
func (h *Host) sleep(until driver.Instant) {
	h.state = asleep
	if until != driver.Forever {
		h.world.queue.Start(h.alarm, h.clock.world(until))
	}
	h.world.schedule(h)
	h.alarm.Stop()
	h.state = busy
}

// refresh makes the host's loop look for news.
func (h *Host) refresh() {
	if !h.fresh {
		h.fresh = true
		h.world.news = append(h.world.news, h)
	}
}

// newBase is the context of the host's next process.
func (h *Host) newBase() context.Context {
	ctx := driver.NewContext(context.Background(), func() driver.Driver { return h.driver })
	return aiofs.NewContext(ctx, h.disk.Mount())
}

// die ends the host's process at once. Where it is the process itself that asked for
// it, it ends with its step.
func (h *Host) die() {
	h.driver.dead = true
	before := h.world.running
	if before == h {
		h.refresh()
		return
	}
	h.world.running = h
	h.resume()
	h.world.running = before
}

// network is the host's end of the network.
func (h *Host) network() *netsim.Host {
	if h.net == nil {
		if h.world.net == nil {
			h.world.net = netsim.New((*env)(h.world))
		}
		h.net = h.world.net.Host(h.name, h.addrs...)
		h.net.OnReady(h.refresh)
	}
	return h.net
}

// collect is what has become ready of the host's sockets.
func (h *Host) collect(events []driver.Event) int {
	if h.net == nil {
		return 0
	}
	return h.net.Collect(events)
}

// capture makes a panic of a function of the test a failure.
func capture(f func()) (failed error) {
	defer func() {
		if v := recover(); v != nil {
			failed = &asyncio.PanicError{Value: v, Stack: debug.Stack(), Task: "check"}
		}
	}()
	f()
	return nil
}
