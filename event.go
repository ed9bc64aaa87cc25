package asyncio

import "context"

// An Event is a flag that tasks can wait for. The zero value is not set.
//
// All methods are for the tasks and callbacks of one loop.
type Event struct {
	home    bound
	waiters WaitQueue
	set     bool
}

// EventStats is the state of an [Event] at one moment.
type EventStats struct {
	Set     bool
	Waiting int // tasks that wait for it
}

// Wait waits until the event is set. It does not suspend where it is set already
// (S4). A task that was woken by Set returns nil even if somebody has cleared the
// event since: check again what the event stands for where that matters.
//
// It returns ctx's error where ctx ends, and [ErrOtherLoop] where tasks of another
// loop wait for the event. A cancelled Wait leaves nothing behind.
func (e *Event) Wait(ctx context.Context) error {
	if _, err := e.home.enter(ctx, e); err != nil {
		return err
	}
	if e.set {
		return nil
	}
	_, err := e.waiters.Park(ctx, e)
	return err
}

// Set sets the event and wakes all who wait, in the order they came (S3); they run
// in the next round. Who waits now is woken even if Clear follows in the same step.
// Setting an event that is set does nothing.
func (e *Event) Set() {
	e.home.check("Event.Set")
	if !e.set {
		e.set = true
		e.waiters.WakeAll()
	}
}

// Clear resets the event: later calls of Wait wait for the next Set.
func (e *Event) Clear() {
	e.home.check("Event.Clear")
	e.set = false
}

// IsSet tells whether the event is set.
func (e *Event) IsSet() bool { return e.set }

// String tells what a waiter waits for.
func (e *Event) String() string { return "Event" }

// Stats returns the event's state for reports.
func (e *Event) Stats() EventStats { return EventStats{Set: e.set, Waiting: e.waiters.Len()} }

func (e *Event) inUse() bool { return e.waiters.Len() > 0 }
