package asyncio

import (
	"github.com/goasyncio/asyncio/internal/coro"
	"github.com/goasyncio/asyncio/internal/driver"
)

// A coroutine is what a task runs on from its first step to its end, and holds what
// the task needs only in between. A task that is created, or has ended, carries
// nothing of it, and the next task uses it again.
type coroutine struct {
	coro.Coroutine

	// While the task is parked:
	on                   any
	since                driver.Instant
	place                waiter
	under                *scope
	scopePrev, scopeNext *coroutine

	glance *glance // somebody wants to see the stack: see stack.go
}

// maxIdle is how many coroutines a loop keeps for the tasks to come.
const maxIdle = 1024

// takeCoroutine gives t a coroutine that waits for its body.
func (l *Loop) takeCoroutine(t *taskCore) {
	var c *coroutine
	if n := len(l.idle); n > 0 {
		c = l.idle[n-1]
		l.idle = l.idle[:n-1]
	} else {
		c = new(coroutine)
		c.Init(l.number)
		l.coroutines++
	}
	t.coroutine = c
	c.SetNumber(t.id)
	c.Start(t.body)
}

// giveBack takes the coroutine of a task that has ended. It has closed itself if
// there are enough.
func (l *Loop) giveBack(t *taskCore) {
	c := t.coroutine
	t.coroutine = nil
	if c.State() == coro.Idle {
		c.place.task = nil
		l.idle = append(l.idle, c)
		return
	}
	l.coroutines--
	c.Close()
}
