// Package prometheus gives the numbers of all event loops of the process to
// Prometheus, through its client library.
//
//	collector := prometheus.NewCollector()
//	defer collector.Close()
//	registry.MustRegister(collector)
//
// Each metric has the label loop, the name of the loop (see asyncio.LoopName). Loops of
// the same name, at the same time or one after the other, are one series: gauges are
// their sum, and a counter goes on counting when a loop has ended and another begins.
// So what there is to store does not grow with the number of runs. Tasks, whose names
// a program makes up as it goes, are counted and never named.
//
// A scrape asks each loop for its numbers, which takes the loop about a microsecond, and
// waits at most [Timeout] for the answers. A loop that does not answer because something
// blocks it is told as asyncio_loop_blocked, with its numbers as they were last, and
// asyncio_loop_stats_age_seconds says how old they are. A loop that sleeps is woken.
//
// While there is a collector the loops measure how long they sleep and how late their
// timers are, which takes them two looks at the clock for each time they sleep.
package prometheus

import (
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// DefaultTimeout is how long a scrape waits for the answers of the loops. Who has not
// answered until then, and has been in one step all the time, is blocked.
const DefaultTimeout = 250 * time.Millisecond

// maxNames bounds the names that loops are told by, for programs that make them up:
// later ones are counted together, under the name "other".
const maxNames = 100

// An Option says how a [Collector] is to work.
type Option func(*Collector)

// Timeout is how long a scrape waits for the answers of the loops. The default is
// [DefaultTimeout].
func Timeout(d time.Duration) Option { return func(c *Collector) { c.timeout = d } }

// Numbers adds the label number, which tells loops of the same name apart: for programs
// with a fixed set of loops, such as one for each processor. Each new run is a new
// series, which ends with it.
func Numbers() Option { return func(c *Collector) { c.numbers = true } }

// A Collector is a [prometheus.Collector] for the loops of the process. Any goroutine
// may use it.
type Collector struct {
	timeout time.Duration
	numbers bool
	metrics []metric
	lag     histogram
	stop    func()

	scraping sync.Mutex // a Collect at a time

	mu    sync.Mutex // never held while anybody is waited for: loops need it
	loops []*loop
	ended map[key]*sums // what loops have counted that have ended
	names map[string]bool
}

// key is the labels of a series.
type key struct {
	name   string
	number uint32 // 0 where it is no label
}

// NewCollector makes a collector, which begins to watch the loops: those that run and
// those to come.
func NewCollector(opts ...Option) *Collector {
	c := &Collector{timeout: DefaultTimeout, ended: map[key]*sums{}, names: map[string]bool{}}
	for _, o := range opts {
		o(c)
	}
	c.describe()
	c.stop = monitor.Watch((*watcher)(c))
	return c
}

// Close ends the watch; the loops no longer measure for this collector. What is scraped
// after it is what was known last of ended loops. It is idempotent.
func (c *Collector) Close() error {
	c.stop()
	c.mu.Lock()
	left := slices.Clone(c.loops)
	for _, l := range left {
		c.retire(l)
	}
	c.mu.Unlock()
	for _, l := range left {
		l.unmeter()
	}
	return nil
}

// Describe implements [prometheus.Collector].
func (c *Collector) Describe(out chan<- *prometheus.Desc) {
	for _, m := range c.metrics {
		out <- m.desc
	}
	out <- c.lag.desc
}

// Collect implements [prometheus.Collector]. It waits for the loops, at most as long as
// [Timeout] says.
func (c *Collector) Collect(out chan<- prometheus.Metric) {
	c.scraping.Lock()
	defer c.scraping.Unlock()
	c.ask()
	for key, s := range c.sums() {
		for _, m := range c.metrics {
			out <- m.of(s, key.values(c.numbers))
		}
		out <- c.lag.of(s, key.values(c.numbers))
	}
}

// ask asks all loops for their numbers and waits for the answers.
func (c *Collector) ask() {
	c.mu.Lock()
	asked := slices.Clone(c.loops)
	for _, l := range asked {
		l.begin()
	}
	c.mu.Unlock()
	for _, l := range asked {
		l.post(c)
	}
	over := time.NewTimer(c.timeout) // from here on: who is stuck for so long is blocked
	defer over.Stop()
	for _, l := range asked {
		select {
		case <-l.answered:
		case <-l.source.Ended():
		case <-over.C:
			return
		}
	}
}

// sums adds up what is known, by the labels.
func (c *Collector) sums() map[key]*sums {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range slices.Clone(c.loops) {
		if l.hasEnded() { // LoopEnds is still to come
			c.retire(l)
		}
	}
	all := make(map[key]*sums, len(c.ended)+len(c.loops))
	for k, s := range c.ended {
		copied := *s
		all[k] = &copied
	}
	for _, l := range c.loops {
		if all[l.key] == nil {
			all[l.key] = new(sums)
		}
		all[l.key].add(l, c.timeout)
	}
	return all
}
