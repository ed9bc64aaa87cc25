package asyncio

import "context"

// unfinished counts the items that were put and whose work is not done yet.
type unfinished struct {
	count   int
	joiners WaitQueue
}

// finish takes n items off the count, and wakes whoever joins when none is left.
func (u *unfinished) finish(n int) {
	u.count -= n
	if u.count == 0 {
		u.joiners.WakeAll()
	}
}

// TaskDone says that the work on an item that was taken from the queue is done. Whoever
// takes items from a queue that somebody joins calls it once for each. It panics when it
// is called more often than items were put: the count that [Queue.Join] waits for would
// be wrong from then on.
func (q *Queue[T]) TaskDone() {
	q.home.check("Queue.TaskDone")
	if q.work.count == 0 {
		panic("asyncio: TaskDone was called more often than items were put into the queue")
	}
	q.work.finish(1)
}

// Join waits until TaskDone was called for every item that was put. It returns at once
// where nothing is unfinished. Shutdown alone does not end it, because items that are
// left in the queue are still to be worked on; Shutdown(true) drops them.
//
// A cancellation ends the wait and changes nothing.
func (q *Queue[T]) Join(ctx context.Context) error {
	if _, err := q.home.enter(ctx, q); err != nil {
		return err
	}
	if q.work.count == 0 {
		return nil
	}
	_, err := q.work.joiners.Park(ctx, (*joiningQueue[T])(q))
	return err
}

// joiningQueue is a queue as what those wait for who join it.
type joiningQueue[T any] Queue[T]

func (q *joiningQueue[T]) String() string { return "Queue.Join" }
func (q *joiningQueue[T]) of() *bound     { return &q.home }

// Shutdown ends the queue: every put from now on, and every one that waits, returns
// [ErrQueueShutDown]. Getters take what is left and then get the same error.
//
// Where immediate is true, what is left is dropped, counts as done, and getters get the
// error at once. Shutting down twice is allowed, also first gently and then immediately.
func (q *Queue[T]) Shutdown(immediate bool) {
	q.home.check("Queue.Shutdown")
	q.shutDown, q.limit = true, 0
	if immediate {
		q.drop()
	}
	q.getters.callAll()
	q.putters.callAll()
}

// drop empties the queue. Items for which TaskDone was called too early are not counted
// twice.
func (q *Queue[T]) drop() {
	n := min(q.count, q.work.count)
	q.count = 0
	q.items.Clear()
	if q.sorted != nil {
		q.sorted.clear()
	}
	q.work.finish(n)
}

// inUse tells whether a task waits for the queue or was woken for it and has not run.
func (q *Queue[T]) inUse() bool {
	return q.getters.busy() || q.putters.busy() || q.work.joiners.Len() > 0
}

// QueueStats is what a queue looks like at one moment.
type QueueStats struct {
	Len        int  // items in the queue
	Cap        int  // its capacity, or Unbounded
	Getters    int  // tasks that wait for an item; those that were woken are not counted
	Putters    int  // tasks that wait for a place; those that were woken are not counted
	Unfinished int  // items put for which TaskDone was not called yet
	ShutDown   bool // whether Shutdown was called
}

// Stats returns what the queue looks like now.
func (q *Queue[T]) Stats() QueueStats {
	return QueueStats{
		Len:        q.count,
		Cap:        q.capacity,
		Getters:    q.getters.waiting.Len(),
		Putters:    q.putters.waiting.Len(),
		Unfinished: q.work.count,
		ShutDown:   q.shutDown,
	}
}
