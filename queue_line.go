package asyncio

import "context"

// queueLine is the waiters on one side of a queue: those that wait, and those that were
// called forward and have not run yet.
//
// A caller leaves the item (or the place) where it is, and the called waiter takes it
// when it runs. Until then as many items (or places) as there are called waiters are
// spoken for, and a newcomer must leave them alone: nobody overtakes. A called waiter
// that finds itself cancelled takes nothing, so nothing can be lost with it; its owner
// then calls the next one in the same step (rule C3).
//
// Handing the item over at the wake-up instead would be simpler to write. It would
// lose the order where two called waiters are cancelled, and a priority queue would
// hand out an item that is no longer the first when its receiver runs.
type queueLine struct {
	waiting WaitQueue
	called  int
	purpose string // what they wait for, for reports
	home    *bound // of the queue
}

// String is what a report says about a task in this line.
func (l *queueLine) String() string { return l.purpose }

func (l *queueLine) of() *bound { return l.home }

// busy tells whether somebody waits or was called and has not run yet.
func (l *queueLine) busy() bool { return l.called > 0 || l.waiting.Len() > 0 }

// call calls the first n waiters forward.
func (l *queueLine) call(n int) {
	if l.waiting.Len() > 0 {
		l.called += l.waiting.Wake(n)
	}
}

// callAll calls everybody who waits now.
func (l *queueLine) callAll() { l.called += l.waiting.WakeAll() }

// wait waits to be called. Where the result is called, the waiter counts as called no
// more: it takes what it was called for, or, where there is an error, leaves it to the
// next one.
func (l *queueLine) wait(ctx context.Context) (called bool, err error) {
	called, err = l.waiting.Park(ctx, l)
	if called {
		l.called--
	}
	return called, err
}
