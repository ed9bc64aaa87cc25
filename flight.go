package asyncio

import (
	"runtime"
	"time"

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
// that nobody records pays nothing. The three events of which a switch is made, Step,
// Parked and Woken, are written without a call where they are one word.
type recorder struct {
	loop   *Loop
	reel   *reel
	chunk  *chunk
	word   *[wordsOfChunk]uint64 // the chunk's
	words  int                   // in it
	more   int                   // of them that are not the first of their event
	left   uint32                // steps until the next one that has its time
	every  uint32                // how many steps lie between two looks at the clock
	most   uint32                // how many that may be
	looked driver.Instant        // when it looked last, or when the loop woke up since
	round  uint64                // the last one told
	stacks bool
}

// Coarse recordings have the times at which the loop looks at the clock anyway, those at
// which the watchdog asks, and those of so many steps that looking costs less than a
// hundredth of what they take: of each where they take some microseconds, of one in
// coarseSteps where they are as short as a switch.
const (
	coarseSteps = 64
	shortGap    = 6 * time.Microsecond // between two looks, each of which takes some 30 ns
)

// pace is how many steps the recorder may leave out until it looks at the clock again,
// where it took since for the last ones of which it left out that many.
func pace(every, most uint32, since time.Duration) uint32 {
	switch {
	case since < shortGap:
		return min(2*every, most)
	case since >= 2*shortGap && every > 1:
		return max(uint32(time.Duration(every)*shortGap/since), 1)
	}
	return every
}

// head writes the first word of an event; about is its task, or what it has instead.
// There is room for the longest event, since end comes behind each.
func (r *recorder) head(k monitor.Kind, flags, about uint64) {
	r.word[r.words&(wordsOfChunk-1)] = uint64(k) | flags | about<<aboutShift
	r.words++
}

// add writes a further word of an event.
func (r *recorder) add(word uint64) {
	r.word[r.words&(wordsOfChunk-1)] = word
	r.words++
	r.more++
}

// end goes on with another chunk where this one has no room for whatever comes next.
func (r *recorder) end() {
	if r.words > wordsOfChunk-longestEvent {
		r.turn()
	}
}

// endLong is end for events that have more than words.
func (r *recorder) endLong() {
	c := r.chunk
	if r.words > wordsOfChunk-longestEvent || c.refs == len(c.ref) || c.texts == len(c.text) || c.pcs > roomForStacks-deepestStack {
		r.turn()
	}
}

// attend is what the loop does before an entry of its queue where something is raised:
// the watchdog wants an answer, or a recorder wants to know.
func (l *Loop) attend() {
	if t, ok := l.ready.front().(*taskCore); ok {
		l.attendTo(t)
	} else {
		l.attendToAll(l.ready.front())
	}
}

// attendTo is attend where the entry is a task. A round of few entries is told with the
// first of them.
func (l *Loop) attendTo(t *taskCore) {
	r := l.recorder
	if r == nil || r.left <= 1 || l.watch.probe.Load() != recording {
		l.attendToAll(t)
		return
	}
	r.left--
	round := uint64(0)
	if r.round != l.ready.rounds {
		if l.left >= smallRound {
			l.attendToAll(t)
			return
		}
		r.round = l.ready.rounds
		round = uint64(l.left+1) << roundShift
		r.more--
	}
	r.head(monitor.Step, round, t.id)
	r.end()
}

// attendToAll is attend for whatever it may be.
func (l *Loop) attendToAll(e entry) {
	raised := l.watch.probe.Load()
	if raised&felt != 0 {
		l.watch.probe.And(^uint32(felt))
		l.watch.moves.Add(1)
	}
	late := raised&probed != 0
	if late {
		l.watch.probe.And(^uint32(probed))
		l.now = l.driver.Now() // a loop that always has something to do may have no timers
		if l.traceTurns() {    // a loop that never polls sees it here
			l.turnTrace()
		}
	}
	if r := l.recorder; r != nil {
		if r.round != l.ready.rounds {
			r.round = l.ready.rounds
			r.put(monitor.Round, uint64(l.left+1))
		}
		r.entry(e, late)
	}
}

// entry writes what the loop runs next. late tells that the watchdog had asked for an
// answer since the last entry: what ran until now may have taken long, and its end must
// be exact.
func (r *recorder) entry(e entry, late bool) {
	flags := uint64(0)
	if r.left--; r.left == 0 || late {
		flags = hasTime
	}
	t, isTask := e.(*taskCore)
	if isTask {
		r.head(monitor.Step, flags, t.id)
	} else {
		r.head(monitor.Callback, flags, 0)
	}
	if flags != 0 {
		now := r.loop.driver.Now()
		r.add(uint64(now))
		r.every = pace(r.every-r.left, r.most, now.Sub(r.looked))
		r.looked, r.left = now, r.every
	}
	if !isTask {
		r.add(callbackCode(e))
	}
	r.end()
}

// put writes an event of one word.
func (r *recorder) put(k monitor.Kind, about uint64) {
	r.head(k, 0, about)
	r.end()
}

// at writes an event whose time is known.
func (r *recorder) at(k monitor.Kind, when driver.Instant) {
	r.head(k, hasTime, 0)
	r.add(uint64(when))
	r.end()
}

// awake is told of the end of a wait of the driver.
func (r *recorder) awake(now driver.Instant) {
	r.at(monitor.Awake, now)
	r.looked = now // the sleep took no time of the steps'
}

// due is told of timers that fire.
func (r *recorder) due(now driver.Instant) { r.at(monitor.Timers, now) }

// sleep is told of a wait of the driver that begins.
func (r *recorder) sleep(until driver.Instant) {
	r.head(monitor.Sleep, hasTime|hasUntil, 0)
	r.add(uint64(r.loop.driver.Now()))
	r.add(uint64(until))
	r.end()
}

func (r *recorder) created(t *taskCore) {
	name, flags := t.givenName(), uint64(0)
	if name != "" {
		flags = hasText
		r.text(name)
	}
	r.head(monitor.Created, flags, t.id)
	parent := uint64(0)
	if p := t.parent(); p != nil {
		parent = p.id
	}
	r.add(uint64(codeOf(t.body.source())))
	r.add(parent)
	r.endLong()
}

// parked must be called on the task's goroutine, by beginPark.
func (r *recorder) parked(t *taskCore, on any) {
	stack := uint64(0)
	if r.stacks {
		stack = hasStack
	}
	if s, ok := on.(*sleeper); ok {
		r.head(monitor.Parked, hasUntil|stack, t.id)
		r.add(uint64(r.loop.timers.nodes[s.timer.pos-1].when))
	} else {
		r.head(monitor.Parked, hasRef|stack, t.id)
		r.ref(on)
	}
	if r.stacks {
		r.stack()
	}
	r.endLong()
}

func (r *recorder) done(t *taskCore) {
	if t.err == nil {
		r.head(monitor.Done, uint64(monitor.Returned)<<causeShift, t.id)
	} else {
		r.head(monitor.Done, uint64(t.causeOfEnd())<<causeShift|hasRef, t.id)
		r.ref(t.err)
	}
	r.endLong()
}

// causeOfEnd is how a task has ended that has an error.
func (t *taskCore) causeOfEnd() monitor.Cause {
	if _, ok := t.err.(*PanicError); ok {
		return monitor.Panicked
	}
	switch {
	case saysGoexit(t.err), t.killed:
		return monitor.Exited
	case t.cancelled:
		return monitor.Cancelled
	}
	return monitor.Failed
}

func (r *recorder) renamed(t *taskCore) {
	r.head(monitor.Renamed, hasText, t.id)
	r.text(t.givenName())
	r.endLong()
}

// ref, text and stack write what is no word. There is room: see endLong.
func (r *recorder) ref(x any) {
	c := r.chunk
	c.ref[c.refs&(refsOfChunk-1)] = x
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
	n := runtime.Callers(4, c.pc[c.pcs:c.pcs+deepestStack])
	r.add(uint64(n))
	c.pcs += n
}

// turn gives the chunk to the readers and goes on with another.
func (r *recorder) turn() {
	r.mark()
	r.use(r.reel.turn(r.chunk))
}

// mark notes in the chunk how far it is written.
func (r *recorder) mark() {
	r.chunk.words, r.chunk.events = r.words, r.words-r.more
}

// use goes on with an empty chunk.
func (r *recorder) use(c *chunk) {
	r.chunk, r.word, r.words, r.more = c, &c.word, 0, 0
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
