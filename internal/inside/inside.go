// Package inside is the way by which packages asynciotest and aionet see what a
// loop keeps to itself. It is no part of the API, so that what it shows can change.
package inside

import (
	"context"
	"fmt"
	"strings"

	"github.com/goasyncio/asyncio/internal/driver"
)

// A Poller is a loop as package aionet sees it, which brings descriptors of its
// own. All of it is for the loop's goroutine.
type Poller interface {
	Driver() driver.Driver
	// Context is that of the task that runs; where none does the error says so.
	Context() (context.Context, error)
	// Root is the context of the run, for timers.
	Root() context.Context
	// Register makes s the owner of fd: events of the handle go to it. What is to
	// come must still be asked of the driver.
	Register(fd int, s Sink) driver.Handle
	Unregister(h driver.Handle)
	// Await counts the waits that a descriptor can end (rule L5): 1 before one and
	// -1 after it.
	Await(n int)
	// Call calls f as a callback is called: a panic is reported and ends there.
	Call(f func())
	// Local is the loop's value for key, which create makes when it is asked for
	// the first time in a run.
	Local(key any, create func() any) any
}

// A Sink owns a descriptor.
type Sink interface {
	// Ready brings an event of the driver.
	Ready(m driver.Mode)
	// Lost tells that no more will come: because the loop has ended, and then the
	// descriptor is to be given back, or because its number has another owner.
	Lost(ended bool)
}

// PollerOf is the loop that ctx leads to, or nil.
var PollerOf func(ctx context.Context) Poller

// OnLoop tells whether the caller is a task or a callback of the loop. Any goroutine
// may call it; it takes some microseconds.
var OnLoop func(p Poller) bool

// Books is what a loop still holds at the end of a run, when every task has ended
// and before it throws the rest away. All of it is zero after a program that gave
// everything back.
type Books struct {
	Tasks       int // that have not ended
	Ready       int // entries of the ready queue
	Timers      int // armed
	Scopes      int // below the root of the tree
	Bridges     int // watches on contexts of the standard library
	Threads     int // calls that have not come back
	Handles     int // open, and waits for Go channels
	Descriptors int // waits
}

// Err tells what is left, or is nil.
func (b Books) Err() error {
	var left []string
	for _, item := range []struct {
		n    int
		what string
	}{
		{b.Tasks, "tasks"}, {b.Ready, "ready entries"}, {b.Timers, "timers"},
		{b.Scopes, "scopes"}, {b.Bridges, "watched contexts"}, {b.Threads, "threads"},
		{b.Handles, "open handles"}, {b.Descriptors, "waits for descriptors"},
	} {
		if item.n != 0 {
			left = append(left, fmt.Sprintf("%d %s", item.n, item.what))
		}
	}
	if left == nil {
		return nil
	}
	return fmt.Errorf("the loop still held %s at its end", strings.Join(left, ", "))
}

type auditKey struct{}

// WithAudit returns a context that makes a loop which is run with it show its books
// to f, on the loop's goroutine, at the end of the run.
func WithAudit(ctx context.Context, f func(Books)) context.Context {
	return context.WithValue(ctx, auditKey{}, f)
}

// Audit is the function of WithAudit, or nil.
func Audit(ctx context.Context) func(Books) {
	f, _ := ctx.Value(auditKey{}).(func(Books))
	return f
}

// What packages asyncio and asynciotest set.
var (
	// RunSuite, where it is set, runs a case of the suites of asynciotest in a simulated
	// world instead of on a loop of its own. t is the case's *testing.T. It is for the
	// tests of this module alone.
	RunSuite func(t any, main func(ctx context.Context) error)
	// NewTrial makes an *asynciotest.Trial for a run of a program of a sweep that is
	// not one of a Sweep's, and tells what the program's checks find after it.
	NewTrial func(disturbed bool) (trial any, check func() error)
	// WaitIdle waits until every other task is parked.
	WaitIdle func(ctx context.Context) error
	// Number is that of the loop, by which coro.Owner knows it.
	Number func(ctx context.Context) uint32
	// Simulated tells whether the loop is that of a host in a simulated world.
	Simulated func(ctx context.Context) bool
	// EndByForce makes every wait of every task of the loop call runtime.Goexit,
	// as the end of the grace period does. why ends a sentence of the report.
	EndByForce func(ctx context.Context, why string)
)
