// Package asyncio is an event loop with coroutines: the model of Python's asyncio,
// made for Go. Many tasks run on one loop, one at a time, and a task gives way only
// where it waits. What they share needs no lock.
//
// # The model
//
// [Run] runs a function as the first task of a new loop, on the calling goroutine.
// [CreateTask] and [Go] make more tasks; [Task.Await] waits for one. There is no
// async and no await keyword:
//
//	A function that takes a ctx may wait. A function that does not, cannot.
//
// The context leads to the loop, so pass on the one that your function was given. A
// wait is a call of this package that takes it, such as [Sleep], [Lock.Acquire] or
// [Queue.Get], or a function of yours that makes such a call.
//
//	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
//		a := asyncio.CreateTask(ctx, fetchA)
//		b := asyncio.CreateTask(ctx, fetchB)
//		pages, err := asyncio.Gather(ctx, a, b) // both at the same time
//		…
//	})
//
// What a task does between two waits is a step. Nobody else runs on the loop
// meanwhile, so a step may read and change what all tasks share, such as a plain
// map, and nobody sees it half-done. Conversely a step that takes long, or blocks,
// holds up everybody: use [ToThread] for such code. A watchdog reports it (rule T3).
//
// # A round
//
// The loop works in rounds (rule S2):
//
//  1. It looks what has happened, and waits for something to happen if no task is
//     ready: a descriptor is ready, another goroutine has posted something, a timer
//     is due.
//  2. What has happened joins the end of the ready queue, in this order; timers by
//     deadline and then by creation.
//  3. Exactly the entries that are in the queue now run, first in, first out: each
//     is a step of a task, or a callback.
//  4. What they have made ready waits for the next round.
//
// A wait that can end at once, for a free lock or a filled queue, does not give way
// (rule S4); [Yield] does. All orders are CPython's, which random programs check, and
// the same in every run.
//
// # Cancellation
//
// A context is a scope of cancellation. When it ends, by [Task.Cancel],
// [WithTimeout], a failing group or whatever else, every wait under it returns an
// error at once, and so does every later one (rule C1). Pass the error up, clean up in
// defer, and where a clean-up itself must wait do it under [Shield], or
// context.WithoutCancel:
//
//	ctx, timeout := asyncio.WithTimeout(ctx, time.Second)
//	defer timeout.Cancel()
//	page, err := fetch(ctx)
//	if timeout.Caused(err) {
//		… // it was this timeout, and not somebody further out
//	}
//
// A wait that returns a cancellation did not happen: the item is still in the queue,
// the lock is not held (rule C3). context.Canceled and context.DeadlineExceeded say
// that you were cancelled; [ErrTaskCancelled] says that what you awaited was (rule C5).
// Contexts of the standard library work wherever these do; their clocks are real.
//
// # Lifetimes
//
// [WithTaskGroup] is the way to start tasks that belong together: it returns after the
// last of them, the first failure cancels the others, and no error is lost.
//
//	err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
//		for _, conn := range conns {
//			g.Go(func(ctx context.Context) error { return serve(ctx, conn) })
//		}
//		return nil
//	})
//
// A task without a group lives until it ends, or until main has ended: then Run
// cancels what is left and waits for it (rule L1). An error that nobody looked at is
// reported to [OnError], a panic that nobody awaited is raised by Run (rules L2, L3).
// Where nobody can ever be woken again Run returns a [DeadlockError], which tells who
// waits for whom (rule L5).
//
// # Other goroutines
//
// Everything here belongs to its loop: call it from the loop's tasks and callbacks
// only. What is meant for other goroutines says so: a [LoopHandle], [Submit],
// [Loop.Close]. A task takes values from a Go channel by [Receive]. In debug mode
// ([Debug], or ASYNCIO_DEBUG=1 in the environment) calls from the wrong goroutine are
// refused.
//
// # Time
//
// [Now], [Sleep], [Interval] and the timeouts use the loop's clock. Under
// [github.com/goasyncio/asyncio/asynciotest] that is a virtual one, which jumps to the
// next deadline as soon as no task is ready: tests of an hour take no time and are
// exact.
//
// # Primitives of your own
//
// All locks and queues here are made of [WaitQueue] and [Checkpoint], and so can yours
// be: the example of WaitQueue is a complete one. [Descriptor] waits for descriptors.
//
// The rules that comments cite by number are in docs/DESIGN.md; docs/from-python.md
// has the names for those who come from Python.
package asyncio
