package prometheus_test

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// fakeLoop is a loop that answers when a test wants it to.
type fakeLoop struct {
	monitor.Source // what is not used panics
	name           string
	number         uint32
	asleep         atomic.Bool
	metered        atomic.Int32
	ended          chan struct{}

	mu      sync.Mutex
	stats   monitor.Stats
	blocked bool
	open    []func(monitor.View) // questions that were not answered
}

var lastFake atomic.Uint32

// begin is a loop that runs, with these numbers.
func begin(name string, stats monitor.Stats) *fakeLoop {
	l := &fakeLoop{name: name, number: 1000 + lastFake.Add(1), stats: stats, ended: make(chan struct{})}
	monitor.Begin(l)
	return l
}

// end ends the loop.
func (l *fakeLoop) end() {
	close(l.ended)
	monitor.End(l, nil)
}

func (l *fakeLoop) Number() uint32         { return l.number }
func (l *fakeLoop) Name() string           { return l.name }
func (l *fakeLoop) Asleep() bool           { return l.asleep.Load() }
func (l *fakeLoop) Moved() uint64          { return 0 }
func (l *fakeLoop) Ended() <-chan struct{} { return l.ended }
func (l *fakeLoop) Last() monitor.Stats    { return l.stats }

func (l *fakeLoop) Meter() (stop func()) {
	l.metered.Add(1)
	return sync.OnceFunc(func() { l.metered.Add(-1) })
}

func (l *fakeLoop) Post(f func(monitor.View)) bool {
	select {
	case <-l.ended:
		return false
	default:
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = append(l.open, f)
	if !l.blocked {
		go l.answer()
	}
	return true
}

// answer answers what is open.
func (l *fakeLoop) answer() {
	l.mu.Lock()
	open := l.open
	l.open = nil
	l.mu.Unlock()
	for _, f := range open {
		f(fakeView{loop: l})
	}
}

// block makes the loop answer nothing until free.
func (l *fakeLoop) block() { l.set(func() { l.blocked = true }) }

func (l *fakeLoop) free() {
	l.set(func() { l.blocked = false })
	l.answer()
}

func (l *fakeLoop) set(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f()
}

func (l *fakeLoop) questions() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.open)
}

type fakeView struct {
	monitor.View
	loop *fakeLoop
}

func (v fakeView) Stats() monitor.Stats {
	v.loop.mu.Lock()
	defer v.loop.mu.Unlock()
	return v.loop.stats
}

// someStats are numbers that are all different.
func someStats() monitor.Stats {
	s := monitor.Stats{
		Tasks: 10, Waiting: 7, Created: 20, Ready: 5, Timers: 4, Threads: 2, Handles: 6, Descriptors: 8,
		Contexts: 9, Coroutines: 11, Failures: 1, Rounds: 30, Entries: 40, Wakeups: 12, Posts: 13,
		Busy: 1500 * time.Millisecond, Asleep: 2500 * time.Millisecond,
	}
	for _, late := range []time.Duration{0, 100 * time.Nanosecond, 3 * time.Microsecond, time.Millisecond, time.Hour} {
		s.Lag.Add(late)
	}
	return s
}
