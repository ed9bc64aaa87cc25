package tape_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/goasyncio/asyncio/console/internal/tape"
	"github.com/goasyncio/asyncio/internal/monitor"
)

const ms = 1_000_000

func TestTimesThatNobodyLookedAtAreFilledIn(t *testing.T) {
	type event struct {
		at   int64
		kind monitor.Kind
	}
	const create, step, park, sleep, awake = monitor.Created, monitor.Step, monitor.Parked, monitor.Sleep, monitor.Awake
	for _, c := range []struct {
		name   string
		events []event
		now    int64
		want   []int64
	}{
		{"a stamp stands", []event{{5, create}, {9, step}}, 10, []int64{5, 9}},
		{"what lies between two stamps is spread evenly over the steps, but for a little between them",
			[]event{{0, step}, {none, park}, {none, step}, {none, park}, {3200, step}}, 3200, []int64{0, 1520, 1600, 3120, 3200}},
		{"what happens within a step is spread over the step", []event{{0, step}, {none, create}, {none, create}, {3000, step}}, 3000, []int64{0, 1000, 2000, 3000}},
		{"of a time without a step all have the same share", []event{{0, park}, {none, create}, {none, create}, {3000, step}}, 3000, []int64{0, 1000, 2000, 3000}},
		{"nobody gets much between two steps", []event{{0, step}, {none, park}, {ms, step}}, ms, []int64{0, ms - 100, ms}},
		{"the rest of a long gap is that of the last step before it", []event{{0, step}, {none, park}, {none, step}, {200 * ms, park}}, 200 * ms, []int64{0, 1000, 1100, 200 * ms}},
		{"a long gap with one step is that of this step", []event{{0, step}, {none, create}, {200 * ms, park}}, 200 * ms, []int64{0, 100 * ms, 200 * ms}},
		{"and its end comes after the gap", []event{{0, step}, {none, create}, {none, monitor.Done}, {200 * ms, step}}, 200 * ms, []int64{0, 100*ms - 50, 200*ms - 100, 200 * ms}},
		{"that of a step too which comes right after another", []event{{0, step}, {none, monitor.Done}, {200 * ms, step}, {none, monitor.Done}, {500 * ms, step}}, 500 * ms, []int64{0, 200*ms - 100, 200 * ms, 500*ms - 100, 500 * ms}},
		{"a long gap after the end of a step is nobody's", []event{{0, step}, {none, park}, {1000, awake}, {none, create}, {200 * ms, step}}, 200 * ms, []int64{0, 950, 1000, 2000, 200 * ms}},
		{"time passes where the loop sleeps", []event{{0, step}, {none, park}, {none, sleep}, {90 * ms, awake}, {90 * ms, monitor.Timers}}, 90 * ms, []int64{0, 1000, 1100, 90 * ms, 90 * ms}},
		{"before the first stamp it is about the same time", []event{{none, create}, {none, step}, {9000, park}}, 9000, []int64{7066, 7132, 9000}},
		{"after the last stamp there is the time of the reading", []event{{1000, step}, {none, park}, {none, step}}, 4000, []int64{1000, 2450, 2550}},
		{"and where that is not known, not much", []event{{1000, step}, {none, create}, {none, create}}, none, []int64{1000, 2000, 3000}},
		{"times never fall", []event{{5000, create}, {4000, step}, {none, park}, {4500, step}}, 9000, []int64{5000, 5000, 5000, 5000}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScript()
			s.now = c.now
			if c.now == none {
				s.stuck = true
			}
			for _, e := range c.events {
				task := uint64(1)
				if e.kind == sleep || e.kind == awake || e.kind == monitor.Timers {
					task = 0
				}
				s.does(monitor.Event{At: e.at, Kind: e.kind, Task: task, Until: none}, nil, nil)
			}
			s.mu.Lock()
			s.flush()
			s.mu.Unlock()
			b := next(t, record(t, s, tape.Options{}))
			events := slices.DeleteFunc(b.Events, func(e tape.Event) bool { return e.Kind == tape.Exists })
			if got := timesOf(&tape.Batch{Events: events}); !slices.Equal(got, c.want) {
				t.Errorf("times %v, want %v", got, c.want)
			}
		})
	}
}

// Whatever stamps there are, in whatever pieces they are read: times never fall, and
// stamps that did not fall stand.
func TestFilledInTimesNeverFallAndStampsStand(t *testing.T) {
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 5))
		s := newScript()
		r := record(t, s, tape.Options{})
		s.now = 0
		clock, last := int64(0), int64(0)
		var stamps []int64
		for range 8 {
			for range rnd.IntN(40) {
				clock += rnd.Int64N(30 * ms)
				at := clock
				if rnd.IntN(3) > 0 {
					at = none
				}
				stamps = append(stamps, at)
				s.does(monitor.Event{At: at, Kind: []monitor.Kind{monitor.Sleep, monitor.Round, monitor.Callback, monitor.IO}[rnd.IntN(4)], Until: none}, nil, nil)
			}
			s.now = clock
			b := next(t, r)
			for i, e := range b.Events {
				if e.At < last {
					t.Fatalf("seed %d: an event at %d follows one at %d", seed, e.At, last)
				}
				last = e.At
				if stamps[i] != none && stamps[i] != e.At {
					t.Fatalf("seed %d: a stamp of %d has become %d", seed, stamps[i], e.At)
				}
			}
			if b.Now < last {
				t.Fatalf("seed %d: complete up to %d, with an event at %d", seed, b.Now, last)
			}
			stamps = nil
		}
	}
}
