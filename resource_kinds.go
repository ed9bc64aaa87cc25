package asyncio

import (
	"fmt"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// What each primitive is to a console. The numbers are those of its Stats, but that a
// long line is counted and not walked: see waiting.

func (l *Lock) of() *bound { return &l.home }

func (l *Lock) resource() monitor.Resource {
	state := "free"
	switch {
	case l.owner != nil:
		state = "held by " + l.owner.String()
	case l.locked:
		state = "held"
	}
	return monitor.Resource{Kind: "Lock", State: state, Waiting: l.line.waiting()}
}

func (l *RWLock) of() *bound { return &l.home }

func (l *RWLock) resource() monitor.Resource {
	state := "free"
	switch {
	case l.writer != nil:
		state = "held by writer " + l.writer.String()
	case l.writing:
		state = "held by a writer"
	case l.readers > 0:
		state = fmt.Sprintf("held by %d readers", l.readers)
	}
	return monitor.Resource{Kind: "RWLock", State: state, Length: l.readers, Waiting: l.line.waiting()}
}

func (s *Semaphore) of() *bound { return &s.home }

func (s *Semaphore) resource() monitor.Resource {
	kind, limit := "Semaphore", 0
	if s.bounded {
		kind, limit = "BoundedSemaphore", s.bound
	}
	return monitor.Resource{
		Kind: kind, State: fillState(s.value, limit) + " free", Length: s.value, Limit: limit,
		Waiting: s.line.waiting(),
	}
}

func (l *CapacityLimiter) of() *bound { return &l.home }

func (l *CapacityLimiter) resource() monitor.Resource {
	return monitor.Resource{
		Kind: "CapacityLimiter", State: fillState(l.borrowed, l.total) + " lent",
		Length: l.borrowed, Limit: l.total, Waiting: l.line.waiting(),
	}
}

func (c *Condition) of() *bound { return &c.home }

func (c *Condition) resource() monitor.Resource {
	if b, ok := c.subject.(*Barrier); ok {
		state := fmt.Sprintf("%d of %d parties", b.Waiting(), b.parties)
		if b.state == broken {
			state = "broken"
		}
		return monitor.Resource{Kind: "Barrier", State: state, Length: b.Waiting(), Limit: b.parties, Waiting: c.waiters.Len()}
	}
	return monitor.Resource{Kind: "Condition", State: c.lock.resource().State, Waiting: c.waiters.Len()}
}

func (b *Barrier) of() *bound { return &b.cond.home }

func (e *Event) of() *bound { return &e.home }

func (e *Event) resource() monitor.Resource {
	state := "not set"
	if e.set {
		state = "set"
	}
	return monitor.Resource{Kind: "Event", State: state, Waiting: e.waiters.Len()}
}

func (o *Once[T]) of() *bound { return &o.home }

func (o *Once[T]) resource() monitor.Resource {
	state := "not done"
	switch {
	case o.done:
		state = "done"
	case o.busy:
		state = "at work"
	}
	return monitor.Resource{Kind: "Once", State: state, Waiting: o.waiters.Len()}
}

func (n *Notify) of() *bound { return &n.home }

func (n *Notify) resource() monitor.Resource {
	state := "nothing stored"
	if n.stored {
		state = "a notification is stored"
	}
	return monitor.Resource{Kind: "Notify", State: state, Waiting: n.line.waiting()}
}

func (q *Queue[T]) of() *bound { return &q.home }

func (q *Queue[T]) resource() monitor.Resource {
	limit := limitOf(q.capacity)
	state := fillState(q.count, limit)
	if q.shutDown {
		state += ", shut down"
	}
	return monitor.Resource{
		Kind: q.kind(), State: state, Length: q.count, Limit: limit,
		Waiting: q.getters.waiting.Len() + q.putters.waiting.Len() + q.work.joiners.Len(),
	}
}

func (q *Queue[T]) kind() string {
	switch {
	case q.sorted != nil:
		return "PriorityQueue"
	case q.lifo:
		return "LifoQueue"
	}
	return "Queue"
}

func (c *channel[T]) of() *bound { return &c.home }

func (c *channel[T]) resource() monitor.Resource {
	limit := limitOf(c.capacity)
	return monitor.Resource{
		Kind: "Channel", State: fillState(c.buffer.Len(), limit), Length: c.buffer.Len(), Limit: limit,
		Waiting: c.sending.waiting() + c.receiving.waiting(),
	}
}

func (b *Broadcast[T]) of() *bound { return &b.home }

func (b *Broadcast[T]) resource() monitor.Resource {
	state := fmt.Sprintf("%d subscribers", b.subscribers)
	if b.closed {
		state = "closed"
	}
	return monitor.Resource{Kind: "Broadcast", State: state, Waiting: b.waiting.Len()}
}

func (w *Watch[T]) of() *bound { return &w.home }

func (w *Watch[T]) resource() monitor.Resource {
	state := fmt.Sprintf("version %d", w.version)
	if w.closed {
		state += ", closed"
	}
	return monitor.Resource{Kind: "Watch", State: state, Waiting: w.waiting.Len()}
}
