package asyncio

import "cmp"

// PriorityQueue is a [Queue] whose smallest item leaves first. Items of which none is
// smaller than the other leave in the order in which they came.
//
// A getter that was woken takes what is smallest when it runs, not what was put for it.
// Put and Get take time in proportion to the logarithm of the length.
type PriorityQueue[T any] struct{ Queue[T] }

// NewPriorityQueue makes a queue for at most capacity items that leave in the order of
// [cmp.Less]. The capacity is that of [NewQueue].
func NewPriorityQueue[T cmp.Ordered](capacity int) *PriorityQueue[T] {
	return NewPriorityQueueFunc(capacity, cmp.Less[T])
}

// NewPriorityQueueFunc makes a queue for at most capacity items that leave in the order
// of less, which tells whether a must leave before b. It must be a strict weak ordering:
// an item is not less than itself, and where a is less than b and b less than c, a is
// less than c. The capacity is that of [NewQueue].
func NewPriorityQueueFunc[T any](capacity int, less func(a, b T) bool) *PriorityQueue[T] {
	if less == nil {
		panic("asyncio: NewPriorityQueueFunc needs a function that compares two items")
	}
	q := new(PriorityQueue[T])
	q.init("PriorityQueue", capacity)
	q.sorted = &itemHeap[T]{less: less}
	return q
}

// itemHeap is a binary heap: no entry is before the one at (i-1)/2. It is written out here
// because container/heap boxes every value in an interface, which allocates.
type itemHeap[T any] struct {
	entries []heapEntry[T]
	less    func(a, b T) bool
	pushed  uint64
}

// heapEntry is a value and when it came, which settles the order of equal values.
type heapEntry[T any] struct {
	value  T
	number uint64
}

// before tells whether entry i leaves before entry j.
func (h *itemHeap[T]) before(i, j int) bool {
	a, b := &h.entries[i], &h.entries[j]
	if h.less(a.value, b.value) {
		return true
	}
	return a.number < b.number && !h.less(b.value, a.value)
}

func (h *itemHeap[T]) push(v T) {
	h.entries = append(h.entries, heapEntry[T]{v, h.pushed})
	h.pushed++
	h.up(len(h.entries) - 1)
}

func (h *itemHeap[T]) pop() T {
	last := len(h.entries) - 1
	h.swap(0, last)
	v := h.entries[last].value
	h.entries[last] = heapEntry[T]{} // the collector must not find the value here
	h.entries = h.entries[:last]
	h.down(0)
	return v
}

func (h *itemHeap[T]) clear() { h.entries = nil }

func (h *itemHeap[T]) swap(i, j int) { h.entries[i], h.entries[j] = h.entries[j], h.entries[i] }

func (h *itemHeap[T]) up(i int) {
	for i > 0 && h.before(i, (i-1)/2) {
		h.swap(i, (i-1)/2)
		i = (i - 1) / 2
	}
}

func (h *itemHeap[T]) down(i int) {
	for {
		first := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(h.entries); child++ {
			if h.before(child, first) {
				first = child
			}
		}
		if first == i {
			return
		}
		h.swap(i, first)
		i = first
	}
}
