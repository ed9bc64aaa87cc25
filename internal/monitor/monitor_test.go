package monitor_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// heart is a loop of which nothing is known but whether it moves.
type heart struct {
	monitor.Source
	moved  uint64
	asleep bool
}

func (h *heart) Moved() uint64 { return h.moved }
func (h *heart) Asleep() bool  { return h.asleep }

func TestAPulseTellsForHowLongALoopHasBeenInOneStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p monitor.Pulse
		h := new(heart)
		stuck := func(when string, want time.Duration) {
			t.Helper()
			if got := p.Stuck(h); got != want {
				t.Errorf("%s: stuck for %v, want %v", when, got, want)
			}
		}
		p.Begin(h)
		stuck("at once", 0)
		time.Sleep(time.Second)
		stuck("after a second in which it did not move", time.Second)
		time.Sleep(time.Second)
		stuck("after another", 2*time.Second)
		h.moved++
		stuck("when it has moved", 0)
		time.Sleep(3 * time.Second)
		stuck("after three seconds since then", 3*time.Second)
		h.asleep = true
		stuck("while it sleeps", 0)
		time.Sleep(time.Hour)
		stuck("and still", 0)
		h.asleep = false
		time.Sleep(time.Millisecond)
		stuck("when it is awake and has not moved", time.Millisecond)
		p.Begin(h)
		stuck("with another question", 0)
	})
}

func TestTheLargestWishCountsForHowMuchIsKept(t *testing.T) {
	expect := func(want int) {
		t.Helper()
		if got := monitor.Kept(); got != want {
			t.Errorf("%d events are kept, want %d", got, want)
		}
	}
	expect(monitor.DefaultKept)
	small := monitor.Keep(100)
	expect(100)
	usual := monitor.Keep(0)
	expect(monitor.DefaultKept)
	large := monitor.Keep(1 << 20)
	another := monitor.Keep(100)
	expect(1 << 20)
	large()
	large()
	expect(monitor.DefaultKept)
	usual()
	expect(100)
	small()
	expect(100)
	another()
	expect(monitor.DefaultKept)
}
