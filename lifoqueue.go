package asyncio

// LifoQueue is a [Queue] whose newest item leaves first: a stack that waits.
//
// A getter that was woken takes what is newest when it runs, not what was put for it.
type LifoQueue[T any] struct{ Queue[T] }

// NewLifoQueue makes a queue for at most capacity items, of which the newest leaves
// first. The capacity is that of [NewQueue].
func NewLifoQueue[T any](capacity int) *LifoQueue[T] {
	q := new(LifoQueue[T])
	q.init("LifoQueue", capacity)
	q.lifo = true
	return q
}
