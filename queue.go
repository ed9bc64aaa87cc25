package asyncio

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"

	"github.com/goasyncio/asyncio/internal/ring"
)

// Unbounded is the capacity of a queue that is never full. Nothing slows down whoever
// fills such a queue: it must be slower than whoever empties it, or stop by itself.
const Unbounded = math.MaxInt

var (
	// ErrWouldBlock is in the chain of every error with which a Try… method says that
	// it could have done its work only by waiting.
	ErrWouldBlock = errors.New("the operation would have to wait")

	// ErrQueueFull is returned by TryPut where there is no free place.
	ErrQueueFull = fmt.Errorf("asyncio: the queue is full: %w", ErrWouldBlock)

	// ErrQueueEmpty is returned by TryGet where there is no item that is not
	// spoken for by a waiter.
	ErrQueueEmpty = fmt.Errorf("asyncio: the queue is empty: %w", ErrWouldBlock)

	// ErrQueueShutDown is returned by a put after Shutdown, and by a get after
	// Shutdown once the queue is empty. There will be no further item: stop.
	ErrQueueShutDown = errors.New("asyncio: the queue was shut down")
)

// Queue is a bounded first-in, first-out queue between the tasks of one loop.
//
// Putters and getters are served in the order in which they came, and nobody overtakes
// one that was woken: an item that was put for a waiting getter stays for that getter,
// also where somebody else asks for one before it runs.
//
// Make one with [NewQueue]. [PriorityQueue] and [LifoQueue] are queues whose items
// leave in another order. All methods are for code that runs on the loop. A queue may be
// used on one loop after another, with what is in it; a wait on a second loop while
// somebody waits on the first returns [ErrOtherLoop].
type Queue[T any] struct {
	items    ring.Buffer[T] // all items, but for a PriorityQueue
	sorted   *itemHeap[T]   // all items of a PriorityQueue, else nil
	lifo     bool           // take the newest of items first
	count    int            // how many items there are
	capacity int
	limit    int       // how many items may be in the queue: the capacity, or 0 after Shutdown
	getters  queueLine // whoever waits for an item
	putters  queueLine // whoever waits for a place
	work     unfinished
	shutDown bool
	home     bound
}

// NewQueue makes a queue for at most capacity items. A capacity below 1 is refused with
// a panic; pass [Unbounded] for a queue that is never full.
func NewQueue[T any](capacity int) *Queue[T] {
	q := new(Queue[T])
	q.init("Queue", capacity)
	return q
}

func (q *Queue[T]) init(kind string, capacity int) {
	if capacity < 1 {
		panic(fmt.Sprintf("asyncio: a queue cannot have capacity %d: pass 1 or more, or asyncio.Unbounded", capacity))
	}
	q.capacity, q.limit = capacity, capacity
	q.getters.purpose, q.putters.purpose = kind+".Get", kind+".Put"
}

// Put adds v to the queue, and waits for a free place where it must. It does not give
// way to other tasks where there is a place (rule S4).
//
// It returns [ErrQueueShutDown] where the queue is shut down, before or during the wait.
// A Put that returns an error has put nothing (rule C3).
func (q *Queue[T]) Put(ctx context.Context, v T) error {
	if l := passes(ctx); l == nil || l != q.home.loop || !q.hasPlace() {
		if err := q.awaitPlace(ctx, l); err != nil {
			return err
		}
	}
	q.put(v)
	return nil
}

// TryPut adds v to the queue without waiting. It returns [ErrQueueFull] where there is
// no place that is not spoken for by a waiting putter, and [ErrQueueShutDown].
func (q *Queue[T]) TryPut(v T) error {
	q.home.check("Queue.TryPut")
	if q.shutDown {
		return ErrQueueShutDown
	}
	if !q.hasPlace() {
		return ErrQueueFull
	}
	q.put(v)
	return nil
}

// Get removes the next item and returns it, and waits for one where it must. It does
// not give way to other tasks where there is one (rule S4).
//
// After [Queue.Shutdown] it takes what is left and then returns [ErrQueueShutDown].
// A Get that returns an error has taken nothing (rule C3).
func (q *Queue[T]) Get(ctx context.Context) (T, error) {
	if l := passes(ctx); l == nil || l != q.home.loop || !q.hasItem() {
		if err := q.awaitItem(ctx, l); err != nil {
			return *new(T), err
		}
	}
	return q.take(), nil
}

// TryGet removes the next item and returns it, without waiting. It returns
// [ErrQueueEmpty] where there is no item that is not spoken for by a waiting getter,
// and [ErrQueueShutDown] where the queue is shut down and empty.
func (q *Queue[T]) TryGet() (T, error) {
	q.home.check("Queue.TryGet")
	if q.hasItem() {
		return q.take(), nil
	}
	if q.drained() {
		return *new(T), ErrQueueShutDown
	}
	return *new(T), ErrQueueEmpty
}

// All returns the items as [Queue.Get] does, for use in a range statement. The loop
// ends when the queue was shut down and is empty, or when ctx ends: ctx.Err tells which.
// Leaving the loop early takes nothing more from the queue.
func (q *Queue[T]) All(ctx context.Context) iter.Seq[T] {
	return func(yield func(T) bool) {
		for {
			v, err := q.Get(ctx)
			if err != nil || !yield(v) {
				return
			}
		}
	}
}

// Len returns the number of items in the queue, those included that are spoken for by a
// woken getter.
func (q *Queue[T]) Len() int { return q.count }

// Cap returns the capacity, or [Unbounded].
func (q *Queue[T]) Cap() int { return q.capacity }

// Full tells whether the queue holds as many items as it may.
func (q *Queue[T]) Full() bool { return q.count >= q.capacity }

// Empty tells whether there is no item in the queue.
func (q *Queue[T]) Empty() bool { return q.count == 0 }

// hasPlace tells whether there is a place that no called putter is about to take.
func (q *Queue[T]) hasPlace() bool { return q.count+q.putters.called < q.limit }

// hasItem tells whether there is an item that no called getter is about to take.
func (q *Queue[T]) hasItem() bool { return q.count > q.getters.called }

// drained tells whether there will never be an item again.
func (q *Queue[T]) drained() bool { return q.shutDown && q.count == 0 }

// put adds v where there is a place for it, and calls the next getter.
func (q *Queue[T]) put(v T) {
	q.count++
	if q.sorted != nil {
		q.sorted.push(v)
	} else {
		q.items.PushBack(v)
	}
	q.work.count++
	q.getters.call(1)
}

// take removes the next item, and calls the next putter.
func (q *Queue[T]) take() T {
	q.count--
	var v T
	if q.sorted == nil && !q.lifo { // here, and not in next: it is not worth a call
		v = q.items.PopFront()
	} else {
		v = q.next()
	}
	q.putters.call(1)
	return v
}

// next removes the next item where that is not simply the oldest.
func (q *Queue[T]) next() T {
	if q.lifo {
		return q.items.PopBack()
	}
	return q.sorted.pop()
}

// awaitPlace waits until there is a place for the caller, whose loop is given, or nil
// where the checkpoint is still to be passed. It is the slow half of Put, where the
// queue meets a loop for the first time, too.
func (q *Queue[T]) awaitPlace(ctx context.Context, loop *Loop) error {
	if err := q.enter(ctx, loop); err != nil || q.hasPlace() {
		return err
	}
	if q.shutDown {
		return ErrQueueShutDown
	}
	if q.capacity == 0 {
		panic("asyncio: this queue has no capacity: make it with NewQueue, NewPriorityQueue or NewLifoQueue")
	}
	called, err := q.putters.wait(ctx)
	if err != nil {
		if called && q.hasPlace() {
			q.putters.call(1)
		}
		return err
	}
	if q.shutDown {
		return ErrQueueShutDown
	}
	return nil
}

// enter is the rest of a wait's beginning, where passes has not been enough.
func (q *Queue[T]) enter(ctx context.Context, loop *Loop) error {
	if loop != nil {
		return q.home.admit(loop, q)
	}
	_, err := q.home.enter(ctx, q)
	return err
}

// awaitItem waits until there is an item for the caller, as awaitPlace does for a place.
func (q *Queue[T]) awaitItem(ctx context.Context, loop *Loop) error {
	if err := q.enter(ctx, loop); err != nil || q.hasItem() {
		return err
	}
	if q.drained() {
		return ErrQueueShutDown
	}
	called, err := q.getters.wait(ctx)
	if err != nil {
		if called && q.hasItem() {
			q.getters.call(1)
		}
		return err
	}
	if q.shutDown {
		q.getters.callAll() // they came since, for an item that was spoken for, and no other comes
	}
	if q.drained() {
		return ErrQueueShutDown
	}
	return nil
}
