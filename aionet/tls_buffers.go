package aionet

import "github.com/goasyncio/asyncio/internal/inside"

// tlsBuffers are the buffers of a loop for what TLS connections have encrypted. A
// connection has one only while something is unsent, which is hardly ever longer than a
// step takes: a loop with many connections needs few.
type tlsBuffers struct{ free [][]byte }

const (
	outputSize  = chunk + 8<<10 // bytes: a chunk with what its records add
	spareOutput = 8             // buffers that are kept
)

type tlsBuffersKey struct{}

func tlsBuffersOf(p inside.Poller) *tlsBuffers {
	return p.Local(tlsBuffersKey{}, func() any { return new(tlsBuffers) }).(*tlsBuffers)
}

func (b *tlsBuffers) get() []byte {
	last := len(b.free) - 1
	if last < 0 {
		return make([]byte, 0, outputSize)
	}
	buf := b.free[last]
	b.free[last] = nil
	b.free = b.free[:last]
	return buf
}

func (b *tlsBuffers) put(buf []byte) {
	if cap(buf) == outputSize && len(b.free) < spareOutput {
		b.free = append(b.free, buf[:0])
	}
}
