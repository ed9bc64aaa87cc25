package asyncio

import (
	"fmt"

	"github.com/goasyncio/asyncio/internal/coro"
)

// onLoop tells, in debug mode, whether the caller is on the loop: on the goroutine
// of Run, or on the coroutine of the task that runs, or in a sequence that one of them
// goes through by iter.Pull. It takes about a microsecond.
func (l *Loop) onLoop() bool {
	at := l.home
	if t := l.current; t != nil {
		if t.extra == nil {
			return false
		}
		at = t.extra.goid
	}
	return coro.GoroutineID() == at || coro.PulledBy(at)
}

// checkOnLoop panics, in debug mode, where the caller is not on the loop. Without
// the debug mode such a call is a data race, which the race detector finds.
func (l *Loop) checkOnLoop(what string) {
	if !l.running.Load() {
		panic(fmt.Errorf("%w: %s after Run has returned", ErrLoopClosed, what))
	}
	if l.debug && !l.onLoop() && l.home != coro.GoroutineID() { // an observer is at home
		panic(&wrongGoroutine{what, coro.GoroutineID()})
	}
}

// notInTask is the error of a wait outside a task.
func (l *Loop) notInTask() error {
	if !l.running.Load() {
		return fmt.Errorf("%w: a wait after Run has returned", ErrLoopClosed)
	}
	return ErrNotInTask
}

// check is checkOnLoop for what does no harm after Run has returned, such as a
// cancellation.
func (l *Loop) check(what string) {
	if l.debug && l.running.Load() {
		l.checkOnLoop(what)
	}
}

// wrongGoroutine is a call from outside the loop (rule T1). It is an [ErrNotInTask].
type wrongGoroutine struct {
	what      string
	goroutine uint64
}

func (e *wrongGoroutine) Error() string {
	return fmt.Sprintf("asyncio: %s came from goroutine %d, which is not the loop's: another goroutine must use OpenHandle, CallSoonThreadsafe or Submit", e.what, e.goroutine)
}

func (e *wrongGoroutine) Unwrap() error { return ErrNotInTask }
