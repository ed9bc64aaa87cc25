// Package history records what the clients of a system asked and were told, and checks
// whether one object that does one thing at a time could have told them the same: this
// is linearizability.
//
//	h := history.New(now)
//	// in each client
//	call := h.Call("client 1", history.Put{Key: "x", Value: "1"})
//	if err := store.Put(ctx, "x", "1"); err == nil {
//		call.Return(nil)
//	} // otherwise nobody knows whether it has happened
//	// in the end
//	err := history.Check(h, history.KV(""))
//
// A call that never returns stays open: it may have taken effect at any time after it
// began, or not at all. That is what a client knows after a timeout or a lost
// connection. [Call.Fail] is for a call that has certainly not happened.
//
// The order of calls and returns is that in which the methods here are called, so a
// history belongs to one loop, or to the hosts of one simulated world; times are for
// people. [Register], [KV], [Queue] and [Lock] are models of objects; a [Model] of your
// own is two functions. The search is that of porcupine, which this package brings to
// those who import it and to nobody else.
package history

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// A History is what happened between clients and a system.
type History struct {
	now   func() time.Duration
	calls []*Call
	tick  int64 // counts calls and returns
}

// New makes an empty history. now tells the time for reports, such as that of a
// simulated world; it may be nil.
func New(now func() time.Duration) *History {
	if now == nil {
		now = func() time.Duration { return 0 }
	}
	return &History{now: now}
}

// A Call is one thing that a client asked for. It returns or fails once at most.
type Call struct {
	// Client is who asked. A client has one call at a time, but for those that stay open.
	Client string
	// Input is what it asked for, in the words of a model: a [Get], a [Put] …
	Input any
	// Output is what it was told. It means nothing where the call is open.
	Output any

	history     *History
	begin, end  int64
	began, over time.Duration
	state       callState
}

type callState uint8

const (
	open callState = iota
	returned
	failed
)

// Call records that a client asks for something, before it does.
func (h *History) Call(client string, input any) *Call {
	h.tick++
	c := &Call{Client: client, Input: input, history: h, begin: h.tick, end: math.MaxInt64, began: h.now()}
	h.calls = append(h.calls, c)
	return c
}

// Return records what the client was told, in the words of the model: nil where there
// is nothing to tell. It panics where the call has returned or failed before.
func (c *Call) Return(output any) {
	c.settle(returned)
	c.Output = output
}

// Fail records that the call has not happened and never will: it was refused. Where you
// are not certain leave it open. It panics where the call has returned or failed before.
func (c *Call) Fail() { c.settle(failed) }

func (c *Call) settle(s callState) {
	if c.state != open {
		panic("history: the call of " + c.Client + " has ended already")
	}
	c.history.tick++
	c.state, c.end, c.over = s, c.history.tick, c.history.now()
}

// Open tells whether nobody knows what has become of the call.
func (c *Call) Open() bool { return c.state == open }

// String is the call in a line: when it began and when it ended, who asked, for what,
// and what came of it.
func (c *Call) String() string {
	end, what := seconds(c.over), describe(c.Input)
	switch {
	case c.state == open:
		end = ""
		what += ": nobody knows"
	case c.state == failed:
		what += ": refused"
	case c.Output != nil:
		what += fmt.Sprintf(" → %#v", c.Output)
	}
	return fmt.Sprintf("%12s … %-12s %-10s %s", seconds(c.began), end, c.Client, what)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.6fs", d.Seconds()) }

// describe is an input as one writes it: Put{Key:"x", Value:"1"}.
func describe(input any) string {
	if s, ok := input.(fmt.Stringer); ok {
		return s.String()
	}
	return strings.TrimPrefix(fmt.Sprintf("%#v", input), "history.")
}

// Calls are all calls so far, in the order in which they began.
func (h *History) Calls() []*Call { return append([]*Call(nil), h.calls...) }

// Stats is how the calls of a history have gone: one of which most fail or stay open
// says little.
type Stats struct{ Returned, Failed, Open int }

// Stats counts the calls.
func (h *History) Stats() (s Stats) {
	for _, c := range h.calls {
		switch c.state {
		case open:
			s.Open++
		case returned:
			s.Returned++
		case failed:
			s.Failed++
		}
	}
	return s
}

// String is the whole history, a line for each call.
func (h *History) String() string {
	var b strings.Builder
	for _, c := range h.calls {
		fmt.Fprintln(&b, c)
	}
	return b.String()
}
