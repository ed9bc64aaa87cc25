package asyncio

import (
	"fmt"

	"github.com/goasyncio/asyncio/internal/coro"
)

// onLoop tells, in debug mode, whether the caller is on the loop: on the goroutine
// of Run, or on the coroutine of the task that runs. It takes about a microsecond.
func (l *Loop) onLoop() bool {
	here := coro.GoroutineID()
	if t := l.current; t != nil {
		return t.extra != nil && t.extra.goid == here
	}
	return l.home == here
}

// checkOnLoop panics, in debug mode, where the caller is not on the loop. Without
// the debug mode such a call is a data race, which the race detector finds.
func (l *Loop) checkOnLoop(what string) {
	if !l.running.Load() {
		panic(fmt.Errorf("%w: %s after Run has returned", ErrLoopClosed, what))
	}
	if l.debug && !l.onLoop() {
		panic(fmt.Errorf("%w: %s came from goroutine %d", ErrNotInTask, what, coro.GoroutineID()))
	}
}
