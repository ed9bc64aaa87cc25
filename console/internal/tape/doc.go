// Package tape makes recordings of what loops do, and reads them again. docs/RECORDING.md
// specifies their format.
//
// A [Recorder] takes the tape of a loop ([monitor.Tape]) and what people want to know
// beside it: names, descriptions, stacks, who woke whom, and times where the loop has
// not looked at the clock. Out of that it makes batches, which are the lines of a live
// stream as well as those of a file. Everything else here works on batches, so that it
// does with a file what it does with a loop that runs: a [Model] replays the events one
// by one and is strict about what cannot be, a [Stats] counts, a [Reader] reads a file,
// and [WritePerfetto] gives it to other tools.
//
// All of it stands outside the loops, on goroutines of the console. Nothing here may be
// called by several goroutines at a time, unless it says so.
package tape
