package sim

import (
	"bytes"
	"os"
	"runtime"
	"strconv"

	"github.com/goasyncio/asyncio/sim/internal/report"
)

// stop stops under the debugger, before a step. Its arguments are there to be looked at;
// what the task does next is where the debugger should be told to stop again.
func stop(step int, host, task, goesOnAt string) {
	runtime.Breakpoint()
	runtime.KeepAlive([]any{step, host, task, goesOnAt})
}

// breakHere stops before the step of the latest entry, if there is a debugger.
func (t *trace) breakHere() {
	e := &t.log.Entries[t.open-1]
	if debugged() {
		stop(e.Step, e.Host, e.Task, e.From)
	}
}

// debugged tells whether a debugger is attached to this process, where that can be
// known, which is on Linux: a breakpoint without one would end the process.
func debugged() bool {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return false
	}
	_, after, _ := bytes.Cut(status, []byte("\nTracerPid:"))
	line, _, _ := bytes.Cut(after, []byte("\n"))
	tracer, _ := strconv.Atoi(string(bytes.TrimSpace(line)))
	return tracer > 0
}

// howToBreak is what is said where a stop was asked for and there is no debugger.
func (c *campaign) howToBreak(step int, e *report.Entry) string {
	says := "-sim.break stops a replay under a debugger, and there is none (on other systems than Linux it cannot be seen). With Delve:\n" +
		report.Debug(c.test(), report.Package(), c.opts.seed, c.opts.replay, step)
	if e != nil && e.From != "" {
		says += "\nThen, as the task of this step goes on at " + e.From + ", a breakpoint on the line behind it and continue: one goroutine runs at a time."
	}
	return says
}
