package asyncio

import (
	"runtime"
	"runtime/trace"

	"github.com/goasyncio/asyncio/internal/coro"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// A glance is the wish to see where a task is suspended. The Go runtime shows the stacks
// of other goroutines only where it stops the world, for as long as there are goroutines
// to go through. A task can be asked instead: it is resumed, and where it finds a glance
// it writes down its own stack and suspends itself again, as if nothing had been.
//
// The same serves who only wants to do something when the task goes on, on its goroutine:
// a region of a trace ends there. It stays behind the glances that come before.
type glance struct {
	pcs    []uintptr
	behind *glance
	region *trace.Region // that ends here; nil for a real glance
}

// glancedAt answers a glance, on the task's own goroutine, and gives way again.
func (t *taskCore) glancedAt() {
	c := t.coroutine
	g := c.glance
	c.glance = g.behind
	if g.region != nil {
		g.region.End()
		return
	}
	g.pcs = g.pcs[:runtime.Callers(2, g.pcs)]
	c.Suspend()
}

// stack is where the task is suspended, innermost first, and nil where it has not begun.
// It must be called on the loop, between two steps.
func (t *taskCore) stack() []monitor.Frame {
	c := t.coroutine
	if c == nil || c.State() != coro.Suspended {
		return nil
	}
	g := &glance{pcs: make([]uintptr, 128), behind: c.glance}
	c.glance = g
	c.Resume()
	return monitor.Frames(g.pcs)
}
