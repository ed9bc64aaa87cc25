package main

import "iter"

// bareLoop is the least that can be called a loop: a FIFO of coroutines that
// are ready. It has no cancellation, no contexts, no results, no panics, no
// timers. What asyncio takes above it is the price of those.
type bareLoop struct {
	ready fifo[*bareTask]
	idle  []*bareCoro // coroutines whose function has returned
}

// bareTask takes a coroutine at its first step, so that tasks which never wait
// share one.
type bareTask struct {
	fn   func(t *bareTask)
	loop *bareLoop
	coro *bareCoro
}

type bareCoro struct {
	next  func() (struct{}, bool)
	stop  func()
	yield func(struct{}) bool
	task  *bareTask
}

func (l *bareLoop) spawn(fn func(t *bareTask)) *bareTask {
	t := &bareTask{fn: fn, loop: l}
	l.ready.push(t)
	return t
}

func (l *bareLoop) wake(t *bareTask) { l.ready.push(t) }

// run resumes what is ready until nothing is, and ends the coroutines.
func (l *bareLoop) run() {
	for l.ready.len() > 0 {
		t := l.ready.pop()
		if t.coro == nil {
			t.coro = l.coroutine()
			t.coro.task = t
		}
		t.coro.next()
	}
	for _, c := range l.idle {
		c.stop()
	}
	l.idle = nil
}

func (l *bareLoop) coroutine() *bareCoro {
	if n := len(l.idle); n > 0 {
		c := l.idle[n-1]
		l.idle = l.idle[:n-1]
		return c
	}
	c := &bareCoro{}
	c.next, c.stop = iter.Pull(func(yield func(struct{}) bool) {
		c.yield = yield
		for ok := true; ok; ok = yield(struct{}{}) {
			c.task.fn(c.task)
			c.task = nil
			l.idle = append(l.idle, c)
		}
	})
	return c
}

// park gives way until wake.
func (t *bareTask) park() { t.coro.yield(struct{}{}) }

// pause gives way once.
func (t *bareTask) pause() {
	t.loop.wake(t)
	t.park()
}

// fifo is a ring that grows.
type fifo[T any] struct {
	ring []T // length a power of two
	head int
	n    int
}

func (f *fifo[T]) len() int { return f.n }

func (f *fifo[T]) push(v T) {
	if f.n == len(f.ring) {
		f.grow()
	}
	f.ring[(f.head+f.n)&(len(f.ring)-1)] = v
	f.n++
}

func (f *fifo[T]) pop() T {
	var zero T
	v := f.ring[f.head]
	f.ring[f.head] = zero
	f.head = (f.head + 1) & (len(f.ring) - 1)
	f.n--
	return v
}

func (f *fifo[T]) grow() {
	bigger := make([]T, max(16, 2*len(f.ring)))
	k := copy(bigger, f.ring[f.head:])
	copy(bigger[k:], f.ring[:f.head])
	f.ring, f.head = bigger, 0
}

// bareQueue is a bounded queue between bare tasks.
type bareQueue struct {
	items   fifo[int]
	size    int
	getters fifo[*bareTask]
	putters fifo[*bareTask]
}

func (q *bareQueue) put(t *bareTask, v int) {
	for q.items.len() >= q.size {
		q.putters.push(t)
		t.park()
	}
	q.items.push(v)
	if q.getters.len() > 0 {
		t.loop.wake(q.getters.pop())
	}
}

func (q *bareQueue) get(t *bareTask) int {
	for q.items.len() == 0 {
		q.getters.push(t)
		t.park()
	}
	v := q.items.pop()
	if q.putters.len() > 0 {
		t.loop.wake(q.putters.pop())
	}
	return v
}
