package netsim

import "math/bits"

// A queue is bytes that are written at one end and read at the other. Empty it holds no
// memory.
type queue struct {
	buf  []byte
	head int
}

func (q *queue) len() int { return len(q.buf) - q.head }

// write appends p.
func (q *queue) write(m *pool, p []byte) {
	if len(p) == 0 {
		return
	}
	if len(q.buf)+len(p) > cap(q.buf) {
		q.room(m, len(p))
	}
	q.buf = append(q.buf, p...)
}

// room makes place for n more: by moving what there is to the front, or elsewhere.
func (q *queue) room(m *pool, n int) {
	live := q.buf[q.head:]
	if len(live)+n <= cap(q.buf) && q.head >= len(live) {
		q.buf = q.buf[:copy(q.buf[:cap(q.buf)], live)]
	} else {
		old := q.buf
		q.buf = append(m.get(max(len(live)+n, 2*len(live))), live...)
		m.put(old)
	}
	q.head = 0
}

// read takes up to max bytes.
func (q *queue) read(m *pool, p []byte, max int) int {
	n := copy(p, q.buf[q.head:q.head+max])
	q.head += n
	if q.head == len(q.buf) {
		q.drop(m)
	}
	return n
}

// drop empties it.
func (q *queue) drop(m *pool) {
	m.put(q.buf)
	*q = queue{}
}

// A pool is buffers that nobody uses, by the power of two of their size.
type pool struct{ free [24][][]byte }

const (
	smallestBuffer = 6 // as a power of two
	pooled         = 64
)

func (m *pool) get(n int) []byte {
	class := max(bits.Len(uint(n-1)), smallestBuffer)
	if class >= len(m.free) {
		return make([]byte, 0, n)
	}
	if free := m.free[class]; len(free) > 0 {
		b := free[len(free)-1]
		m.free[class] = free[:len(free)-1]
		return b
	}
	return make([]byte, 0, 1<<class)
}

func (m *pool) put(b []byte) {
	if cap(b) == 0 {
		return
	}
	class := bits.Len(uint(cap(b) - 1))
	if class < len(m.free) && cap(b) == 1<<class && len(m.free[class]) < pooled {
		m.free[class] = append(m.free[class], b[:0])
	}
}
