package asyncio

import (
	"runtime"

	"github.com/goasyncio/asyncio/internal/coro"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// A glance is the wish to see where a task is suspended. The Go runtime shows the stacks
// of other goroutines only where it stops the world, for as long as there are goroutines
// to go through. A task can be asked instead: it is resumed, and where it finds a glance
// it writes down its own stack and suspends itself again, as if nothing had been.
type glance struct {
	pcs [128]uintptr
	n   int
}

// glancedAt answers a glance, on the task's own goroutine, and gives way again.
func (t *taskCore) glancedAt() {
	c := t.coroutine
	c.glance.n = runtime.Callers(2, c.glance.pcs[:])
	c.glance = nil
	c.Suspend()
}

// stack is where the task is suspended, innermost first, and nil where it has not begun.
// It must be called on the loop, between two steps.
func (t *taskCore) stack() []monitor.Frame {
	c := t.coroutine
	if c == nil || c.State() != coro.Suspended {
		return nil
	}
	g := new(glance)
	c.glance = g
	c.Resume()
	return monitor.Frames(g.pcs[:g.n])
}
