package simenv

import (
	"math/rand/v2"
	"time"

	"github.com/goasyncio/asyncio/internal/driver"
)

// Fake is a world without hosts, for the tests of a world's parts. Its decisions come
// from a seed; with [Fake.Mild] set all of them are the mildest.
type Fake struct {
	Mild   bool
	Events []Event
	queue  Queue
	now    driver.Instant
	rand   *rand.Rand
}

// NewFake makes a world at time 0.
func NewFake(seed uint64) *Fake {
	return &Fake{rand: rand.New(rand.NewPCG(seed, 1))}
}

// Now implements Env.
func (f *Fake) Now() driver.Instant { return f.now }

// After implements Env.
func (f *Fake) After(d time.Duration, label string, call func()) Timer {
	return f.queue.Add(f.now.Add(max(d, 0)), label, call)
}

// Chance implements Env.
func (f *Fake) Chance(p float64, _ string) bool {
	return !f.Mild && p > 0 && f.rand.Float64() < p
}

// Draw implements Env.
func (f *Fake) Draw(n int, _ string) int {
	if f.Mild || n <= 1 {
		return 0
	}
	return f.rand.IntN(n)
}

// Event implements Env: the events are kept.
func (f *Fake) Event(e Event) { f.Events = append(f.Events, e) }

// Recording implements Env.
func (f *Fake) Recording() bool { return true }

// Run lets d pass: it makes all calls that come due, also those that are promised
// meanwhile, and returns how many there were.
func (f *Fake) Run(d time.Duration) (calls int) {
	end := f.now.Add(d)
	for f.queue.Next() <= end && f.queue.Len() > 0 {
		f.now = max(f.now, f.queue.Next())
		f.queue.Due(f.now)[0].Run()
		calls++
	}
	f.now = end
	return calls
}
