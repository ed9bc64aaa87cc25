package sim

import (
	"flag"
	"slices"
	"testing"

	"github.com/goasyncio/asyncio/sim/internal/explore"
	"github.com/goasyncio/asyncio/sim/internal/report"
)

// Fuzz lets Go's fuzzer decide what happens in a world: its input is the tape of choices,
// so that its corpus keeps schedules that reach new code, and its minimiser works towards
// the order of production. The empty input is a world in which nothing goes wrong. A
// failure is printed as that of [Check] is, and replayed in the same way, once it is an
// input of the corpus; while the fuzzer looks for others it is told in short.
//
//	func FuzzTransfer(f *testing.F) { sim.Fuzz(f, transfer) }
func Fuzz(f *testing.F, body func(w *World), opts ...Option) {
	f.Helper()
	o := newOptions(f, opts)
	if o.replay != "" {
		c := &campaign{t: f, body: body, opts: o, call: 1}
		if c.replay(); !f.Failed() {
			f.Skip("sim: the schedule passes")
		}
		return
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, input []byte) {
		l := newLane(o, body)
		defer l.close()
		l.chooser.Replay(explore.FromBytes(input))
		got, _ := l.run(o.seed, false)
		if got.failure == nil {
			return
		}
		c := &campaign{t: t, body: body, opts: o, call: 1}
		if fuzzing() {
			t.Errorf("sim: %v\nreplay: %s", got.failure, report.Command(c.test(), report.Package(), o.seed, got.tape.String()))
			return
		}
		c.tell(&finding{0, "fuzzer", slices.Clone(got.tape), got.failure, got.hash})
	})
}

// fuzzing tells that the fuzzer looks for inputs: it may run thousands that fail.
func fuzzing() bool {
	worker := flag.Lookup("test.fuzzworker")
	return worker != nil && worker.Value.String() == "true"
}
