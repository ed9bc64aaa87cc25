package asyncio

import "github.com/goasyncio/asyncio/internal/coro"

// maxIdle is how many coroutines a loop keeps for the tasks to come.
const maxIdle = 1024

func (l *Loop) takeCoroutine() *coro.Coroutine {
	n := len(l.idle)
	if n == 0 {
		return coro.New(l.number)
	}
	c := l.idle[n-1]
	l.idle = l.idle[:n-1]
	return c
}

// giveBack takes the coroutine of a task that has ended. It has closed itself if
// there are enough.
func (l *Loop) giveBack(c *coro.Coroutine) {
	if c.State() == coro.Idle {
		l.idle = append(l.idle, c)
		return
	}
	c.Close()
}
