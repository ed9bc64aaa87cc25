package asyncio

import (
	"context"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// A WaitQueue is a queue of parked tasks, first in, first out. Every primitive of
// this package that waits is made of it and of [Checkpoint], and so can yours be.
// The zero value is ready. It must not be copied, and like everything here it
// belongs to one loop: only the loop's tasks and callbacks may use it.
//
// The usual shape of a wait, here of a lock's Acquire:
//
//	if err := asyncio.Checkpoint(ctx); err != nil {
//		return err
//	}
//	if !l.held {
//		l.held = true
//		return nil
//	}
//	woken, err := l.waiters.Park(ctx, l)
//	if woken && err != nil {
//		l.Release() // cancelled after the lock was handed over: hand it on
//	}
//	return err
type WaitQueue struct {
	head *waiter // of a ring: head.prev is the last
	n    int
}

// A waiter is a place in a queue: of a parked task, or of a callback that waits
// for the end of a task or future.
type waiter struct {
	next, prev *waiter
	queue      *WaitQueue
	task       *taskCore
	callback   *Handle
}

// Len is the number of tasks that are parked in q and not woken yet.
func (q *WaitQueue) Len() int { return q.n }

// Park suspends the calling task until a Wake reaches it or ctx ends, and
// allocates nothing.
//
// woken tells that a Wake was spent on the task, err that the wait was
// cancelled. Both at once means that the cancellation came between the wake-up
// and the resumption: the caller must hand on what the wake-up stood for before
// it does anything else (rule C3). Where woken is false the task had left the
// queue at the moment of its cancellation.
//
// on is what the task waits for: reports show it, as its String if it has one.
func (q *WaitQueue) Park(ctx context.Context, on any) (woken bool, err error) {
	t, s, err := admit(ctx)
	if err != nil {
		return false, err
	}
	q.push(&t.coroutine.place)
	if t.beginPark(s, on) && !t.leads() { // as in park
		t.coroutine.Suspend()
		for t.coroutine.glance != nil {
			t.glancedAt()
		}
	}
	err = t.endPark(s)
	return t.woken, err
}

// Wake wakes the first n tasks that are parked in q and returns how many there
// were. They run in the next round, in this order. It may be called by a task or
// a callback of the loop.
func (q *WaitQueue) Wake(n int) int {
	woken := 0
	for ; woken < n && q.head != nil; woken++ {
		w := q.head
		q.remove(w)
		w.wake()
	}
	return woken
}

// WakeAll wakes all tasks that are parked in q.
func (q *WaitQueue) WakeAll() int { return q.Wake(q.n) }

func (q *WaitQueue) push(w *waiter) {
	w.queue = q
	q.n++
	if q.head == nil {
		q.head = w
		w.prev, w.next = w, w
		return
	}
	first := q.head
	w.prev, w.next = first.prev, first
	first.prev.next = w
	first.prev = w
}

func (q *WaitQueue) remove(w *waiter) {
	q.n--
	if w.next == w {
		q.head = nil
	} else {
		w.prev.next, w.next.prev = w.next, w.prev
		if q.head == w {
			q.head = w.next
		}
	}
	w.queue, w.prev, w.next = nil, nil, nil
}

func (w *waiter) wake() {
	if w.callback != nil {
		w.callback.loop.ready.push(w.callback)
		return
	}
	w.task.woken = true
	w.task.makeReady(monitor.ByWake)
}
