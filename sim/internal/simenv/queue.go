package simenv

import "github.com/goasyncio/asyncio/internal/driver"

// Queue holds the promises of a world: calls that are due at some time. The zero value
// is empty.
type Queue struct {
	nodes []*Call // a binary heap by time, and then by order of making
	made  uint64
}

// A Call is one promise.
type Call struct {
	At    driver.Instant
	Label string
	f     func()
	seq   uint64
	pos   int // in the heap; -1 when it is out of it
	queue *Queue
}

// Add promises f for the time at.
func (q *Queue) Add(at driver.Instant, label string, f func()) *Call {
	q.made++
	c := &Call{At: at, Label: label, f: f, seq: q.made, pos: len(q.nodes), queue: q}
	q.nodes = append(q.nodes, c)
	q.up(c.pos)
	return c
}

// Len is the number of promises.
func (q *Queue) Len() int { return len(q.nodes) }

// Next is when the first of them is due, or Forever.
func (q *Queue) Next() driver.Instant {
	if len(q.nodes) == 0 {
		return driver.Forever
	}
	return q.nodes[0].At
}

// Due is the calls that are due first, all at the same time, in the order of their
// making. It allocates only where dst has no room.
func (q *Queue) Due(dst []*Call) []*Call {
	at := q.Next()
	if at == driver.Forever {
		return dst
	}
	return q.collect(0, at, dst)
}

func (q *Queue) collect(i int, at driver.Instant, dst []*Call) []*Call {
	if i >= len(q.nodes) || q.nodes[i].At != at {
		return dst
	}
	n := len(dst)
	dst = append(dst, q.nodes[i])
	for n > 0 && dst[n-1].seq > dst[n].seq { // few are due at once
		dst[n-1], dst[n] = dst[n], dst[n-1]
		n--
	}
	dst = q.collect(2*i+1, at, dst)
	return q.collect(2*i+2, at, dst)
}

// Run takes c out of the queue and calls it.
func (c *Call) Run() {
	c.Stop()
	c.f()
}

// Stop implements [Timer].
func (c *Call) Stop() {
	if c.pos < 0 {
		return
	}
	q, i := c.queue, c.pos
	last := len(q.nodes) - 1
	moved := q.nodes[last]
	q.nodes[last] = nil
	q.nodes = q.nodes[:last]
	if i < last {
		q.nodes[i] = moved
		moved.pos = i
		q.down(i)
		q.up(moved.pos)
	}
	c.pos = -1
}

func (q *Queue) before(i, j int) bool {
	a, b := q.nodes[i], q.nodes[j]
	return a.At < b.At || a.At == b.At && a.seq < b.seq
}

func (q *Queue) swap(i, j int) {
	q.nodes[i], q.nodes[j] = q.nodes[j], q.nodes[i]
	q.nodes[i].pos, q.nodes[j].pos = i, j
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
		for c := 2*i + 1; c <= 2*i+2 && c < len(q.nodes); c++ {
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
