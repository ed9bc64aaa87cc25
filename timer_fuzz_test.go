package asyncio

import (
	"cmp"
	"slices"
	"testing"

	"github.com/goasyncio/asyncio/internal/driver"
)

// A numbered entry of the ready queue.
type numbered struct {
	id       int
	priority int8
}

func (*numbered) run()         {}
func (n *numbered) rank() int8 { return n.priority }

// timerModel is the heap's reference: a list that is sorted when somebody asks.
type timerModel []modelTimer

type modelTimer struct {
	when driver.Instant
	id   int // also the order of creation
}

func (m timerModel) sorted() timerModel {
	slices.SortFunc(m, func(a, b modelTimer) int {
		return cmp.Or(cmp.Compare(a.when, b.when), cmp.Compare(a.id, b.id))
	})
	return m
}

func (m timerModel) next() driver.Instant {
	if len(m) == 0 {
		return driver.Forever
	}
	return m.sorted()[0].when
}

// FuzzTimers starts, stops and fires timers: each byte pair is an operation and its
// argument.
func FuzzTimers(f *testing.F) {
	f.Add([]byte{0, 5, 0, 3, 0, 5, 1, 1, 2, 4, 2, 9})
	f.Add([]byte{0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 0, 1, 3, 2, 1})
	f.Add([]byte{0, 9, 0, 8, 0, 7, 0, 6, 0, 5, 0, 4, 0, 3, 0, 2, 0, 1, 1, 8, 1, 0, 2, 200})
	f.Fuzz(func(t *testing.T, ops []byte) {
		var (
			heap   timerHeap
			ready  readyQueue
			model  timerModel
			timers []*timer
			now    driver.Instant
		)
		for ; len(ops) >= 2; ops = ops[2:] {
			switch arg := int(ops[1]); ops[0] % 3 {
			case 0:
				tm := &timer{due: &numbered{id: len(timers)}}
				timers = append(timers, tm)
				when := now + driver.Instant(arg%16)
				heap.start(tm, when)
				model = append(model, modelTimer{when, len(timers) - 1})
			case 1:
				if len(timers) == 0 {
					break
				}
				id := arg % len(timers)
				at := slices.IndexFunc(model, func(m modelTimer) bool { return m.id == id })
				if was := heap.stop(timers[id]); was != (at >= 0) {
					t.Fatalf("stop of timer %d: %v, and the model says %v", id, was, at >= 0)
				}
				if at >= 0 {
					model = slices.Delete(model, at, at+1)
				}
			case 2:
				now += driver.Instant(arg % 8)
				heap.fire(now, &ready)
				model = checkFired(t, &ready, timers, model, now)
			}
			checkHeap(t, &heap, model)
		}
	})
}

// checkFired compares what has fired at now with the model, and returns what is left.
func checkFired(t *testing.T, ready *readyQueue, timers []*timer, model timerModel, now driver.Instant) timerModel {
	model = model.sorted()
	for len(model) > 0 && model[0].when <= now {
		if ready.n == 0 {
			t.Fatalf("timer %d, due at %d, has not fired at %d", model[0].id, model[0].when, now)
		}
		got := ready.pop().(*numbered).id
		if got != model[0].id || !timers[got].queued {
			t.Fatalf("timer %d fired, want %d; queued: %v", got, model[0].id, timers[got].queued)
		}
		timers[got].queued = false // its turn has come
		model = model[1:]
	}
	if ready.n > 0 {
		t.Fatalf("%d timers fired too early, at %d", ready.n, now)
	}
	return model
}

// checkHeap looks at the whole heap: its order, its size, and that each timer knows its
// place.
func checkHeap(t *testing.T, h *timerHeap, model timerModel) {
	if len(h.nodes) != len(model) || h.next() != model.next() {
		t.Fatalf("%d timers, the next at %d; want %d and %d", len(h.nodes), h.next(), len(model), model.next())
	}
	for i := range h.nodes {
		n := &h.nodes[i]
		if int(n.timer.pos) != i+1 {
			t.Fatalf("the timer at %d believes to be at %d", i, n.timer.pos-1)
		}
		if i > 0 && n.before(&h.nodes[(i-1)/4]) {
			t.Fatalf("the timer at %d is due before its parent", i)
		}
	}
}

func TestTimerHeapGivesItsMemoryBack(t *testing.T) {
	var h timerHeap
	timers := make([]timer, 100_000)
	for i := range timers {
		h.start(&timers[i], driver.Instant(i*7919%100_000))
	}
	for i := range timers {
		h.stop(&timers[i])
	}
	if n := cap(h.nodes); n > 1024 {
		t.Errorf("there is still room for %d timers", n)
	}
}
