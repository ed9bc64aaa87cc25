package asyncio

import (
	"runtime"

	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// A recorder writes down what the loop does, while somebody has a tape of it. It is on
// the path of every step, so it does the least that can be made sense of later, by
// whoever reads: some words for each event, without a lock, and the clock for few of
// them. See reel for where the words go.
//
// While it writes, the flag is up that the loop looks at before each entry of its queue
// in any case, and every other hook is behind a flag that was there before it: a loop
// that nobody records pays nothing.
type recorder struct {
	loop   *Loop
	reel   *reel
	chunk  *chunk
	stamps uint32 // a step is stamped where its number has none of these bits
	steps  uint32
	stacks bool
	round  uint64 // the last one told
}

// Coarse recordings have the time of one step in that many, a power of two, beside the
// times at which the loop looks at the clock anyway.
const coarseSteps = 16

// entry is called before each entry of the ready queue. late tells that the watchdog had
// asked for an answer since the last one: what ran until now may have taken long, and its
// end must be exact.
func (r *recorder) entry(e entry, late bool) {
	l := r.loop
	if l.ready.rounds != r.round {
		r.round = l.ready.rounds
		r.write(monitor.Round, uint64(l.left+1), 0)
	}
	r.steps++
	stamped := late || r.steps&r.stamps == 0
	if t, ok := e.(*taskCore); ok {
		r.begin(monitor.Step, t.id, stamped)
		return
	}
	r.begin(monitor.Callback, 0, stamped)
	r.chunk.add(callbackCode(e))
}

// step is the step of a task that does not come from the queue.
func (r *recorder) step(t *taskCore) { r.begin(monitor.Step, t.id, r.stamps == 0) }

// write writes an event without a time; about is its task, or what it has instead.
func (r *recorder) write(k monitor.Kind, about uint64, flags uint64) {
	c := r.chunk
	if c.words+longestEvent > len(c.word) {
		c = r.turn()
	}
	c.word[c.words] = uint64(k) | flags | about<<aboutShift
	c.words++
	c.events++
}

// begin is write for an event that may have a time.
func (r *recorder) begin(k monitor.Kind, task uint64, stamped bool) {
	if !stamped {
		r.write(k, task, 0)
		return
	}
	r.at(k, task, r.loop.driver.Now())
}

// at is write for an event whose time is known.
func (r *recorder) at(k monitor.Kind, task uint64, when driver.Instant) {
	r.write(k, task, hasTime)
	r.chunk.add(uint64(when))
}

func (r *recorder) created(t *taskCore) {
	flags, name := uint64(0), t.givenName()
	if name != "" {
		flags = hasText
		r.room()
	}
	r.write(monitor.Created, t.id, flags)
	parent := uint64(0)
	if p := t.parent(); p != nil {
		parent = p.id
	}
	r.chunk.add(uint64(codeOf(t.body.source())))
	r.chunk.add(parent)
	if flags != 0 {
		r.text(name)
	}
}

// parked must be called on the task's goroutine.
func (r *recorder) parked(t *taskCore, on any) {
	s, sleeps := on.(*sleeper)
	flags := uint64(0)
	if sleeps {
		flags = hasUntil
	} else {
		flags = hasRef
	}
	if r.stacks {
		flags |= hasStack
	}
	r.room()
	r.write(monitor.Parked, t.id, flags)
	if sleeps {
		r.chunk.add(uint64(r.loop.timers.nodes[s.timer.pos-1].when))
	} else {
		r.ref(on)
	}
	if r.stacks {
		r.stack()
	}
}

func (r *recorder) woken(t *taskCore, by monitor.Cause) {
	r.write(monitor.Woken, t.id, uint64(by)<<causeShift)
}

func (r *recorder) done(t *taskCore) {
	how := monitor.Returned
	switch t.err.(type) {
	case nil:
	case *PanicError:
		how = monitor.Panicked
	default:
		how = monitor.Failed
		if t.cancelled {
			how = monitor.Cancelled
		}
		if saysGoexit(t.err) {
			how = monitor.Exited
		}
	}
	flags := uint64(how) << causeShift
	if t.err != nil {
		flags |= hasRef
		r.room()
	}
	r.write(monitor.Done, t.id, flags)
	if t.err != nil {
		r.ref(t.err)
	}
}

func (r *recorder) renamed(t *taskCore) {
	r.room()
	r.write(monitor.Renamed, t.id, hasText)
	r.text(t.givenName())
}

// sleep and awake are around a wait of the driver.
func (r *recorder) sleep(until driver.Instant) {
	r.write(monitor.Sleep, 0, hasTime|hasUntil)
	r.chunk.add(uint64(r.loop.driver.Now()))
	r.chunk.add(uint64(until))
}

func (r *recorder) awake(now driver.Instant) { r.at(monitor.Awake, 0, now) }

// room makes sure that the next event has room for what is no word. It comes before
// write, so that no event is torn.
func (r *recorder) room() {
	c := r.chunk
	if c.refs == len(c.ref) || c.texts == len(c.text) || r.stacks && c.pcs+deepestStack > roomForStacks {
		r.turn()
	}
}

// due is told of timers that fire.
func (r *recorder) due(now driver.Instant) { r.at(monitor.Timers, 0, now) }

// ref, text and stack come behind the words of their event.
func (r *recorder) ref(x any) {
	c := r.chunk
	c.ref[c.refs] = x
	c.refs++
}

func (r *recorder) text(s string) {
	c := r.chunk
	c.text[c.texts] = s
	c.texts++
}

func (r *recorder) stack() {
	c := r.chunk
	if c.pc == nil {
		c.pc = make([]uintptr, roomForStacks)
	}
	n := runtime.Callers(5, c.pc[c.pcs:c.pcs+deepestStack])
	c.add(uint64(n))
	c.pcs += n
}

// turn gives the chunk to the readers and goes on with another.
func (r *recorder) turn() *chunk {
	r.chunk = r.reel.turn(r.chunk)
	return r.chunk
}

// callbackCode is where the code of a callback begins or, where it is none of the
// user's, one of the numbers below.
func callbackCode(e entry) uint64 {
	switch e := e.(type) {
	case *Handle:
		return uint64(codeOf(e.f))
	case *sleeper:
		return sleepEnds
	case *Timeout:
		return timeoutEnds
	case *child:
		return childEnds
	}
	return 0
}

const (
	sleepEnds   = 1
	timeoutEnds = 2
	childEnds   = 3
)

// callbackText is what a callback is called whose code that is.
func callbackText(code uint64) string {
	switch code {
	case sleepEnds:
		return "the end of a sleep"
	case timeoutEnds:
		return "a timeout"
	case childEnds:
		return "the end of a task of a group"
	}
	return callbackName(uintptr(code))
}
