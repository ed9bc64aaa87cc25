package sim

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/goasyncio/asyncio/sim/internal/explore"
	"github.com/goasyncio/asyncio/sim/internal/report"
)

// With SIM_CHECK each schedule is run twice, and both runs are compared by sums over
// all that can be seen of their steps. Where they differ both are run again until the
// traces differ, too, and the first difference is told.

// errUndetermined is why a schedule fails that does not do the same twice.
var errUndetermined = errors.New("the program does not only depend on the world's decisions")

// causes are what people look for first.
const causes = `Likely causes: a range over a map that reaches a wait or makes tasks, select, time.Now,
math/rand, crypto/rand, an address or %p in what is sent, a goroutine made by go, a real
file or connection, a variable that outlives the world. "asyncio vet" finds most of them.`

// sameTwice runs the schedule of an outcome again. It returns why the program is not
// determined, or nil.
func (l *lane) sameTwice(got outcome) error {
	tape, sums := slices.Clone(got.tape), slices.Clone(got.sums)
	l.chooser.Replay(tape)
	again, _ := l.run(l.opts.seed, false)
	if slices.Equal(sums, again.sums) {
		return nil
	}
	return fmt.Errorf("%w: run twice, it is another one after %d steps", errUndetermined, common(sums, again.sums))
}

// common is how many elements are the same at the beginning.
func common(a, b []uint64) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// attempts is how often a schedule is run again, at most, to see it differ.
const attempts = 64

// difference runs a schedule until two runs of it differ, and tells where they first do.
func (l *lane) difference(tape explore.Tape) string {
	first := l.record(tape)
	stacks := l.world.trace.stacks
	for range attempts {
		again := l.record(tape)
		if at, equal := report.Differ(first.log, again.log); !equal {
			return report.Difference(first.log, again.log, at, stackAt(stacks, at), stackAt(l.world.trace.stacks, at))
		}
	}
	return fmt.Sprintf("In %d more runs it was always the same.", attempts)
}

func stackAt(stacks [][]uintptr, i int) string {
	if i >= len(stacks) || stacks[i] == nil {
		return ""
	}
	return stackOf(stacks[i])
}

// undetermined is what is said of a schedule that does not do the same again.
func (c *campaign) undetermined(l *lane, f *finding) string {
	var b strings.Builder
	fmt.Fprintf(&b, "sim: seed %d, %s, schedule %d is not determined\n  %v\n", c.opts.seed, f.strategy, f.number, f.failure)
	if !f.is(errUndetermined) {
		fmt.Fprintf(&b, "  When the schedule was run again it was another one: %v.\n", errUndetermined)
	}
	if !f.is(errForeign) {
		fmt.Fprintf(&b, "\n%s\n", l.difference(f.tape))
	}
	return b.String() + "\n" + causes
}

// mix adds to the sum of the step.
func (t *trace) mix(n uint64) {
	t.sum = (t.sum ^ n) * 0x9e3779b97f4a7c15
	t.sum ^= t.sum >> 29
}

func (t *trace) mixText(s string) {
	for i := range len(s) {
		t.sum = (t.sum ^ uint64(s[i])) * 0x100000001b3
	}
	t.mix(uint64(len(s)))
}

// mixStack adds the places of the caller.
func (t *trace) mixStack() {
	var pcs [32]uintptr
	for _, pc := range pcs[:runtime.Callers(3, pcs[:])] {
		t.mix(uint64(pc))
	}
}

// summed ends the sum of a step.
func (t *trace) summed() {
	t.sums = append(t.sums, t.sum)
	t.sum = 0
	for _, g := range t.newStrangers() {
		t.world.fail(t.world.running, fmt.Errorf("%w: use a task (asyncio.Go), or asyncio.ToThread for what blocks", g))
		return
	}
}

// newStrangers are goroutines that the world has not made, if there may be new ones.
func (t *trace) newStrangers() (found []error) {
	n := runtime.NumGoroutine()
	if n <= t.goroutines {
		return nil
	}
	t.goroutines = n
	for _, g := range strangers() {
		found = append(found, fmt.Errorf("%w was made at %s, by %s", errForeign, g.madeAt, g.madeBy))
	}
	return found
}

// noteStrangers keeps them for what is said of a failure.
func (t *trace) noteStrangers() {
	for _, g := range t.newStrangers() {
		if !slices.Contains(t.strange, g.Error()) {
			t.strange = append(t.strange, g.Error())
		}
	}
}
