package monitor

import (
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"
)

var registry struct {
	sync.Mutex
	loops    []Source
	watchers []*watching
}

// watched tells whether there is a watcher. It is what a loop looks at before it does
// anything for one.
var watched atomic.Bool

// A Watcher is told of loops that come and go, and of what they report. Its methods are
// called on the loop's goroutine, or for a Report on any, and must not wait long.
type Watcher interface {
	LoopBegins(Source)
	// LoopEnds comes after the last task, before Run returns, and after LoopBegins. err is
	// what the loop itself has failed of, such as a deadlock, or the panic that Run raises.
	LoopEnds(s Source, err error)
	Reported(s Source, r Report)
}

// A watching is a watcher that was given to Watch.
type watching struct {
	Watcher
	told chan struct{} // closed when it knows of all loops that ran already
}

// A Report is what a loop has told people.
type Report struct {
	Message string
	Slow    bool // a step takes longer than it may, or has taken
	Task    string
	Err     error
	Stack   []byte
}

// Loops are the loops that run.
func Loops() []Source {
	registry.Lock()
	defer registry.Unlock()
	return slices.Clone(registry.loops)
}

// Watched tells whether somebody watches the loops of this process.
func Watched() bool { return watched.Load() }

// Watch tells w of all loops that run, and of those that begin later, until stop is
// called.
func Watch(w Watcher) (stop func()) {
	it := &watching{w, make(chan struct{})}
	registry.Lock()
	registry.watchers = append(slices.Clip(registry.watchers), it)
	watched.Store(true)
	loops := slices.Clone(registry.loops)
	registry.Unlock()
	defer close(it.told)
	for _, l := range loops {
		w.LoopBegins(l)
	}
	return sync.OnceFunc(func() {
		registry.Lock()
		defer registry.Unlock()
		registry.watchers = slices.DeleteFunc(slices.Clone(registry.watchers), func(x *watching) bool { return x == it })
		watched.Store(len(registry.watchers) > 0)
	})
}

// Begin enters a loop that runs from now on.
func Begin(s Source) {
	registry.Lock()
	registry.loops = append(registry.loops, s)
	watchers := registry.watchers
	registry.Unlock()
	for _, w := range watchers {
		w.LoopBegins(s)
	}
}

// End takes a loop out again.
func End(s Source, err error) {
	registry.Lock()
	registry.loops = slices.DeleteFunc(registry.loops, func(l Source) bool { return l == s })
	watchers := registry.watchers
	registry.Unlock()
	for _, w := range watchers {
		<-w.told // another goroutine may be about to tell it that s has begun
		w.LoopEnds(s, err)
	}
}

// Tell gives a report to those who watch.
func Tell(s Source, r Report) {
	registry.Lock()
	watchers := registry.watchers
	registry.Unlock()
	for _, w := range watchers {
		w.Reported(s, r)
	}
}

// settling are those who must ask before a loop takes things apart.
var settling struct {
	sync.Mutex
	of map[Source][]*func()
}

// Settling has f called when the tasks of a loop that is deadlocked are about to be
// cancelled: the last moment to ask what they wait for. f is called on the loop's
// goroutine, between two steps, unless stop is called before.
func Settling(s Source, f func()) (stop func()) {
	settling.Lock()
	defer settling.Unlock()
	if settling.of == nil {
		settling.of = map[Source][]*func(){}
	}
	settling.of[s] = append(settling.of[s], &f)
	return func() {
		settling.Lock()
		defer settling.Unlock()
		settling.of[s] = slices.DeleteFunc(settling.of[s], func(g *func()) bool { return g == &f })
		if len(settling.of[s]) == 0 {
			delete(settling.of, s)
		}
	}
}

// Settle calls them.
func Settle(s Source) {
	settling.Lock()
	all := slices.Clone(settling.of[s])
	settling.Unlock()
	for _, f := range all {
		(*f)()
	}
}

func bitLen(n uint64) int { return bits.Len64(n) }

// A Deadlock is an error for [End] that knows the tasks that waited for each other.
type Deadlock struct {
	Err error // what Run returns
	// Cycles are in the order of waiting: the first waits for the second, the last for
	// the first. Their tasks have at least ID, Name and WaitsFor.
	Cycles [][]Task
	// Tasks are those that waited, or the first thousand of them, and Stacks where each of
	// them stood.
	Tasks  []Task
	Stacks [][]Frame
}

func (d *Deadlock) Error() string { return d.Err.Error() }

// Unwrap is Err.
func (d *Deadlock) Unwrap() error { return d.Err }
