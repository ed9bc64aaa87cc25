package asyncio

import (
	"errors"
	"slices"

	"github.com/goasyncio/asyncio/internal/inside"
)

// Under simulation the order of a loop's steps is not the queue's but an explorer's, to
// find the orders in which a program fails. A round is one entry then, so that whatever
// it makes ready can come next; every wait is a place to give way at; and there are no
// short cuts past the loop, such as a leader or a task that follows another.
//
// Free to come in any order are tasks and timers of one instant: what decides over
// their order in production is when packets come and how long steps take. Callbacks are
// not: nothing that was made ready after one comes before it. That a done callback has
// run when those go on who began to wait after it, that a group knows of a child's end
// before those who wait for the child, and that CallSoon calls in the order in which it
// was called is promised (rule S3), and does not depend on when anything comes.

// errCrashed ends a loop whose host has crashed.
var errCrashed = errors.New("asyncio: the simulated host has crashed")

// exploration is what a loop needs while its order is explored. A loop whose runs are
// explored is run many thousand times: it keeps it, and its idle coroutines, from run to
// run until [Loop.Close].
type exploration struct {
	inside.Explorer
	ready []inside.Entry // of the queue, as the explorer is shown them
}

// explore lets the driver's explorer, if it is one, order the steps of this run.
func (l *Loop) explore() {
	e, ok := l.driver.(inside.Explorer)
	switch {
	case !ok:
		l.explored, l.freeWaits = nil, freeWaits
	case l.explored == nil:
		l.explored = new(exploration)
		fallthrough
	default:
		l.explored.Explorer, l.freeWaits = e, 1
	}
	l.traced = l.debug || l.observer != nil
	l.recorder, l.timers.due = nil, nil
	l.setFlags()
}

// driveExplored is drive under an explorer: a round is one entry.
func (l *Loop) driveExplored(over func() bool) {
	x := l.explored
	for !over() && l.failure == nil {
		l.poll()
		if l.failure != nil {
			return
		}
		l.ready.wakeSleepers()
		x.collect(&l.ready)
		switch i := x.Next(x.ready); i {
		case inside.Nothing:
		case inside.Crash:
			l.crash()
		default:
			l.ready.take(x.ready[i].Place()).run()
		}
	}
}

// wakeSleepers runs the ends of sleeps that are at the front of the queue, where
// production would run them next: all that they do is to make their tasks ready, so
// that their order among themselves is no choice, but the order of the tasks is.
func (q *readyQueue) wakeSleepers() {
	for q.n > 0 {
		s, ok := q.at(0).(*sleeper)
		if !ok {
			return
		}
		q.pop()
		s.run()
	}
}

// collect notes what could run next: what stands before the first callback, and that.
func (x *exploration) collect(q *readyQueue) {
	x.ready = x.ready[:0]
	for i, free := 0, true; i < q.n && free; i++ {
		var task uint64
		task, free = freedom(q.at(i))
		x.ready = append(x.ready, inside.EntryAt(i, task))
	}
}

// freedom tells to which task an entry belongs, and whether what comes behind it may
// run before it.
func freedom(e entry) (task uint64, free bool) {
	switch e := e.(type) {
	case *taskCore:
		return e.id, true
	case *sleeper:
		if e.task != nil {
			return e.task.id, true
		}
		return 0, true
	case *Handle:
		return 0, e.timer.queued
	}
	return 0, false
}

// at is the entry at a place behind the front.
func (q *readyQueue) at(place int) entry { return q.ring[(q.head+place)&(len(q.ring)-1)] }

// take takes the entry at a place out of the queue.
func (q *readyQueue) take(place int) entry {
	e := q.at(place)
	mask := len(q.ring) - 1
	for i := place; i > 0; i-- {
		q.ring[(q.head+i)&mask] = q.ring[(q.head+i-1)&mask]
	}
	q.pop()
	return e
}

// crash ends the tasks by force and without a word: the process that they are in is no
// more. Their deferred functions run, but what they reach is this host's memory alone.
func (l *Loop) crash() {
	l.failure = errCrashed
	l.stopping, l.killing = true, true
	for _, t := range slices.Collect(l.tasks.all()) {
		t.killed = true
		if t.state == stateParked {
			t.unpark()
		}
	}
}
