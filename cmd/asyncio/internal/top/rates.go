package top

import (
	"math"
	"time"

	"github.com/goasyncio/asyncio/console/client"
)

// window is how far back what is told "now" reaches.
const window = 10 * time.Second

// A sample is the numbers of a loop at a moment, by our clock.
type sample struct {
	at    time.Time
	stats client.Stats
	steps client.Histogram
}

// sampleOf is what a picture says. What blocks a loop keeps it busy, and the loop cannot
// say so.
func sampleOf(pic picture) sample {
	s := sample{at: pic.at, stats: pic.loop.Stats, steps: pic.steps}
	if l := pic.loop; l.State == client.Blocked && !l.BlockedSince.IsZero() {
		s.stats.Busy += max(pic.at.Sub(l.BlockedSince), 0)
	}
	return s
}

// rates are how the numbers of a loop have changed lately.
type rates struct {
	rounds, steps float64 // per second
	busy          float64 // the share of the time in which the loop was not asleep, NaN where it is not known
	lag, step     percentiles
}

// percentiles are upper bounds: a histogram knows powers of two.
type percentiles struct {
	p50, p99, max time.Duration
	count         uint64
}

// remember adds what a picture says and forgets what is too old. It begins anew where
// the loop is another.
func remember(samples []sample, now sample) []sample {
	for len(samples) > 1 && now.at.Sub(samples[1].at) >= window {
		samples = samples[1:]
	}
	if n := len(samples); n > 0 && now.stats.Rounds < samples[n-1].stats.Rounds {
		samples = nil
	}
	return append(samples, now)
}

// measure compares the newest sample with the oldest.
func measure(samples []sample) rates {
	r := rates{busy: math.NaN()}
	if len(samples) == 0 {
		return r
	}
	old, now := samples[0], samples[len(samples)-1]
	r.lag = percentilesOf(minus(now.stats.Lag, old.stats.Lag))
	r.step = percentilesOf(minus(now.steps, old.steps))
	if took := now.at.Sub(old.at).Seconds(); took > 0 {
		r.rounds = float64(now.stats.Rounds-old.stats.Rounds) / took
		r.steps = float64(now.stats.Entries-old.stats.Entries) / took
	}
	busy, asleep := now.stats.Busy-old.stats.Busy, now.stats.Asleep-old.stats.Asleep
	if all := busy + asleep; all > 0 && busy >= 0 && asleep >= 0 {
		r.busy = float64(busy) / float64(all)
	}
	return r
}

// minus is what was counted since old.
func minus(now, old client.Histogram) client.Histogram {
	for i := range now.Buckets {
		if now.Buckets[i] < old.Buckets[i] {
			return now // it was begun anew
		}
	}
	d := now
	for i := range d.Buckets {
		d.Buckets[i] -= old.Buckets[i]
	}
	return d
}

// percentilesOf reads a histogram. No bound is greater than the greatest that was seen.
func percentilesOf(h client.Histogram) (p percentiles) {
	for _, n := range h.Buckets {
		p.count += n
	}
	if p.count == 0 {
		return p
	}
	at := func(share float64) time.Duration {
		rest := uint64(math.Ceil(share * float64(p.count)))
		for i, n := range h.Buckets {
			if rest <= n {
				return min(time.Duration(1)<<i, h.Max)
			}
			rest -= n
		}
		return h.Max
	}
	p.p50, p.p99, p.max = at(0.5), at(0.99), at(1)
	return p
}
