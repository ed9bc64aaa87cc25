// Package ring is a double-ended queue in one slice that grows.
package ring

// smallest is the number of places of the first slice that a Buffer allocates.
const smallest = 8

// Buffer is a double-ended queue of values. Its zero value is empty and ready for use.
//
// Where it has grown to the size it needs, pushing and popping allocate nothing.
// It does not shrink by itself: a queue that swings between empty and full would then
// allocate with every swing. Clear gives its memory back.
type Buffer[T any] struct {
	slots []T // len(slots) is zero or a power of two, so that an index wraps with one "and"
	head  int // the index of the front, in [0, len(slots))
	count int // how many slots are in use, from head on
}

// Len returns the number of values.
func (b *Buffer[T]) Len() int { return b.count }

// PushBack adds v behind the last value.
func (b *Buffer[T]) PushBack(v T) {
	if b.count == len(b.slots) {
		b.grow()
	}
	b.slots[(b.head+b.count)&(len(b.slots)-1)] = v
	b.count++
}

// PopFront removes the first value and returns it. It panics where there is none.
func (b *Buffer[T]) PopFront() T {
	if b.count == 0 {
		panic("ring: PopFront of an empty buffer")
	}
	slot := &b.slots[b.head]
	v := *slot
	clear1(slot)
	b.head = (b.head + 1) & (len(b.slots) - 1)
	b.count--
	return v
}

// PopBack removes the last value and returns it. It panics where there is none.
func (b *Buffer[T]) PopBack() T {
	if b.count == 0 {
		panic("ring: PopBack of an empty buffer")
	}
	b.count--
	slot := &b.slots[(b.head+b.count)&(len(b.slots)-1)]
	v := *slot
	clear1(slot)
	return v
}

// Truncate drops values from the back until at most n are left.
func (b *Buffer[T]) Truncate(n int) {
	for b.count > n {
		b.PopBack()
	}
}

// Clear drops all values and gives the memory back.
func (b *Buffer[T]) Clear() { *b = Buffer[T]{} }

// clear1 forgets what is in a slot: the collector must not find it there.
func clear1[T any](slot *T) {
	var zero T
	*slot = zero
}

// grow doubles the number of slots and moves the front to index zero.
func (b *Buffer[T]) grow() {
	slots := make([]T, max(smallest, 2*len(b.slots)))
	n := copy(slots, b.slots[b.head:])
	copy(slots[n:], b.slots[:b.head])
	b.slots, b.head = slots, 0
}
