package simenv

import (
	"slices"

	"github.com/goasyncio/asyncio/internal/driver"
)

// Queue holds the promises of a world: calls that are due at some time. The zero value
// is empty.
type Queue struct {
	later []*Call // a binary heap by time, and then by order of making
	due   []*Call // what has left it, in the same order, from first on
	first int
	made  uint64
}

// A Call is one promise.
type Call struct {
	At    driver.Instant
	Label string
	Class uint32 // of the label: a note of whoever looks at the call, 0 until then
	f     func()
	seq   uint64
	pos   int // in the heap, from 1; 0 is out of it, and isDue
	queue *Queue
}

const isDue = -1

// Add promises f for the time at.
func (q *Queue) Add(at driver.Instant, label string, f func()) *Call {
	c := &Call{Label: label, f: f}
	q.Start(c, at)
	return c
}

// NewCall is a call that is made again and again: see [Queue.Start].
func NewCall(label string, f func()) *Call { return &Call{Label: label, f: f} }

// Start promises c, which must not be promised, for the time at.
func (q *Queue) Start(c *Call, at driver.Instant) {
	q.made++
	c.At, c.seq, c.queue = at, q.made, q
	q.later = append(q.later, c)
	c.pos = len(q.later)
	q.up(c.pos - 1)
}

// Len is the number of promises.
func (q *Queue) Len() int { return len(q.later) + len(q.due) - q.first }

// Next is when the first of them is due, or Forever.
func (q *Queue) Next() driver.Instant {
	switch {
	case q.first < len(q.due):
		return q.due[q.first].At
	case len(q.later) == 0:
		return driver.Forever
	}
	return q.later[0].At
}

// Due is the calls that are due by now, in the order of their times and then of their
// making. The slice is the queue's own and holds until the queue is changed.
func (q *Queue) Due(now driver.Instant) []*Call {
	for len(q.later) > 0 && q.later[0].At <= now {
		c := q.later[0]
		q.remove(c)
		c.pos = isDue
		q.due = append(q.due, c)
	}
	return q.due[q.first:]
}

// Run takes c out of the queue and calls it.
func (c *Call) Run() {
	c.Stop()
	c.f()
}

// Stop implements [Timer].
func (c *Call) Stop() {
	switch {
	case c.pos > 0:
		c.queue.remove(c)
	case c.pos == isDue:
		c.queue.drop(c)
	}
	c.pos = 0
}

// drop takes out a call that is due: one of the first, nearly always.
func (q *Queue) drop(c *Call) {
	i := slices.Index(q.due[q.first:], c)
	copy(q.due[q.first+1:q.first+i+1], q.due[q.first:q.first+i])
	q.due[q.first] = nil
	if q.first++; q.first == len(q.due) {
		q.first, q.due = 0, q.due[:0]
	}
}

// remove takes a call out of the heap.
func (q *Queue) remove(c *Call) {
	i, last := c.pos-1, len(q.later)-1
	moved := q.later[last]
	q.later[last] = nil
	q.later = q.later[:last]
	if i < last {
		q.later[i] = moved
		moved.pos = i + 1
		q.down(i)
		q.up(moved.pos - 1)
	}
}

func (q *Queue) before(i, j int) bool {
	a, b := q.later[i], q.later[j]
	return a.At < b.At || a.At == b.At && a.seq < b.seq
}

func (q *Queue) swap(i, j int) {
	q.later[i], q.later[j] = q.later[j], q.later[i]
	q.later[i].pos, q.later[j].pos = i+1, j+1
}

func (q *Queue) up(i int) {
	for i > 0 && q.before(i, (i-1)/2) {
		q.swap(i, (i-1)/2)
		i = (i - 1) / 2
	}
}

func (q *Queue) down(i int) {
	for {
		least := i
		for c := 2*i + 1; c <= 2*i+2 && c < len(q.later); c++ {
			if q.before(c, least) {
				least = c
			}
		}
		if least == i {
			return
		}
		q.swap(i, least)
		i = least
	}
}
