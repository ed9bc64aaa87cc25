package asyncio

import "runtime"

// park gives way until makeReady. The task is in the queue or has the timer that
// will wake it; s bounds the wait, unless it is nil.
//
// [WaitQueue.Park] and giveWay have the same lines instead of a call. After a switch
// the processor has the returns of another coroutine in mind, and each function
// between a task and the switch is a return that it predicts wrongly: 5 ns.
func (t *taskCore) park(s *scope, on any) error {
	if t.beginPark(s, on) && !t.leads() {
		t.coroutine.Suspend()
	}
	return t.endPark(s)
}

// beginPark is what comes before the suspension. It returns false where there is to
// be none, because the wait has been cancelled.
func (t *taskCore) beginPark(s *scope, on any) bool {
	t.woken = false
	if t.killed || s != nil && s.state.Load() != nil { // a scope made for the wait may be born ended
		t.cancelPark()
		return false
	}
	l, c := t.scope.loop, t.coroutine
	c.on, c.since = on, l.now
	t.state = stateParked
	if s != nil {
		t.enterScope(s)
	}
	if l.observer != nil {
		l.observe(EventParked, t)
	}
	return true
}

// endPark is what comes after it. It returns why the wait was cancelled, if it was.
func (t *taskCore) endPark(s *scope) (err error) {
	t.coroutine.on = nil
	if s != nil {
		err = s.err()
		if m := s.more.Load(); m != nil && m.forOneWait {
			s.detach()
		}
	}
	if t.killed {
		runtime.Goexit()
	}
	return err
}

// cancelPark undoes what the caller of park has prepared.
func (t *taskCore) cancelPark() {
	if place := &t.coroutine.place; place.queue != nil {
		place.queue.remove(place)
	}
	t.stopSleep()
	t.coroutine.on = nil
	t.state = stateRunning
}

// makeReady puts a parked task into the ready queue.
func (t *taskCore) makeReady() {
	if t.coroutine.under != nil {
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
	if a, ok := t.coroutine.on.(aborter); ok && !a.abort(t, e) {
		return
	}
	t.unpark()
}

// unpark wakes a parked task without a Wake.
func (t *taskCore) unpark() {
	if place := &t.coroutine.place; place.queue != nil {
		place.queue.remove(place)
	}
	t.stopSleep()
	t.makeReady()
}

// giveWay lets the other tasks run: the bare yield.
func (t *taskCore) giveWay() {
	if t.killed {
		runtime.Goexit()
	}
	t.state = stateReady
	t.scope.loop.ready.push(t)
	if !t.leads() {
		t.coroutine.Suspend()
	}
	if t.killed {
		runtime.Goexit()
	}
}
