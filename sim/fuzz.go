package sim

import (
	"testing"

	"github.com/goasyncio/asyncio/sim/internal/explore"
)

// Fuzz lets Go's fuzzer decide what happens in a world: its input is the tape of choices,
// so that its corpus keeps schedules that reach new code, and its minimiser works towards
// the order of production. The empty input is a world in which nothing goes wrong.
//
//	func FuzzTransfer(f *testing.F) { sim.Fuzz(f, transfer) }
func Fuzz(f *testing.F, body func(w *World), opts ...Option) {
	f.Helper()
	o := newOptions(f, opts)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, input []byte) {
		l := newLane(o, body)
		defer l.close()
		l.chooser.Replay(explore.FromBytes(input))
		got, _ := l.run(o.seed, false)
		if got.failure != nil {
			c := &campaign{t: t, body: body, opts: o}
			c.tell(&finding{0, "fuzzer", got.tape, got.failure, got.hash})
		}
	})
}
