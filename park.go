package asyncio

import (
	"runtime"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// park gives way until makeReady. The task is in the queue or has the timer that
// will wake it; s bounds the wait, unless it is nil.
//
// [WaitQueue.Park] and giveWay have the same lines instead of a call. After a switch
// the processor has the returns of another coroutine in mind, and each function
// between a task and the switch is a return that it predicts wrongly: 5 ns.
func (t *taskCore) park(s *scope, on any) error {
	if t.beginPark(s, on) && !t.leads() {
		t.coroutine.Suspend()
		for t.coroutine.glance != nil {
			t.glancedAt()
		}
	}
	return t.endPark(s)
}

// beginPark is what comes before the suspension. It returns false where there is to
// be none, because the wait has been cancelled.
func (t *taskCore) beginPark(s *scope, on any) bool {
	c := t.coroutine
	c.on = on
	t.woken = false
	if t.killed || s != nil && s.state.Load() != nil { // a scope made for the wait may be born ended
		t.cancelPark()
		return false
	}
	l := t.scope.loop
	c.since = l.now
	if c.place.task != t { // it is the first wait of t
		c.place.task = t
	}
	t.state = stateParked
	if s != nil {
		t.enterScope(s)
	}
	if l.told {
		if l.recorder != nil {
			l.recorder.parked(t, on)
		}
		if l.stepped {
			l.tellParked(t, on)
		}
	}
	return true
}

// tellParked tells those who want to know it that a task gives way.
func (l *Loop) tellParked(t *taskCore, on any) {
	if l.observer != nil {
		l.observe(EventParked, t)
	}
	if l.explored != nil {
		l.explored.GivesWay(t.id, on)
	}
	if l.tracer != nil {
		l.tracer.wait(t, on)
	}
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
	t.forsake()
	t.state = stateRunning
}

// forsake takes the task off what would wake it.
func (t *taskCore) forsake() {
	c := t.coroutine
	if q := c.place.queue; q != nil {
		q.remove(&c.place)
	}
	if s, ok := c.on.(*sleeper); ok {
		s.stop()
	}
}

// makeReady puts a parked task into the ready queue.
func (t *taskCore) makeReady(by monitor.Cause) {
	if t.coroutine.under != nil {
		t.leaveScope()
	}
	t.state = stateReady
	l := t.scope.loop
	if l.told {
		if l.recorder != nil {
			l.recorder.head(monitor.Woken, uint64(by)<<causeShift, t.id)
			l.recorder.end()
		}
		if l.observer != nil {
			l.observe(EventWoken, t)
		}
	}
	l.ready.push(t)
}

// tellYield is tellParked for a task that stays ready.
func (l *Loop) tellYield(t *taskCore) {
	if l.explored != nil {
		l.explored.GivesWay(t.id, nil)
	}
	if l.tracer != nil {
		l.tracer.wait(t, "its turn")
	}
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
	t.forsake()
	t.makeReady(monitor.ByCancel)
}

// giveWay lets the other tasks run: the bare yield.
func (t *taskCore) giveWay() {
	if t.killed {
		runtime.Goexit()
	}
	t.state = stateReady
	l := t.scope.loop
	l.ready.push(t)
	if l.told {
		if l.recorder != nil {
			l.recorder.head(monitor.Woken, uint64(monitor.ByYield)<<causeShift, t.id)
			l.recorder.end()
		}
		if l.stepped {
			l.tellYield(t)
		}
	}
	if !t.leads() {
		t.coroutine.Suspend()
		for t.coroutine.glance != nil {
			t.glancedAt()
		}
	}
	if t.killed {
		runtime.Goexit()
	}
}
