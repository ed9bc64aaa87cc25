package inside

// An Explorer decides in which order a loop runs what is ready, in place of the queue,
// and where a task gives way: before every wait. A driver that is one as well explores
// the loop that runs on it. All of it is called on the loop.
type Explorer interface {
	// Next picks one of what could run next, which stand in the order of the queue, by
	// its index. It is called before each step, also where nothing is ready: then, or
	// where the driver has more to tell before, it returns [Nothing]. [Crash] ends the
	// loop as the end of a process does: no task runs any further but to unwind.
	Next(ready []Entry) int
	// Created tells of a new task, and the function that it runs, where that is known.
	Created(task uint64, fn any)
	// GivesWay is called on a task's goroutine before the task gives way, for a wait on
	// something, which may be nil.
	GivesWay(task uint64, on any)
	// Blocked waits until Wake is called: a thread has been given something to do,
	// and nothing else may happen beside it.
	Blocked()
	// Stuck tells that every task of the loop waits and nobody is left who could wake
	// one, before the loop ends because of it.
	Stuck(err error)
}

// What Next returns where it picks none.
const (
	Nothing = -1
	Crash   = -2
)

// An Entry is something that is ready to run.
type Entry struct {
	Task  uint64 // to which it belongs; 0 for a callback
	place int    // in the queue
}

// EntryAt is the entry of a task at a place of the queue.
func EntryAt(place int, task uint64) Entry { return Entry{task, place} }

// Place is where in the queue the entry is.
func (e Entry) Place() int { return e.place }
