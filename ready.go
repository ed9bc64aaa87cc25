package asyncio

import "slices"

// An entry of the ready queue: a task to resume, a callback, a timer that is due.
type entry interface {
	// run is called once, by the loop, in the entry's turn.
	run()
	// rank is the entry's priority; 0 for nearly all.
	rank() int8
}

// readyQueue is the one queue of the loop: a ring, first in, first out (rule S3).
type readyQueue struct {
	ring []entry // the length is a power of two
	head int
	n    int

	rounds, entries uint64 // begun, and in them, since the run began: for consoles
}

func (q *readyQueue) push(e entry) {
	if q.n == len(q.ring) {
		q.resize(max(64, 2*len(q.ring)))
	}
	q.ring[(q.head+q.n)&(len(q.ring)-1)] = e
	q.n++
}

// front is the entry that pop would return; there must be one.
func (q *readyQueue) front() entry { return q.ring[q.head] }

func (q *readyQueue) pop() entry {
	e := q.ring[q.head]
	q.ring[q.head] = nil
	q.head = (q.head + 1) & (len(q.ring) - 1)
	q.n--
	return e
}

// tasks is how many of the entries are tasks. It takes about a nanosecond for each entry.
func (q *readyQueue) tasks() (n int) {
	for i := range q.n {
		if _, ok := q.ring[(q.head+i)&(len(q.ring)-1)].(*taskCore); ok {
			n++
		}
	}
	return n
}

// clear throws away what is left in the queue.
func (q *readyQueue) clear() {
	for q.n > 0 {
		q.pop()
	}
}

// resize makes a ring of the given length, in which there is room for all.
func (q *readyQueue) resize(length int) {
	ring := make([]entry, length)
	k := copy(ring, q.ring[q.head:min(q.head+q.n, len(q.ring))])
	copy(ring[k:], q.ring[:q.n-k])
	q.ring, q.head = ring, 0
}

// manyEntries is the length above which the memory of a ring is worth giving back.
const manyEntries = 1 << 16

// batch is how many entries the round that begins now is to run. The memory of a peak
// that is over is given back here.
func (q *readyQueue) batch() int {
	if len(q.ring) > manyEntries {
		q.shrink()
	}
	return q.n
}

// count counts the round that begins now.
func (q *readyQueue) count() {
	q.rounds++
	q.entries += uint64(q.n)
}

// shrink gives back what a peak has left.
func (q *readyQueue) shrink() {
	if length := len(q.ring); q.n < length/8 {
		q.resize(max(length/8, manyEntries))
	}
}

// sortBatch puts the entries of higher rank first and keeps the order among
// equals. It sorts what is in the queue at the start of a round, and each of
// them runs in that round: nobody can be starved.
func (q *readyQueue) sortBatch() {
	batch := make([]entry, q.n)
	for i := range batch {
		batch[i] = q.pop()
	}
	slices.SortStableFunc(batch, func(a, b entry) int { return int(b.rank()) - int(a.rank()) })
	for _, e := range batch {
		q.push(e)
	}
}
