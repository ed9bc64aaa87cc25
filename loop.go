package asyncio

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// A Loop runs tasks and callbacks, one at a time. Most programs never name it:
// [Run] makes one, and the context leads to it. One that was made by [NewLoop]
// can run several mains, one after the other; the zero value is not ready.
type Loop struct {
	config
	driver driver.Driver
	base   time.Time // the time of day at the driver's origin
	now    driver.Instant

	ready     readyQueue
	timers    timerHeap
	tasks     taskList
	current   *taskCore // the task that runs, nil in a callback
	budget    int32     // waits that may still end at once in this step (rule S4)
	freeWaits int32     // budget at the beginning of a step
	idle      []*coroutine
	left      int       // entries of this round that have not run
	nested    bool      // current was started eagerly by another
	leading   bool      // a task runs the others: see suspend
	stepwise  bool      // each round is asked for, as in the shutdown
	traced    bool      // steps are timed or observed
	stepped   bool      // each step is one by itself: it is traced or explored
	told      bool      // somebody is told what tasks do: steps are traced, explored or recorded
	recorder  *recorder // nil where nobody wants to know
	tracer    *tracer   // nil where the Go runtime writes no trace
	root      scope
	bridges   bridgeList
	remnants  remnants
	resources resources  // that consoles are told of
	shows     sync.Mutex // held while it tells: what nobody uses may move to another loop
	unseen    unseen
	sleepers  *sleeper  // timers of sleeps, not in use
	idlers    WaitQueue // tasks that wait until all others wait
	posts     *postbox
	events    [256]driver.Event // for the driver to fill: a local array would escape, 6 KB for each wait
	watch     watchdog
	explored  *exploration           // nil in production
	source    atomic.Pointer[source] // as consoles see the run, nil under an explorer

	identifies bool // in debug mode, with labels or a trace: tasks make themselves known

	number      uint32 // tells the runs of the process apart, also in tracebacks
	lastTask    uint64
	threads     int // calls of ToThread that have not come back
	handles     int // open LoopHandles
	descriptors int // waits for a descriptor
	coroutines  int // of tasks that have begun, and idle ones
	calls       callList
	counts      counts
	meter       *meter // nil where nobody wants to know
	owners      owners
	locals      map[any]any // of packages above: see inside.Poller
	random      *random     // nil until somebody asks

	ranked    bool       // some task has a priority
	stopping  bool       // main has ended: the shutdown may begin
	killing   bool       // tasks are ended by force
	forced    int        // rounds since then
	cancelled uint64     // the last task that the shutdown has cancelled
	lastTimer *Handle    // of the grace period, during the shutdown
	notEnded  error      // which tasks the shutdown has ended by force
	wanted    taskConfig // of the task that is being created: a local one would escape
	goexit    bool       // a task called runtime.Goexit: Run's goroutine ends like that
	failure   error

	limiter   *CapacityLimiter
	signalled []*Signals // open
	running   atomic.Bool
	closed    atomic.Bool
	home      uint64 // in debug mode: the goroutine of Run
}

// NewLoop makes a loop that can be run several times.
func NewLoop(opts ...Option) *Loop {
	return &Loop{config: newConfig(opts)}
}

// lastLoop numbers the runs of the process.
var lastLoop atomic.Uint32

// Name is the name given by [LoopName].
func (l *Loop) Name() string { return l.name }

// Close makes every later Run return [ErrLoopClosed]. A loop that runs is not
// disturbed: end it by ending main. Any goroutine may call Close, more than once.
func (l *Loop) Close() error {
	l.closed.Store(true)
	if l.running.CompareAndSwap(false, true) { // nobody runs it, and nobody will
		l.forget()
		l.running.Store(false)
	}
	return nil
}

// forget gives back what only makes the next steps quicker.
func (l *Loop) forget() {
	for _, c := range l.idle {
		c.Close()
	}
	l.coroutines -= len(l.idle)
	l.idle = nil
	l.ready = readyQueue{rounds: l.ready.rounds, entries: l.ready.entries}
}

// RunningLoop is the loop that ctx leads to, or nil.
func RunningLoop(ctx context.Context) *Loop {
	if s, ok := ctx.(*scope); ok {
		return s.loop
	}
	if s, _ := resolve(ctx); s != nil {
		return s.loop
	}
	return nil
}

// mustLoop is for calls that have no error to return: it panics where ctx does
// not come from a loop, or, if that can be told, on the wrong goroutine.
func mustLoop(ctx context.Context) *Loop {
	l := RunningLoop(ctx)
	if l == nil {
		panic(ErrNoLoop)
	}
	l.checkOnLoop("this call")
	return l
}

// drive runs rounds until over says that it is enough. A round (rule S2): poll,
// then ready I/O and due timers join the end of the queue, then exactly the
// entries that are in the queue now run. What they add waits for the next round.
func (l *Loop) drive(over func() bool) {
	if l.explored != nil {
		l.driveExplored(over)
		return
	}
	for !over() && l.failure == nil {
		l.poll()
		if l.ranked {
			l.ready.sortBatch()
		}
		l.ready.count()
		for l.left = l.ready.batch(); l.left > 0; {
			l.left--
			if l.watch.probe.Load() != 0 {
				l.attend()
			}
			switch e := l.ready.pop().(type) {
			case *taskCore:
				e.run() // a direct call: it is nearly always a task
			default:
				e.run()
			}
		}
	}
}

// poll lets time pass if there is nothing else to do, and collects what has
// happened: posts of other goroutines, ready descriptors, due timers.
func (l *Loop) poll() {
	if l.traceTurns() {
		l.turnTrace()
	}
	if l.bridges.n > 0 && l.driver.Virtual() {
		l.bridges.crossAll()
	}
	until := driver.Instant(0)
	idlers := l.idlers.Len() > 0
	if l.ready.n == 0 && !idlers && !l.posts.some.Load() {
		until = l.timers.next()
		if l.nothingDue() && !l.canBeWoken() {
			l.stuck()
			return
		}
		if l.threads > 0 && l.driver.Virtual() {
			until = driver.Forever // a thread takes real time: the clock must not run away
			if l.explored != nil {
				l.explored.Blocked() // nor must other hosts go on meanwhile
				until = 0
			}
		}
	}
	if until > 0 || l.descriptors > 0 || l.stepped && l.explored != nil {
		l.wait(until)
	}
	if l.posts.some.Load() {
		l.posts.run()
	}
	if len(l.timers.nodes) > 0 {
		l.now = l.driver.Now()
		l.timers.fire(l.now, &l.ready)
	}
	if idlers && l.ready.n == 0 {
		l.idlers.WakeAll()
	}
}

// canBeWoken tells whether something outside the loop may still wake a task
// (rule L5).
func (l *Loop) canBeWoken() bool {
	return l.threads > 0 || l.handles > 0 || l.descriptors > 0 || l.bridges.n > 0
}

// wait lets the driver wait.
func (l *Loop) wait(until driver.Instant) {
	asleep := until > 0
	var begin driver.Instant
	if asleep {
		if l.meter != nil {
			begin = l.driver.Now()
		}
		if l.recorder != nil {
			l.recorder.sleep(until)
		}
		l.watch.asleep.Store(true)
		l.driver.Solitary(l.threads == 0 && l.handles == 0 && l.bridges.n == 0)
	}
	n, err := l.driver.Wait(l.events[:], until)
	if asleep {
		l.now = l.driver.Now()
		l.counts.wakeups++
		if l.meter != nil {
			l.meter.asleep += l.now.Sub(begin)
		}
		if l.recorder != nil {
			l.recorder.awake(l.now)
		}
		l.watch.wake()
	}
	l.deliver(n)
	for n == len(l.events) && err == nil { // what is ready comes before what is due: a time limit must not beat it
		n, err = l.driver.Wait(l.events[:], 0)
		l.deliver(n)
	}
	if err != nil {
		l.failure = fmt.Errorf("asyncio: waiting for events: %w", err)
	}
}

// deliver takes the first n events to the owners of their descriptors.
func (l *Loop) deliver(n int) {
	if n > 0 && l.recorder != nil {
		l.recorder.put(monitor.IO, 0)
	}
	for _, e := range l.events[:n] {
		if s := l.owners.sink(e.Handle); s != nil {
			s.Ready(e.Mode)
		}
	}
}

// timeOf and instantOf translate between the driver's clock and times of day.
func (l *Loop) timeOf(i driver.Instant) time.Time { return l.base.Add(time.Duration(i)) }

func (l *Loop) instantOf(at time.Time) driver.Instant { return driver.Instant(at.Sub(l.base)) }
