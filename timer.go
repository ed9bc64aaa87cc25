package asyncio

import (
	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// A timer puts an entry into the ready queue when its deadline has come.
type timer struct {
	due entry
	pos int32 // in the heap, from 1; 0 if it is not there
	// queued tells that the deadline has come and that due waits for its turn
	// in the ready queue: it looks here whether it is still wanted.
	queued bool
}

// timerHeap orders timers by deadline and then by creation (rule S3): a 4-ary
// heap that keeps the keys beside the pointers, so that a comparison touches no
// other memory. A timer that is cancelled leaves at once.
type timerHeap struct {
	nodes []timerNode
	made  uint64
	lag   *monitor.Histogram       // how late timers were, nil where nobody wants to know
	due   func(now driver.Instant) // told before timers fire, if it is there
}

type timerNode struct {
	when  driver.Instant
	seq   uint64
	timer *timer
}

func (a *timerNode) before(b *timerNode) bool {
	return a.when < b.when || a.when == b.when && a.seq < b.seq
}

// start arms t, which must not be armed.
func (h *timerHeap) start(t *timer, when driver.Instant) {
	h.made++
	h.nodes = append(h.nodes, timerNode{when, h.made, t})
	h.up(len(h.nodes) - 1)
}

// stop disarms t. It reports whether t was armed or waiting for its turn.
func (h *timerHeap) stop(t *timer) bool {
	was := t.queued
	t.queued = false
	if t.pos == 0 {
		return was
	}
	i := int(t.pos) - 1
	t.pos = 0
	last := len(h.nodes) - 1
	moved := h.nodes[last]
	h.nodes[last] = timerNode{}
	h.nodes = h.nodes[:last]
	if i < last {
		h.nodes[i] = moved
		moved.timer.pos = int32(i + 1)
		h.down(i)
		h.up(int(moved.timer.pos) - 1)
	}
	if last == 0 && cap(h.nodes) > 1024 {
		h.nodes = nil // a peak is over: give its memory back
	}
	return true
}

// clear disarms all timers. Whoever holds one may stop it later, when the heap belongs
// to another run.
func (h *timerHeap) clear() {
	for _, n := range h.nodes {
		n.timer.pos = 0
	}
	clear(h.nodes)
	if h.nodes = h.nodes[:0]; cap(h.nodes) > 64 {
		h.nodes = nil
	}
}

// next is the earliest deadline, or Forever.
func (h *timerHeap) next() driver.Instant {
	if len(h.nodes) == 0 {
		return driver.Forever
	}
	return h.nodes[0].when
}

// fire moves what is due at now to the ready queue.
func (h *timerHeap) fire(now driver.Instant, ready *readyQueue) {
	if h.due != nil && len(h.nodes) > 0 && h.nodes[0].when <= now {
		h.due(now)
	}
	for len(h.nodes) > 0 && h.nodes[0].when <= now {
		if h.lag != nil {
			h.lag.Add(now.Sub(h.nodes[0].when))
		}
		t := h.nodes[0].timer
		h.stop(t)
		t.queued = true
		ready.push(t.due)
	}
}

func (h *timerHeap) up(i int) {
	n := h.nodes[i]
	for i > 0 {
		parent := (i - 1) / 4
		if !n.before(&h.nodes[parent]) {
			break
		}
		h.set(i, h.nodes[parent])
		i = parent
	}
	h.set(i, n)
}

func (h *timerHeap) down(i int) {
	n := h.nodes[i]
	for {
		least, first := -1, 4*i+1
		for c := first; c < min(first+4, len(h.nodes)); c++ {
			if least < 0 || h.nodes[c].before(&h.nodes[least]) {
				least = c
			}
		}
		if least < 0 || !h.nodes[least].before(&n) {
			break
		}
		h.set(i, h.nodes[least])
		i = least
	}
	h.set(i, n)
}

func (h *timerHeap) set(i int, n timerNode) {
	h.nodes[i] = n
	n.timer.pos = int32(i + 1)
}
