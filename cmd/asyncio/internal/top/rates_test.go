package top

import (
	"math"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/fake"
	"github.com/goasyncio/asyncio/console/client"
)

// at is a sample some seconds after the beginning.
func at(seconds float64, rounds, entries uint64, busy, asleep time.Duration) sample {
	return sample{
		at:    fake.Now.Add(time.Duration(seconds * float64(time.Second))),
		stats: client.Stats{Rounds: rounds, Entries: entries, Busy: busy, Asleep: asleep},
	}
}

func TestRatesAreThoseOfTheLastSeconds(t *testing.T) {
	samples := []sample{at(0, 100, 1000, 0, 0), at(2, 300, 1400, time.Second, time.Second), at(4, 500, 1800, 2*time.Second, 6*time.Second)}
	r := measure(samples)
	if r.rounds != 100 || r.steps != 200 || r.busy != 0.25 {
		t.Errorf("got %+v", r)
	}
	t.Run("not known at the beginning", func(t *testing.T) {
		for _, samples := range [][]sample{nil, samples[:1]} {
			if r := measure(samples); r.rounds != 0 || !math.IsNaN(r.busy) {
				t.Errorf("of %d samples: %+v", len(samples), r)
			}
		}
	})
	t.Run("what is older is forgotten", func(t *testing.T) {
		var samples []sample
		for i := range 100 {
			samples = remember(samples, at(float64(i), uint64(i*i), 0, 0, 0))
		}
		if n := len(samples); n < 10 || n > 12 {
			t.Errorf("%d samples of a second each are kept", n)
		}
	})
	t.Run("a loop that is another begins anew", func(t *testing.T) {
		samples := remember([]sample{at(0, 100, 0, 0, 0)}, at(1, 5, 0, 0, 0))
		if len(samples) != 1 || samples[0].stats.Rounds != 5 {
			t.Errorf("got %+v", samples)
		}
	})
}

func TestALoopIsBusyWhileItIsBlocked(t *testing.T) {
	stats := client.Stats{Rounds: 1, Busy: time.Second, Asleep: time.Second}
	pic := picture{at: fake.Now, loop: client.Loop{State: client.Asleep, Stats: stats}}
	samples := []sample{sampleOf(pic)}
	pic.loop.State, pic.loop.BlockedSince, pic.at = client.Blocked, fake.Now, fake.Now.Add(3*time.Second)
	if r := measure(append(samples, sampleOf(pic))); r.busy != 1 {
		t.Errorf("its share is %v, want all of it", r.busy)
	}
}

// histogram counts some durations.
func histogram(all ...time.Duration) (h client.Histogram) {
	for _, d := range all {
		h.Add(d)
	}
	return h
}

func TestPercentilesAreUpperBounds(t *testing.T) {
	var all []time.Duration
	for i := range 100 {
		all = append(all, time.Duration(i+1)*time.Microsecond)
	}
	p := percentilesOf(histogram(all...))
	if p.count != 100 || p.p50 < 50*time.Microsecond || p.p50 >= 100*time.Microsecond || p.p99 < 99*time.Microsecond || p.max != 100*time.Microsecond {
		t.Errorf("got %+v", p)
	}
	if p := percentilesOf(client.Histogram{}); p != (percentiles{}) {
		t.Errorf("of nothing: %+v", p)
	}
	if p := percentilesOf(histogram(5)); p.p50 != 5 || p.max != 5 {
		t.Errorf("of one: %+v", p)
	}
	t.Run("of what came since", func(t *testing.T) {
		d := minus(histogram(1, 1000, time.Second), histogram(1, 1000))
		if p := percentilesOf(d); p.count != 1 || p.p50 < time.Second/2 {
			t.Errorf("got %+v", p)
		}
		if d := minus(histogram(1), histogram(1, 1)); d != histogram(1) {
			t.Errorf("of one that was begun anew: %+v", d)
		}
	})
}
