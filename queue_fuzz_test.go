package asyncio_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// job is an item of the fuzzed queues: many share a rank, none a number.
type job struct{ rank, number int }

func jobLess(a, b job) bool { return a.rank < b.rank }

// refQueue says what a queue must do. next picks the item that leaves.
type refQueue struct {
	refWorld
	capacity         int
	items            []job
	next             func([]job) int
	getters, putters []*refTask
	calledG, calledP int
	unfinished       int
	shut             bool
	put, got, lost   int // items: put = got + lost + left
}

func (q *refQueue) hasItem() bool  { return len(q.items) > q.calledG }
func (q *refQueue) hasPlace() bool { return !q.shut && len(q.items)+q.calledP < q.capacity }
func (q *refQueue) drained() bool  { return q.shut && len(q.items) == 0 }

func (q *refQueue) callGetter() bool {
	if q.call(&q.getters) == nil {
		return false
	}
	q.calledG++
	return true
}

func (q *refQueue) callPutter() {
	if q.call(&q.putters) != nil {
		q.calledP++
	}
}

func (q *refQueue) take() string {
	i := q.next(q.items)
	v := q.items[i]
	q.items = slices.Delete(q.items, i, i+1)
	q.got++
	q.callPutter()
	return fmt.Sprint(v)
}

func (q *refQueue) add(v job) {
	q.items = append(q.items, v)
	q.put++
	q.unfinished++
	q.callGetter()
}

func (q *refQueue) tryGet() string {
	switch {
	case q.hasItem():
		return q.take()
	case q.drained():
		return "shut down"
	}
	return "would block"
}

func (q *refQueue) tryPut(v job) string {
	switch {
	case q.shut:
		return "shut down"
	case !q.hasPlace():
		return "would block"
	}
	q.add(v)
	return "put"
}

func (q *refQueue) startGet() {
	q.start(func(task *refTask) {
		if outcome := q.tryGet(); outcome != "would block" {
			q.finish(task, outcome)
			return
		}
		q.park(task, &q.getters, q.resumeGet)
	})
}

func (q *refQueue) resumeGet(task *refTask) {
	q.calledG--
	for q.shut && !task.cancelled && q.callGetter() {
	}
	switch {
	case task.cancelled:
		q.finish(task, "cancelled")
		if q.hasItem() {
			q.callGetter()
		}
	case len(q.items) > 0:
		q.finish(task, q.take())
	default:
		q.finish(task, "shut down")
	}
}

func (q *refQueue) startPut(v job) {
	q.start(func(task *refTask) {
		if outcome := q.tryPut(v); outcome != "would block" {
			q.finish(task, outcome)
			return
		}
		q.park(task, &q.putters, func(task *refTask) { q.resumePut(task, v) })
	})
}

func (q *refQueue) resumePut(task *refTask, v job) {
	q.calledP--
	switch {
	case task.cancelled:
		q.finish(task, "cancelled")
		if q.hasPlace() {
			q.callPutter()
		}
	case q.shut:
		q.finish(task, "shut down")
	default:
		q.add(v)
		q.finish(task, "put")
	}
}

func (q *refQueue) shutdown(immediate bool) {
	q.shut = true
	if immediate {
		q.lost += len(q.items)
		q.unfinished -= len(q.items)
		q.items = nil
	}
	for q.callGetter() {
	}
	for len(q.putters) > 0 {
		q.callPutter()
	}
}

// fuzzQueue runs a sequence of operations on a queue and on its model. The first byte
// is the capacity; each other one is an operation, with its argument in the high part.
func fuzzQueue(t *testing.T, script []byte, next func([]job) int, make func(capacity int) *asyncio.Queue[job]) {
	if len(script) == 0 || len(script) > 400 {
		return
	}
	capacity := int(script[0])%4 + 1
	asynciotest.Run(t, func(ctx context.Context) {
		q, real := make(capacity), new(realWorld)
		ref := &refQueue{capacity: capacity, next: next}
		for i, op := range script[1:] {
			queueStep(ctx, t, q, real, ref, op, job{rank: int(op) / 8 % 4, number: i})
			if t.Failed() {
				return
			}
			wantQueueAsModel(t, q, ref)
		}
		finishBoth(ctx, t, real, &ref.refWorld)
		wantQueueAsModel(t, q, ref)
		if left := q.Len(); ref.put != ref.got+ref.lost+left {
			t.Errorf("%d items put, %d got, %d dropped, %d left", ref.put, ref.got, ref.lost, left)
		}
	})
}

// queueStep does one operation in both worlds.
func queueStep(ctx context.Context, t *testing.T, q *asyncio.Queue[job], real *realWorld, ref *refQueue, op byte, v job) {
	put := func(err error) string { return outcomeOf("put", err) }
	switch op % 8 {
	case 0:
		real.start(ctx, func(ctx context.Context) (any, error) { return q.Get(ctx) })
		ref.startGet()
	case 1:
		real.start(ctx, func(ctx context.Context) (any, error) { return "put", q.Put(ctx, v) })
		ref.startPut(v)
	case 2:
		if got, want := put(q.TryPut(v)), ref.tryPut(v); got != want {
			t.Errorf("TryPut: %s, want %s", got, want)
		}
	case 3:
		if got, want := outcomeOf(q.TryGet()), ref.tryGet(); got != want {
			t.Errorf("TryGet: %s, want %s", got, want)
		}
	case 4:
		cancelBoth(real, &ref.refWorld, int(op)/8)
	case 7:
		if op >= 240 {
			q.Shutdown(op >= 248)
			ref.shutdown(op >= 248)
			return
		}
		fallthrough
	default:
		roundInBoth(ctx, t, real, &ref.refWorld)
	}
}

// wantQueueAsModel compares what a queue tells about itself with the model.
func wantQueueAsModel(t *testing.T, q *asyncio.Queue[job], ref *refQueue) {
	t.Helper()
	want := asyncio.QueueStats{
		Len: len(ref.items), Cap: ref.capacity,
		Getters: len(ref.getters), Putters: len(ref.putters),
		Unfinished: ref.unfinished, ShutDown: ref.shut,
	}
	if got := q.Stats(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// addQueueSeeds adds scripts in which something happens.
func addQueueSeeds(f *testing.F) {
	addRandomScripts(f)
	f.Add([]byte{0, 0, 0, 5, 2, 4, 3, 5, 5})                 // a woken getter is cancelled
	f.Add([]byte{0, 2, 1, 1, 5, 3, 12, 1, 5, 5, 3, 5, 3})    // a woken putter is cancelled, a newcomer waits
	f.Add([]byte{3, 10, 26, 2, 18, 3, 3, 3, 3, 3})           // ranks in any order
	f.Add([]byte{1, 0, 0, 5, 2, 247, 0, 4, 5, 5, 5})         // a shutdown with an item spoken for
	f.Add([]byte{1, 2, 2, 1, 1, 5, 3, 255, 5, 0, 5, 2})      // an immediate shutdown with a woken putter
	f.Add([]byte{2, 0, 0, 0, 5, 2, 2, 3, 2, 3, 4, 12, 5, 5}) // newcomers beside woken getters
}

func FuzzQueue(f *testing.F) {
	addQueueSeeds(f)
	f.Fuzz(func(t *testing.T, script []byte) {
		fuzzQueue(t, script, func([]job) int { return 0 }, asyncio.NewQueue[job])
	})
}

func FuzzLifoQueue(f *testing.F) {
	addQueueSeeds(f)
	f.Fuzz(func(t *testing.T, script []byte) {
		fuzzQueue(t, script, func(items []job) int { return len(items) - 1 }, func(capacity int) *asyncio.Queue[job] {
			return &asyncio.NewLifoQueue[job](capacity).Queue
		})
	})
}

func FuzzPriorityQueue(f *testing.F) {
	addQueueSeeds(f)
	smallest := func(items []job) int {
		first := 0
		for i := range items {
			if jobLess(items[i], items[first]) {
				first = i
			}
		}
		return first
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		fuzzQueue(t, script, smallest, func(capacity int) *asyncio.Queue[job] {
			return &asyncio.NewPriorityQueueFunc(capacity, jobLess).Queue
		})
	})
}
