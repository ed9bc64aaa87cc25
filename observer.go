package asyncio

import (
	"runtime/debug"
	"time"
)

// An Observer is told what the loop does: for recordings, traces and pictures.
// Observe is called on the loop, in the middle of things: it must be quick and
// must not call into the loop, nor runtime.Goexit, as t.FailNow does: the step in the
// middle of which it is would be lost.
type Observer interface {
	Observe(LoopEvent)
}

// A LoopEvent is one thing that happened on a loop.
type LoopEvent struct {
	Kind EventKind
	At   time.Time // on the loop's clock
	Task uint64    // the task's ID
	Name string    // the task's name
	On   string    // for EventParked: what the task waits for
}

// EventKind is what happened.
type EventKind uint8

const (
	EventCreated   EventKind = iota // the task was made
	EventStepBegin                  // the task runs from here
	EventStepEnd                    // to here
	EventParked                     // it waits; the end of its step follows
	EventWoken                      // it is ready again, and waits for its turn
	EventDone                       // it has ended; the end of its step follows
)

func (k EventKind) String() string {
	return [...]string{"created", "step begin", "step end", "parked", "woken", "done"}[k]
}

func (l *Loop) observe(kind EventKind, t *taskCore) {
	e := LoopEvent{Kind: kind, At: l.timeOf(l.driver.Now()), Task: t.id, Name: t.Name()}
	if kind == EventParked {
		e.On = describe(t.coroutine.on)
	}
	l.show(e)
}

// show gives e to the observer. A panic there is reported and ends there: the loop is
// in the middle of a step, which must not be lost.
func (l *Loop) show(e LoopEvent) {
	defer func() {
		if v := recover(); v != nil {
			l.report(Report{
				Message: "panic in the observer",
				Err:     &PanicError{Value: v, Stack: debug.Stack(), Task: "observer"},
			})
		}
	}()
	l.observer.Observe(e)
}

// tracedStep is a step of a task where somebody wants to know about it.
func (l *Loop) tracedStep(t *taskCore) {
	if l.observer != nil {
		l.observe(EventStepBegin, t)
	}
	begin := l.driver.Now()
	t.coroutine.Resume()
	took := l.driver.Now().Sub(begin)
	if l.observer != nil {
		l.observe(EventStepEnd, t)
	}
	if l.debug && l.slowStep > 0 && took > l.slowStep {
		l.report(Report{
			Message: "a step of " + t.String() + " took " + took.String() + "; created at " + t.createdAt(),
			Task:    t.Name(),
			slow:    true,
		})
	}
}
