package asyncio

import (
	"context"
	"log/slog"
	"slices"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// A Report is what the loop has to say to people: see [OnError].
type Report struct {
	Message string
	Err     error  // what happened, if it is an error
	Task    string // whose it is, if it is a task's
	Stack   []byte // where it happened, if that is known

	slow bool // a step takes longer than it may, or has taken
}

// logReport is the OnError that a loop has if it is given none.
func logReport(r Report) {
	args := []any{}
	if r.Task != "" {
		args = append(args, "task", r.Task)
	}
	if r.Err != nil {
		args = append(args, "error", r.Err.Error())
	}
	if r.Stack != nil {
		args = append(args, "stack", string(r.Stack))
	}
	slog.Error("asyncio: "+r.Message, args...)
}

// ReportError gives r to the loop's [OnError]: asyncio's call_exception_handler, for
// code that has nobody else to tell, such as a server whose handler has failed. It does
// not wait. Like OnError it may be called on another goroutine.
func ReportError(ctx context.Context, r Report) {
	if l := RunningLoop(ctx); l != nil {
		l.report(r)
		return
	}
	logReport(r)
}

// report calls the user's function; its panic must not end the loop.
func (l *Loop) report(r Report) {
	defer func() {
		if v := recover(); v != nil {
			slog.Error("asyncio: panic in the function given to OnError", "panic", v, "report", r.Message)
		}
	}()
	if monitor.Watched() {
		l.tellConsoles(r)
	}
	l.onError(r)
}

// maxUnseen is how many errors that nobody has looked at a loop keeps until the
// end of Run. A program that runs for months and forgets its failing tasks hears
// of the oldest ones earlier.
const maxUnseen = 1000

// unseen keeps the outcomes that nobody has looked at (rule L2).
type unseen struct {
	list  []Awaitable
	limit int
}

func (u *unseen) add(a Awaitable) {
	if len(u.list) >= max(u.limit, 64) {
		u.sweep()
	}
	u.list = append(u.list, a)
}

// sweep forgets what has been looked at by now, and tells the oldest if too much
// is left. Its cost is spread over the calls of add.
func (u *unseen) sweep() {
	u.list = slices.DeleteFunc(u.list, func(a Awaitable) bool { return a.ending().observed })
	u.limit = 2 * min(len(u.list), maxUnseen)
	for len(u.list) > maxUnseen {
		oldest := u.list[0]
		u.list = slices.Delete(u.list, 0, 1)
		tell(oldest) // last: the user's OnError may call Goexit
	}
}

// report tells each outcome that nobody has looked at, once. The first panic is
// returned instead: somebody has to raise it.
func (u *unseen) report() (first Awaitable) {
	list := u.list
	u.list = nil
	for _, a := range list {
		p := a.ending()
		if _, ok := p.err.(*PanicError); ok && first == nil && !p.observed {
			first = a
		} else if !p.observed {
			tell(a)
		}
	}
	return first
}

func tell(a Awaitable) {
	p := a.ending()
	p.observed = true
	r := Report{Message: "an error that nobody looked at", Err: p.err, Task: a.name()}
	if e, ok := p.err.(*PanicError); ok {
		r.Message, r.Stack = "a panic in a task that nobody awaited", e.Stack
	}
	a.home().report(r)
}
