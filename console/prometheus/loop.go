package prometheus

import (
	"slices"
	"strings"
	"time"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// loop is what a collector knows of a loop. Its fields are the collector's, under mu.
type loop struct {
	source  monitor.Source
	key     key
	unmeter func()

	stats monitor.Stats
	at    time.Time // when they were told, or the loop was met: nothing was known of it then

	// One question at a time: a loop that is blocked must not find a heap of them when
	// it is free again.
	asked    time.Time     // zero where none is open
	posted   bool          // it was
	pulse    monitor.Pulse // of the loop since it was
	answered chan struct{} // closed with the answer
	reports  uint64
}

// begin opens a question, if none is open.
func (l *loop) begin() {
	if l.asked.IsZero() {
		l.asked, l.posted, l.answered = time.Now(), false, make(chan struct{})
	}
}

// post gives the question to the loop. It is not called under the lock: a loop may hold
// its own while it waits for that.
func (l *loop) post(c *Collector) {
	if l.posted {
		return
	}
	l.posted = true
	l.pulse.Begin(l.source)
	l.source.Post(func(v monitor.View) { // where it returns false the loop has ended
		stats := v.Stats()
		c.mu.Lock()
		defer c.mu.Unlock()
		l.stats, l.at, l.asked = stats, time.Now(), time.Time{}
		close(l.answered)
	})
}

// blocked is for how long the loop has been in one step, as far as is known; 0 where it
// has answered, moves, or is still within its time.
func (l *loop) blocked(timeout time.Duration) time.Duration {
	if l.asked.IsZero() || !l.posted {
		return 0
	}
	if d := l.pulse.Stuck(l.source); d >= timeout {
		return d
	}
	return 0
}

func (l *loop) hasEnded() bool {
	select {
	case <-l.source.Ended():
		return true
	default:
		return false
	}
}

// retire takes a loop off the list and keeps what it has counted, to its end if it has
// ended. It is called under the lock.
func (c *Collector) retire(l *loop) {
	i := slices.Index(c.loops, l)
	if i < 0 {
		return
	}
	c.loops = slices.Delete(c.loops, i, i+1)
	if l.hasEnded() {
		l.stats = l.source.Last()
	}
	if c.numbers {
		return // its series ends with it
	}
	if c.ended[l.key] == nil {
		c.ended[l.key] = new(sums)
	}
	c.ended[l.key].count(l)
}

// watcher is the collector as a [monitor.Watcher].
type watcher Collector

func (w *watcher) LoopBegins(s monitor.Source) {
	l := &loop{source: s, unmeter: s.Meter(), at: time.Now()}
	c := (*Collector)(w)
	c.mu.Lock()
	defer c.mu.Unlock()
	l.key = c.keyOf(s)
	c.loops = append(c.loops, l)
}

func (c *Collector) keyOf(s monitor.Source) key {
	k := key{name: strings.ToValidUTF8(s.Name(), "\uFFFD")} // with anything else the whole scrape would fail
	if c.names[k.name] || len(c.names) < maxNames {
		c.names[k.name] = true
	} else {
		k.name = "other"
	}
	if c.numbers {
		k.number = s.Number()
	}
	return k
}

func (w *watcher) LoopEnds(s monitor.Source, _ error) {
	c := (*Collector)(w)
	c.mu.Lock()
	defer c.mu.Unlock()
	if l := c.find(s); l != nil {
		c.retire(l)
	}
}

func (w *watcher) Reported(s monitor.Source, _ monitor.Report) {
	c := (*Collector)(w)
	c.mu.Lock()
	defer c.mu.Unlock()
	if l := c.find(s); l != nil {
		l.reports++
	}
}

func (c *Collector) find(s monitor.Source) *loop {
	i := slices.IndexFunc(c.loops, func(l *loop) bool { return l.source == s })
	if i < 0 {
		return nil
	}
	return c.loops[i]
}
