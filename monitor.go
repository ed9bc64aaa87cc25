package asyncio

import (
	"errors"
	"time"

	"github.com/goasyncio/asyncio/internal/coro"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// A source is one run of a loop as a console sees it, from other goroutines. It holds
// the postbox of this run, so that a call that comes too late reaches no later one.
//
// Explored loops have none: theirs are many thousand short runs, and who looks at them
// looks at the world that they are in.
type source struct {
	loop    *Loop // never touched from here but for what is atomic
	box     *postbox
	number  uint32
	name    string
	started time.Time
	virtual bool
	ended   chan struct{}
	last    monitor.Stats // written before ended is closed

	deadlock *monitor.Deadlock // if that is how the run has ended
	panicked *PanicError       // likewise: what Run is about to raise
	reel     reel              // of the recorder
	tapes    []*tape           // the loop's: who reads it
}

// startConsole is called when a run begins: see console.go.
var startConsole = func() {}

// announce tells consoles of the run that begins. What they ask for at once, such as a
// recording, is done before the first task is made.
func (l *Loop) announce() {
	if l.explored != nil {
		return
	}
	startConsole()
	s := &source{
		loop: l, box: l.posts, number: l.number, name: l.name,
		started: l.base, virtual: l.driver.Virtual(), ended: make(chan struct{}),
	}
	l.source.Store(s)
	monitor.Begin(s)
	if l.posts.some.Load() {
		l.posts.run()
	}
}

// conclude tells consoles that the run is over.
func (l *Loop) conclude() {
	s := l.source.Load()
	if s == nil {
		return
	}
	if monitor.Watched() {
		s.last = (*view)(l).Stats()
	}
	l.stopRecording()
	close(s.ended)
	err := l.failure
	if s.deadlock != nil {
		err = s.deadlock
	}
	if l.notEnded != nil {
		err = errors.Join(err, l.notEnded)
	}
	if s.panicked != nil {
		err = errors.Join(err, s.panicked)
	}
	monitor.End(s, err)
}

// foresee notes the panic that Run will raise, so that consoles and flight recorders
// hear of it: the process may end with it. See raise.
func (l *Loop) foresee(main AnyTask) {
	s := l.source.Load()
	if s == nil || l.goexit {
		return
	}
	s.panicked, _ = main.core().err.(*PanicError)
	for a := range l.unseen.all() {
		if s.panicked == nil {
			s.panicked, _ = a.ending().err.(*PanicError)
		}
	}
}

// Number implements [monitor.Source], as do the other methods.
func (s *source) Number() uint32         { return s.number }
func (s *source) Name() string           { return s.name }
func (s *source) Started() time.Time     { return s.started }
func (s *source) Virtual() bool          { return s.virtual }
func (s *source) Ended() <-chan struct{} { return s.ended }
func (s *source) Last() monitor.Stats    { return s.last }

func (s *source) Asleep() bool {
	return s.box.open() && s.loop.watch.asleep.Load()
}

// Moved raises a flag that the loop takes down, and counts, before its next entry. The
// number is read first: a flag that is taken down in between has been counted after it.
func (s *source) Moved() uint64 {
	w := &s.loop.watch
	n := w.moves.Load()
	w.probe.Or(felt)
	return n
}

func (s *source) Post(f func(monitor.View)) bool {
	return s.box.ask(func() { f((*view)(s.loop)) })
}

func (s *source) Running() []byte { return coro.Running(s.number) }

func (s *source) Stacks() map[uint64][]byte { return coro.Stacks(s.number) }

// tellConsoles passes on what the loop reports to people. Any goroutine may call it.
func (l *Loop) tellConsoles(r Report) {
	if s := l.source.Load(); s != nil {
		monitor.Tell(s, monitor.Report{Message: r.Message, Slow: r.slow, Task: r.Task, Err: r.Err, Stack: r.Stack})
	}
}
