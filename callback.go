package asyncio

import (
	"context"
	"runtime/debug"
	"time"

	"github.com/goasyncio/asyncio/internal/driver"
)

// A Handle is a callback that waits for its turn. Callbacks run on the loop,
// between the steps of the tasks; they cannot wait.
type Handle struct {
	loop      *Loop
	f         func()
	place     waiter
	timer     timer
	cancelled bool
}

// CallSoon calls f in the next round. It panics where ctx is not of a running
// loop; from another goroutine use [LoopHandle.CallSoonThreadsafe].
func CallSoon(ctx context.Context, f func()) *Handle {
	l := mustLoop(ctx)
	h := &Handle{loop: l, f: f}
	l.ready.push(h)
	return h
}

// CallLater calls f when d has passed; a d of 0 or less is due at once.
func CallLater(ctx context.Context, d time.Duration, f func()) *Handle {
	l := mustLoop(ctx)
	return l.callAt(l.driver.Now().Add(d), f)
}

// CallAt calls f when the loop's clock shows at; see [Now].
func CallAt(ctx context.Context, at time.Time, f func()) *Handle {
	l := mustLoop(ctx)
	return l.callAt(l.instantOf(at), f)
}

func (l *Loop) callAt(when driver.Instant, f func()) *Handle {
	h := &Handle{loop: l, f: f}
	h.timer.due = h
	l.timers.start(&h.timer, min(when, driver.Forever-1))
	return h
}

// Cancel takes the callback back. It reports false where it has run or was
// cancelled before.
func (h *Handle) Cancel() bool {
	h.loop.check("Handle.Cancel")
	if h.cancelled || h.f == nil {
		return false
	}
	h.cancelled = true
	h.f = nil
	h.loop.timers.stop(&h.timer)
	if q := h.place.queue; q != nil {
		q.remove(&h.place)
	}
	return true
}

func (h *Handle) run() {
	f := h.f
	if f == nil {
		return
	}
	h.f = nil
	h.timer.queued = false
	h.loop.call(f)
}

func (h *Handle) rank() int8 { return 0 }

// call runs a callback; a panic is reported and ends there.
func (l *Loop) call(f func()) {
	returned := false
	defer func() {
		if returned {
			return
		}
		if v := recover(); v != nil {
			l.report(Report{Message: "panic in a callback", Err: &PanicError{Value: v, Stack: debug.Stack(), Task: "callback"}})
		}
	}()
	f()
	returned = true
}
