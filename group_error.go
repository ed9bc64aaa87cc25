package asyncio

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A GroupError is the error of a group: of its children in the order of their
// ends, then of its body. errors.Is and errors.As find each.
type GroupError struct{ Errors []error }

func (e *GroupError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "asyncio: task group: %d failed", len(e.Errors))
	for _, err := range e.Errors {
		fmt.Fprintf(&b, "\n  %s", strings.ReplaceAll(err.Error(), "\n", "\n  "))
	}
	return b.String()
}

// Unwrap is the errors.
func (e *GroupError) Unwrap() []error { return e.Errors }

// saysGoexit tells whether err is nothing but the news that tasks have called
// runtime.Goexit, by which Run's goroutine ends as well: there is nothing to report.
func saysGoexit(err error) bool {
	g, ok := err.(*GroupError)
	if !ok {
		return err == errGoexit
	}
	return !slices.ContainsFunc(g.Errors, func(err error) bool { return !saysGoexit(err) })
}

// wasAsked tells whether err, which the body has just returned, says nothing but that
// the group, or ctx, the parent's context, was cancelled. It is asked before the
// group is cancelled because of err: a context error for which nobody here is the
// reason, such as that of a request with a deadline of its own, is an error like any
// other.
func (g *TaskGroup) wasAsked(ctx context.Context, err error) bool {
	if e := g.scope.state.Load(); e != nil {
		return e.explains(err)
	}
	outer := ctx.Err() // of the standard library, and not noticed by the loop yet
	return outer != nil && errors.Is(err, outer)
}

// verdict is the result of WithTaskGroup; body is the body's error where that is a
// cancellation.
func (g *TaskGroup) verdict(ctx context.Context, body error) error {
	switch {
	case len(g.panics) > 0:
		first := g.panics[0]
		g.panics = g.panics[1:]
		g.tellAll()
		panic(first)
	case len(g.errs) > 0:
		return &GroupError{g.errs}
	case ctx.Err() == nil: // what was cancelled was the group, by Cancel
		return nil
	case body == nil && g.interrupted:
		return newEnded(ctx.Err(), context.Cause(ctx)).wait
	}
	return body
}

// tellAll reports what the tasks have to say where no error can be returned because
// a panic is on its way (rule L2). A panic that was raised at an Await may be that
// very one.
func (g *TaskGroup) tellAll() {
	for _, err := range g.errs {
		g.loop.report(Report{Message: "an error in a task group that ends with a panic", Err: err})
	}
	for _, p := range g.panics {
		if !p.raised {
			g.loop.report(Report{Message: "another panic in a task group", Err: p, Task: p.Task, Stack: p.Stack})
		}
	}
}
