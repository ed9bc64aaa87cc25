package sim

import (
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/sim/internal/explore"
)

// Run runs one world, whose decisions follow from seed.
func Run(t testing.TB, seed uint64, body func(w *World), opts ...Option) {
	t.Helper()
	Check(t, body, append(slices.Clone(opts), Seed(seed), Runs(1), from(1))...)
}

// Check runs body in many worlds, each with another order of events and other faults.
// The first, schedule 0, is as in production: the order of the queue, and nothing goes
// wrong. Check ends with the first failure, which it makes as short as it can and
// prints, with the command that replays it.
func Check(t testing.TB, body func(w *World), opts ...Option) {
	t.Helper()
	c := &campaign{t: t, body: body, opts: newOptions(t, opts), call: call(t)}
	if _, err := explore.Named(c.opts.strategy); err != nil {
		t.Fatalf("sim: %v", err)
	}
	if c.opts.replay != "" {
		c.replay()
		return
	}
	if f := c.search(); f != nil {
		c.tell(f)
	} else if testing.Verbose() {
		t.Logf("sim: %s", c.tally.words(c.took))
	}
}

// campaign is one call of Check.
type campaign struct {
	t     testing.TB
	body  func(*World)
	opts  *options
	call  int // of Check, in this test, from 1
	start time.Time
	took  time.Duration
	first atomic.Int64 // the number of the first schedule that has failed; see search
	done  atomic.Int64 // schedules

	counting sync.Mutex
	tally    tally
}

// finding is a schedule that has failed.
type finding struct {
	number   int
	strategy string
	tape     explore.Tape
	failure  *Failure
	hash     uint64
}

// is tells whether the finding is, among others, that error.
func (f *finding) is(err error) bool { return f.failure != nil && errors.Is(f.failure, err) }

// Schedules are run by lanes, each of which learns from its own alone, in blocks that go
// to the lanes in turn. How many of them are at work at a time depends on the machine;
// how many there are does not, and so what they find does not either.
const (
	block = 16
	// minLanes are enough for a campaign in go test, and few enough for each to learn.
	minLanes = 4
	// maxLanes keep the cores of a large machine busy.
	maxLanes = 64
	// laneRuns is how many schedules are worth a further lane.
	laneRuns = 256
)

// lanes is how many a campaign has.
func (o *options) lanes() int {
	if o.time > 0 {
		return maxLanes
	}
	return min(max(o.runs/laneRuns, minLanes), maxLanes)
}

// search runs schedules until one fails, and returns the first by number, or nil.
func (c *campaign) search() *finding {
	c.start = time.Now()
	c.first.Store(int64(c.opts.from + c.opts.runs))
	if c.opts.time > 0 {
		c.first.Store(1 << 62)
	}
	lanes := c.opts.lanes()
	found := make([]*finding, lanes)
	var work sync.WaitGroup
	atOnce := max(1, min(lanes, runtime.GOMAXPROCS(0)))
	if c.opts.twice {
		atOnce = 1 // goroutines are looked at, which are of the process
	}
	turns := make(chan struct{}, atOnce)
	for i := range lanes {
		work.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			found[i] = c.searchLane(i, lanes)
		})
	}
	work.Wait()
	c.took = time.Since(c.start)
	var first *finding
	for _, f := range found {
		if f != nil && (first == nil || f.number < first.number) {
			first = f
		}
	}
	return first
}

// searchLane runs the schedules of one lane. Those behind a failure of another lane are
// left out, but none before it.
func (c *campaign) searchLane(i, lanes int) *finding {
	l := newLane(c.opts, c.body)
	defer l.close()
	defer c.count(&l.tally)
	strategy, _ := explore.Named(c.opts.strategy)
	for b := i; ; b += lanes {
		for k := c.opts.from + b*block; k < c.opts.from+(b+1)*block; k++ {
			if int64(k) >= c.first.Load() || c.opts.time > 0 && time.Since(c.start) > c.opts.time {
				return nil
			}
			if f := l.schedule(strategy, k); f != nil {
				c.failed(k)
				return f
			}
			c.done.Add(1)
		}
	}
}

// count adds what a lane has counted.
func (c *campaign) count(t *tally) {
	c.counting.Lock()
	defer c.counting.Unlock()
	c.tally.merge(t)
}

// failed notes that schedule k has failed.
func (c *campaign) failed(k int) {
	for {
		first := c.first.Load()
		if int64(k) >= first || c.first.CompareAndSwap(first, int64(k)) {
			return
		}
	}
}

// production decides schedule 0 of every campaign.
var production = explore.NewFIFO

// schedule runs schedule k.
func (l *lane) schedule(s explore.Strategy, k int) *finding {
	if k == 0 {
		s = production()
	}
	l.chooser.Begin(s, l.opts.seed, k)
	name := s.Name()
	got, _ := l.run(l.opts.seed, false)
	l.tally.add(l.world)
	if got.failure == nil && !l.opts.twice {
		return nil
	}
	f := &finding{k, name, slices.Clone(got.tape), got.failure, got.hash}
	if l.opts.twice && !f.is(errForeign) {
		if err := l.sameTwice(got); err != nil {
			f.failure = &Failure{Host: "test", Err: err}
		}
	}
	if f.failure == nil {
		return nil
	}
	return f
}
