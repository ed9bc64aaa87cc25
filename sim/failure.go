package sim

import (
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/goasyncio/asyncio"
)

// A Failure is why a world has failed, and where.
type Failure struct {
	Host string
	At   time.Duration // of the world's time
	Err  error
}

// Error is the reason.
func (f *Failure) Error() string {
	return fmt.Sprintf("at %v on host %q: %v", f.At, f.Host, f.Err)
}

// Unwrap is Err.
func (f *Failure) Unwrap() error { return f.Err }

var errFailNow = errors.New("FailNow was called")

// ErrDeadlock is why a world fails in which nothing can happen any more before the test
// has ended.
var ErrDeadlock = asyncio.ErrDeadlock

// kinded is an error that says itself which errors are like it, such as a
// history.Violation, whose text is another one for each history.
type kinded interface {
	error
	Kind() string
}

// alike tells whether two failures are of one cause, as far as can be told: they are of
// the same Kind, where they have one, or what they say is the same but for the numbers.
func (f *Failure) alike(g *Failure) bool {
	switch {
	case f == nil || g == nil:
		return f == g
	case errors.Is(f.Err, ErrDeadlock):
		return errors.Is(g.Err, ErrDeadlock)
	case errors.Is(f.Err, errTooLong):
		return errors.Is(g.Err, errTooLong)
	}
	var a, b kinded
	if errors.As(f.Err, &a) && errors.As(g.Err, &b) {
		return a.Kind() == b.Kind()
	}
	return f.Host == g.Host && withoutNumbers(f.Err) == withoutNumbers(g.Err)
}

// textOf is what an error says. Of a panic's stack it has what belongs to the program.
func textOf(err error) string {
	var p *asyncio.PanicError
	if !errors.As(err, &p) {
		return err.Error()
	}
	for {
		inner, ok := p.Value.(*asyncio.PanicError)
		if !ok {
			break
		}
		p = inner // of a task that somebody has awaited
	}
	text := fmt.Sprintf("panic in task %q: %v", p.Task, p.Value)
	lines := strings.Split(string(p.Stack), "\n")
	for i := 0; i+1 < len(lines); i++ {
		file, ok := strings.CutPrefix(lines[i+1], "\t")
		function := lines[i]
		if j := strings.LastIndexByte(function, '('); j > 0 {
			function = function[:j]
		}
		file, _, _ = strings.Cut(file, " +0x")
		if ok && !strings.HasPrefix(function, "panic") && !strings.HasPrefix(function, "created by ") &&
			!ofRuntime(runtime.Frame{Function: function, File: cutLine(file)}) {
			text += "\n  " + function + "\n    " + file
		}
	}
	return text
}

// cutLine is file:line without the line.
func cutLine(place string) string { return place[:max(strings.LastIndexByte(place, ':'), 0)] }

var numbers = regexp.MustCompile(`(0x)?[0-9][0-9a-f.]*`)

func withoutNumbers(err error) string {
	return numbers.ReplaceAllString(textOf(err), "0")
}
