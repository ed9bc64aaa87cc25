package console

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/goasyncio/asyncio/internal/monitor"
)

const (
	maxEnded = 16 // how many loops that have ended are remembered
	// goodbye is how long the end of a loop waits for its streams to say so. Where
	// nobody watches, it does not wait.
	goodbye = 100 * time.Millisecond
)

var errClosed = errors.New("the console is closed")

// A hub knows the loops of the process, those that run and the last ones that have
// ended. Each console has one. It is a [monitor.Watcher].
type hub struct {
	ctx    context.Context // ends when the console is closed
	cancel context.CancelFunc
	unhook func()

	mu     sync.Mutex
	loops  map[uint32]*loop
	ended  []*loop // the last first
	closed bool
	work   sync.WaitGroup // goroutines of the console, and requests
}

func newHub() *hub {
	h := &hub{loops: map[uint32]*loop{}}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	h.unhook = monitor.Watch(h)
	return h
}

// close ends all streams, and waits for the goroutines and the requests.
func (h *hub) close() {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.unhook()
	h.cancel()
	h.work.Wait()
}

// spawn runs f on a goroutine that close waits for. It returns false where the hub is
// closed.
func (h *hub) spawn(f func()) bool {
	if !h.enter() {
		return false
	}
	go func() {
		defer h.leave()
		f()
	}()
	return true
}

// enter begins something that close waits for. It returns false where the hub is closed.
func (h *hub) enter() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	h.work.Add(1)
	return true
}

func (h *hub) leave() { h.work.Done() }

// LoopBegins is called by package monitor, once for each loop.
func (h *hub) LoopBegins(s monitor.Source) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.loops[s.Number()] = newLoop(h, s)
}

// LoopEnds is called by package monitor, on the loop's goroutine.
func (h *hub) LoopEnds(s monitor.Source, err error) {
	l := h.loop(s.Number())
	if l == nil || l.hasEnded() {
		return
	}
	l.end(err)
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.loops, l.number)
	h.ended = slices.Insert(h.ended, 0, l)
	if len(h.ended) > maxEnded {
		h.ended = slices.Delete(h.ended, maxEnded, len(h.ended))
	}
}

// Reported is called by package monitor, on whatever goroutine.
func (h *hub) Reported(s monitor.Source, r monitor.Report) {
	if l := h.loop(s.Number()); l != nil {
		l.reports.add(r)
	}
}

// loop is the loop of that number, or nil.
func (h *hub) loop(number uint32) *loop {
	h.mu.Lock()
	defer h.mu.Unlock()
	if l := h.loops[number]; l != nil {
		return l
	}
	if i := slices.IndexFunc(h.ended, func(l *loop) bool { return l.number == number }); i >= 0 {
		return h.ended[i]
	}
	return nil
}

// all are the loops that run, by number, and those that have ended, the last first.
func (h *hub) all() []*loop {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]*loop, 0, len(h.loops)+len(h.ended))
	for _, l := range h.loops {
		all = append(all, l)
	}
	slices.SortFunc(all, func(a, b *loop) int { return cmp.Compare(a.number, b.number) })
	return append(all, h.ended...)
}
