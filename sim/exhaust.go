package sim

import (
	"slices"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/sim/internal/explore"
)

// DefaultExhaust is how many schedules [Exhaust] runs before it gives up.
const DefaultExhaust = 100_000

// Exhaust runs body in every order of events that there is, with every outcome of what
// is drawn, and tells whether it has seen them all; the test's log says how many there
// were. It is for programs of two to four tasks with a few waits each: the number of
// orders grows with the factorial of their steps. Larger ones need a bound, such as
// [Preemptions], within which it then sees everything, or end when [DefaultExhaust]
// schedules have run, or as many as [Runs] says, or the time of [For] is over.
//
// A failure is made short and told as by [Check].
func Exhaust(t testing.TB, body func(w *World), opts ...Option) (everything bool) {
	t.Helper()
	c := &campaign{t: t, body: body, opts: newOptions(t, slices.Insert(slices.Clone(opts), 0, Runs(DefaultExhaust)))}
	if c.opts.replay != "" {
		c.replay()
		return false
	}
	c.start = time.Now()
	found, f, err := c.exhaust()
	switch {
	case err != nil:
		t.Errorf("sim: %v", err)
	case f != nil:
		c.tell(f)
	case found.Complete:
		t.Logf("sim: everything seen: %d schedules in %v", found.Schedules, time.Since(c.start).Round(time.Millisecond))
		return true
	default:
		t.Logf("sim: not everything seen: %d schedules in %v", found.Schedules, time.Since(c.start).Round(time.Millisecond))
	}
	return false
}

// Preemptions bounds the orders that [Exhaust] looks at: those in which another task
// comes at most n times though the one before could have gone on. Most bugs need one or
// two.
func Preemptions(n int) Option {
	return func(o *options) { o.bound = explore.Preemptions(n) }
}

// Delays bounds the orders that [Exhaust] looks at: those that differ from the order of
// production by at most n tasks that had to let another one pass.
func Delays(n int) Option { return func(o *options) { o.bound = explore.Delays(n) } }

// exhaust is the search. A failure ends it.
func (c *campaign) exhaust() (explore.Found, *finding, error) {
	l := newLane(c.opts, c.body)
	defer l.close()
	limits := explore.Limits{Runs: c.opts.runs}
	if c.opts.time > 0 {
		limits = explore.Limits{For: c.opts.time}
	}
	var last outcome
	found, err := explore.Exhaust(l.chooser, c.opts.search(limits), func() bool {
		last, _ = l.run(c.opts.seed, false)
		return last.failure != nil
	})
	if err != nil || found.Failure == nil {
		return found, nil, err
	}
	return found, &finding{found.Schedules - 1, "exhaustive", found.Failure, last.failure, last.hash}, nil
}
