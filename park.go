package asyncio

import (
	"context"
	"runtime"
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
	if s.forOneWait() {
		defer s.detach()
	}
	q.push(&t.place)
	err = t.park(s, on)
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
	w.task.makeReady()
}

// admit is the beginning of a wait that suspends: it finds the running task and
// the scope that bounds the wait, nil if nothing does.
func admit(ctx context.Context) (*taskCore, *scope, error) {
	s, ok := ctx.(*scope)
	kind := ownScope
	if !ok {
		if s, kind = resolve(ctx); kind == noScope {
			return nil, nil, ErrNoLoop
		}
	}
	l := s.loop
	t := l.current
	if t == nil || l.debug && !l.onLoop() {
		return nil, nil, ErrNotInTask
	}
	switch kind {
	case freeScope:
		return t, nil, nil
	case foreignScope:
		return t, l.foreignScope(ctx), nil
	}
	if err := s.err(); err != nil {
		return nil, nil, err
	}
	return t, s, nil
}

// foreignScope makes a scope for one wait under a context of the standard library.
func (l *Loop) foreignScope(ctx context.Context) *scope {
	s := &scope{loop: l, values: ctx}
	s.watch(ctx)
	if m := s.more.Load(); m != nil {
		m.forOneWait = true
	}
	return s
}

func (s *scope) forOneWait() bool {
	if s == nil {
		return false
	}
	m := s.more.Load()
	return m != nil && m.forOneWait
}

// park gives way until makeReady. The task is in the queue or has the timer that
// will wake it.
func (t *taskCore) park(s *scope, on any) error {
	l := t.scope.loop
	if t.killed {
		t.cancelPark()
		runtime.Goexit()
	}
	t.woken = false
	t.on, t.since = on, l.now
	t.state = stateParked
	if s != nil {
		if err := s.err(); err != nil {
			t.cancelPark() // ended since it was looked at, or born so
			return err
		}
		t.enterScope(s)
	}
	if l.observer != nil {
		l.observe(EventParked, t)
	}
	t.suspend()
	t.on = nil
	if t.killed {
		runtime.Goexit()
	}
	if s != nil {
		return s.err()
	}
	return nil
}

// cancelPark undoes what the caller of park has prepared.
func (t *taskCore) cancelPark() {
	if q := t.place.queue; q != nil {
		q.remove(&t.place)
	}
	t.stopSleep()
	t.on = nil
	t.state = stateRunning
}

// makeReady puts a parked task into the ready queue.
func (t *taskCore) makeReady() {
	if t.under != nil {
		t.leaveScope()
	}
	t.state = stateReady
	if t.scope.loop.observer != nil {
		t.scope.loop.observe(EventWoken, t)
	}
	t.scope.loop.ready.push(t)
}

// An aborter is a thing to wait for that has a say when the wait is cancelled:
// the task stays parked if abort returns false.
type aborter interface{ abort(*taskCore, *ended) bool }

// abort takes a parked task out of its wait because its scope has ended (rule
// C2).
func (t *taskCore) abort(e *ended) {
	if t.state != stateParked {
		return
	}
	if a, ok := t.on.(aborter); ok && !a.abort(t, e) {
		return
	}
	t.unpark()
}

// unpark wakes a parked task without a Wake.
func (t *taskCore) unpark() {
	if q := t.place.queue; q != nil {
		q.remove(&t.place)
	}
	t.stopSleep()
	t.makeReady()
}

// freeWaits is the number of waits in one step that may end at once before the
// task gives way (rule S4). It is tokio's number.
const freeWaits = 128

// Checkpoint is the beginning of every wait. It returns ctx's error if ctx has
// ended: a cancellation is met by every wait under it, not only by the first.
// Otherwise it returns at once, but for each 128th call in one step, which
// gives way to the other tasks.
func Checkpoint(ctx context.Context) error {
	if passes(ctx) != nil {
		return nil
	}
	_, err := checkpoint(ctx)
	return err
}

// passes is a checkpoint for what nearly every call finds: then it returns the loop.
// Where it returns nil the caller asks checkpoint. It is short enough to be inlined:
// two operations on a queue take less time than a call of checkpoint.
func passes(ctx context.Context) *Loop {
	if s, ok := ctx.(*scope); ok && s.state.Load() == nil {
		if l := s.loop; l.budget > 1 && l.current != nil && !l.debug {
			l.budget--
			return l
		}
	}
	return nil
}

func checkpoint(ctx context.Context) (*taskCore, error) {
	s, ok := ctx.(*scope)
	if !ok {
		return checkpointOther(ctx)
	}
	l := s.loop
	t := l.current
	if t == nil || l.debug && !l.onLoop() {
		return nil, ErrNotInTask
	}
	l.budget--
	if l.budget <= 0 {
		t.giveWay()
	}
	if err := s.err(); err != nil {
		return nil, err
	}
	return t, nil
}

// checkpointOther is checkpoint for a context that is not a scope itself.
func checkpointOther(ctx context.Context) (*taskCore, error) {
	s, kind := resolve(ctx)
	if kind == noScope {
		return nil, ErrNoLoop
	}
	l := s.loop
	t := l.current
	if t == nil || l.debug && !l.onLoop() {
		return nil, ErrNotInTask
	}
	l.budget--
	if l.budget <= 0 {
		t.giveWay()
	}
	switch kind {
	case ownScope:
		return t, s.err()
	case foreignScope:
		if err := ctx.Err(); err != nil {
			return nil, newEnded(err, context.Cause(ctx)).wait
		}
	}
	return t, nil
}

// giveWay lets the other tasks run: the bare yield.
func (t *taskCore) giveWay() {
	if t.killed {
		runtime.Goexit()
	}
	t.state = stateReady
	l := t.scope.loop
	l.ready.push(t)
	if l.ready.n > soon {
		t.coroutine.Suspend() // what suspend would find: a yield is little else
	} else {
		t.suspend()
	}
	if t.killed {
		runtime.Goexit()
	}
}
