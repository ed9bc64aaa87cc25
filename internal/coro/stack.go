package coro

import (
	"bytes"
	"fmt"
	"runtime"
)

// A traceback prints the arguments of each frame. An array of two words is
// always passed on the stack, so the traceback of a coroutine shows this pair
// without a doubt, and costs nothing until somebody looks: this is how the
// stack of one coroutine is found in a dump of all goroutines.
const markMagic = 0xa5c0_1f0e_c0de_0001

//go:noinline
func mark(id [2]uint64, c *Coroutine) {
	c.run()
	markSink = id[0]
}

// markSink keeps id alive over the call.
var markSink uint64

// Stack returns the traceback of the coroutine's goroutine, or nil if it has no
// body at the moment. It may be called from any goroutine, at any time: it
// stops the world for as long as it takes to print all goroutines.
func (c *Coroutine) Stack() []byte { return StackOf(c.id) }

// ID tells coroutines apart, for StackOf.
func (c *Coroutine) ID() uint64 { return c.id }

// StackOf is Stack for whoever has only the coroutine's ID.
func StackOf(id uint64) []byte {
	want := fmt.Appendf(nil, "coro.mark({0x%x, 0x%x}", uint64(markMagic), id)
	for g := range bytes.SplitSeq(AllStacks(), []byte("\n\n")) {
		if bytes.Contains(g, want) {
			return g
		}
	}
	return nil
}

// AllStacks returns the traceback of all goroutines.
func AllStacks() []byte {
	for size := 64 << 10; ; size *= 2 {
		buf := make([]byte, size)
		if n := runtime.Stack(buf, true); n < size || size >= 256<<20 {
			return buf[:n]
		}
	}
}

// GoroutineID is the number of the calling goroutine, as tracebacks show it. It
// takes about a microsecond: for debug mode only.
func GoroutineID() uint64 {
	var buf [64]byte
	return goroutineID(buf[:runtime.Stack(buf[:], false)])
}

func goroutineID(trace []byte) (id uint64) {
	digits, ok := bytes.CutPrefix(trace, []byte("goroutine "))
	if !ok {
		return 0
	}
	for _, d := range digits {
		if d < '0' || d > '9' {
			break
		}
		id = id*10 + uint64(d-'0')
	}
	return id
}
