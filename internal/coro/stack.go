package coro

import (
	"bytes"
	"fmt"
	"runtime"
	"strconv"
)

// A traceback prints the arguments of each frame. An array of several words is
// always passed on the stack, so the traceback of a coroutine shows these numbers
// without a doubt, and they cost nothing until somebody looks: this is how the
// stack of one coroutine is found in a dump of all goroutines.
const markMagic = 0xa5c0_1f0e_c0de_0001

// What runs is c or, if that is nil, f.
//
//go:noinline
func mark(id [4]uint64, c *Coroutine, f func()) {
	if c != nil {
		c.run()
	} else {
		f()
	}
	runtime.KeepAlive(&id) // the traceback must show it as long as f runs
}

// Mark calls f so that [Running] finds the goroutine.
func Mark(owner uint32, f func()) { mark([4]uint64{markMagic, uint64(owner), 0, 0}, nil, f) }

// Stacks returns the tracebacks of the owner's coroutines that have a body at the
// moment, by their numbers, as far as there are not too many older goroutines (see
// maxDump). Any goroutine may call it, at any time: it stops the world for as long as
// it takes to print all of them, once.
func Stacks(owner uint32) map[uint64][]byte {
	stacks := make(map[uint64][]byte)
	prefix := fmt.Appendf(nil, "coro.mark({0x%x, 0x%x, 0x1, 0x", uint64(markMagic), owner)
	for g := range bytes.SplitSeq(AllStacks(), []byte("\n\n")) {
		_, after, marked := bytes.Cut(g, prefix)
		digits, _, _ := bytes.Cut(after, []byte("}"))
		if n, err := strconv.ParseUint(string(digits), 16, 64); marked && err == nil {
			stacks[n] = g
		}
	}
	return stacks
}

// Running returns the traceback of what runs for the owner now: a coroutine that
// is not suspended, or the goroutine that called Mark, if that is not waiting for
// a coroutine. Where one of them goes through a sequence of iter.Pull, and that runs, it
// is the traceback of the sequence and behind it that of who goes through it. It is nil
// where nothing does, or too many older goroutines are there (see maxDump). Any goroutine
// may call it.
func Running(owner uint32) []byte {
	want := fmt.Appendf(nil, "coro.mark({0x%x, 0x%x, ", uint64(markMagic), owner)
	all := AllStacks()
	for g := range bytes.SplitSeq(all, []byte("\n\n")) {
		if bytes.Contains(g, want) && !switched(g) {
			return g
		}
	}
	return runningSequence(all, want)
}

// switched tells that the goroutine of a traceback waits for another to switch back to it.
func switched(trace []byte) bool {
	state, _, _ := bytes.Cut(trace, []byte("\n"))
	return bytes.Contains(state, []byte("[coroutine"))
}

// runningSequence is what Running returns where it is a sequence that runs.
func runningSequence(all, want []byte) []byte {
	traces := map[uint64][]byte{}
	for g := range bytes.SplitSeq(all, []byte("\n\n")) {
		traces[goroutineID(g)] = g
	}
	for g := range bytes.SplitSeq(all, []byte("\n\n")) {
		if switched(g) {
			continue
		}
		chain := [][]byte{g}
		for by := traces[puller(g)]; by != nil && switched(by); by = traces[puller(by)] {
			if chain = append(chain, by); bytes.Contains(by, want) {
				return bytes.Join(chain, []byte("\n\n"))
			}
		}
	}
	return nil
}

// puller is the goroutine in which iter.Pull made the one with that traceback, 0 where
// that was not so.
func puller(trace []byte) uint64 {
	_, maker, _ := bytes.Cut(trace, []byte("\ncreated by iter.Pull"))
	_, maker, _ = bytes.Cut(maker, []byte(" in "))
	return goroutineID(maker)
}

// Number is that of the owner's coroutine whose traceback this is, as [Running] and
// [Stacks] give it: 0 for what runs on the goroutine that called Mark, and for what is no
// such traceback.
func Number(owner uint32, traceback []byte) uint64 {
	_, after, _ := bytes.Cut(traceback, fmt.Appendf(nil, "coro.mark({0x%x, 0x%x, ", uint64(markMagic), owner))
	words, _, _ := bytes.Cut(after, []byte("}"))
	digits, found := bytes.CutPrefix(words, []byte("0x1, 0x"))
	n, err := strconv.ParseUint(string(digits), 16, 64)
	if !found || err != nil {
		return 0
	}
	return n
}

// Within tells whether the calling goroutine runs for the owner: it is one of its
// coroutines, or the one that called Mark. Any goroutine may call it. It takes some
// microseconds.
func Within(owner uint32) bool {
	return bytes.Contains(ownStack(), fmt.Appendf(nil, "coro.mark({0x%x, 0x%x, ", uint64(markMagic), owner))
}

// maxDump bounds a dump of all goroutines, in bytes. Printing one takes 20 to 30
// microseconds with the world stopped, and about 700 bytes: this is some
// 24,000 goroutines and half a second. A report that stops a program of a million
// goroutines for minutes would be worse than what it reports.
const maxDump = 16 << 20

// AllStacks returns the traceback of all goroutines, cut off after maxDump: the
// caller's first, then the others, oldest first.
func AllStacks() []byte {
	size := min(maxDump, 64<<10+runtime.NumGoroutine()*1024)
	for {
		buf := make([]byte, size)
		n := runtime.Stack(buf, true)
		if n < size || size == maxDump {
			return buf[:n]
		}
		size = min(maxDump, 4*size)
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

// PulledBy tells whether the calling goroutine is one that iter.Pull made in the
// goroutine with the given number, or in another of which that is true. It is for the
// debug mode, where something is wrong in most cases in which it is asked.
func PulledBy(id uint64) bool {
	var all []byte
	for trace := ownStack(); ; {
		by := puller(trace)
		if by == 0 || by == id {
			return by == id && id != 0
		}
		if all == nil {
			all = append([]byte("\n\n"), AllStacks()...)
		}
		_, trace, _ = bytes.Cut(all, fmt.Appendf(nil, "\n\ngoroutine %d [", by))
		trace, _, _ = bytes.Cut(trace, []byte("\n\n"))
	}
}

// ownStack is the traceback of the calling goroutine.
func ownStack() []byte {
	for buf := make([]byte, 4096); ; buf = make([]byte, 2*len(buf)) {
		if n := runtime.Stack(buf, false); n < len(buf) {
			return buf[:n]
		}
	}
}

// Owner is the number of whom the calling goroutine runs for, as one of his coroutines
// or as the one that called Mark: 0 where that is nobody. It takes some microseconds.
func Owner() uint32 {
	_, after, _ := bytes.Cut(ownStack(), fmt.Appendf(nil, "coro.mark({0x%x, 0x", uint64(markMagic)))
	digits, _, _ := bytes.Cut(after, []byte(","))
	owner, _ := strconv.ParseUint(string(digits), 16, 32)
	return uint32(owner)
}
