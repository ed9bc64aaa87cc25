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
	q.getters.home, q.putters.home = &q.home, &q.home
}

// Put adds v to the queue, and waits for a free place where it must. It does not give
// way to other tasks where there is a place (rule S4).
//
// It returns [ErrQueueShutDown] where the queue is shut down, before or during the wait.
// A Put that returns an error has put nothing (rule C3).
func (q *Queue[T]) Put(ctx context.Context, v T) error {
	if !q.home.passes(ctx) {
		if _, err := q.home.enter(ctx, q); err != nil {
			return err
		}
	}
	if !q.hasPlace() {
		if q.limit == 0 {
			return q.noPlaceEver()
		}
		called, err := q.putters.wait(ctx) // here, and not in a function around it: see park
		if err != nil || q.shutDown {
			return q.leavePlace(called, err)
		}
	}
	if q.sorted != nil {
		q.put(v)
		return nil
	}
	q.count++ // as in put: it is not worth a call
	q.items.PushBack(v)
	q.work.count++
	q.getters.call(1)
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
	if !q.home.passes(ctx) {
		if _, err := q.home.enter(ctx, q); err != nil {
			return *new(T), err
		}
	}
	if !q.hasItem() {
		if q.drained() {
			return *new(T), ErrQueueShutDown
		}
		called, err := q.getters.wait(ctx)
		if err != nil || q.shutDown {
			if err := q.leaveItem(called, err); err != nil {
				return *new(T), err
			}
		}
	}
	if q.lifo || q.sorted != nil {
		return q.take(), nil
	}
	q.count-- // as in take: it is not worth a call
	v := q.items.PopFront()
	q.putters.call(1)
	return v, nil
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
	switch {
	case q.sorted != nil:
		v = q.sorted.pop()
	case q.lifo:
		v = q.items.PopBack()
	default:
		v = q.items.PopFront()
	}
	q.putters.call(1)
	return v
}

// noPlaceEver is what a put returns where no place will ever be free.
func (q *Queue[T]) noPlaceEver() error {
	if q.capacity == 0 {
		panic("asyncio: this queue has no capacity: make it with NewQueue, NewPriorityQueue or NewLifoQueue")
	}
	return ErrQueueShutDown
}

// leavePlace is the end of a put that has waited, with the given outcome, and does not
// take the place. The next putter is called for it.
func (q *Queue[T]) leavePlace(called bool, err error) error {
	if err == nil {
		return ErrQueueShutDown
	}
	if called && q.hasPlace() {
		q.putters.call(1)
	}
	return err
}

// leaveItem is the end of a get that has waited, with the given outcome, and was
// cancelled or met the shutdown. Where it returns nil the get may take its item.
func (q *Queue[T]) leaveItem(called bool, err error) error {
	if err != nil {
		if called && q.hasItem() {
			q.getters.call(1)
		}
		return err
	}
	q.getters.callAll() // they came since, for an item that was spoken for, and no other comes
	if q.drained() {
		return ErrQueueShutDown
	}
	return nil
}
