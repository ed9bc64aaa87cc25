package sim

import (
	"slices"
	"testing"

	"github.com/goasyncio/asyncio/sim/internal/explore"
)

// ShrinkFirst finds the first schedule that fails, replays it, makes it small and
// replays that in another world.
func ShrinkFirst(t testing.TB, body func(w *World), opts ...Option) explore.Stats {
	t.Helper()
	c := &campaign{t: t, body: body, opts: newOptions(t, opts)}
	f := c.search()
	if f == nil {
		t.Fatal("no schedule fails")
	}
	if again := replayed(c, f.tape); again.hash != f.hash || again.failure == nil || !slices.Equal(again.tape, f.tape) {
		t.Fatalf("schedule %d is another one when it is replayed: %v, and then %v", f.number, f.failure, again.failure)
	}
	l := newLane(c.opts, body)
	defer l.close()
	small, stats := explore.Shrink(l.chooser, f.tape, explore.Limits{Runs: 5000}, func() bool {
		o, _ := l.run(c.opts.seed, false)
		return o.failure != nil
	})
	parsed, err := explore.Parse(small.String())
	if err != nil {
		t.Fatal(err)
	}
	first, second := replayed(c, small), replayed(c, parsed)
	if first.failure == nil || second.failure == nil || first.hash != second.hash || !slices.Equal(first.tape, second.tape) {
		t.Fatalf("the small schedule %v is not the same each time: %v, and then %v", small, first.failure, second.failure)
	}
	return stats
}

// replayed is the outcome of a tape in a world of its own.
func replayed(c *campaign, tape explore.Tape) outcome {
	l := newLane(c.opts, c.body)
	defer l.close()
	l.chooser.Replay(tape)
	o, _ := l.run(c.opts.seed, false)
	o.tape = slices.Clone(o.tape)
	return o
}
