// Package otel makes spans of OpenTelemetry from tasks: a span for each task, from its
// first step to its end, below the span that was in the context with which the task was
// created, which is that of the task that created it or one that a program has begun
// there. The task's context carries the span, so that what a program begins inside the
// task, and what a client sends to other servers, is below it in turn.
//
//	stop, err := otel.Start(provider)
//	…
//	defer stop()
//
// A span has the task's name, the attributes asyncio.loop, asyncio.task.id and
// asyncio.outcome, and where the task's function is written. A task that fails or panics
// gives its span the status of an error, and the error as an event. One that was
// cancelled is none.
//
// A task called main, the first of a run, gets a span only where the context that Run was
// given carries one: a trace that lasts as long as the program helps nobody. See [Only]
// and [Roots] for tasks that go on for as long.
//
// The spans are begun and ended on the loop, because the task must have its span from the
// beginning: that takes three or four microseconds, most of them the SDK's.
// Export must not happen there: use a batching processor. Times are those of the
// computer's clock, also under a virtual one.
package otel

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// Scope is the name of the instrumentation in what is exported.
const Scope = "github.com/goasyncio/asyncio/console/otel"

// Attributes of spans.
const (
	attrLoop     = attribute.Key("asyncio.loop")
	attrTask     = attribute.Key("asyncio.task.id")
	attrOutcome  = attribute.Key("asyncio.outcome")
	attrFunction = attribute.Key("code.function.name")
	attrFile     = attribute.Key("code.file.path")
	attrLine     = attribute.Key("code.line.number")
	attrType     = attribute.Key("exception.type")
	attrMessage  = attribute.Key("exception.message")
	attrStack    = attribute.Key("exception.stacktrace")
)

// A Task is what is known of a task that begins.
type Task struct {
	Loop string // the name of its loop
	ID   uint64
	Name string
	// Above is the span above: not valid where there is none.
	Above trace.SpanContext
}

// An Option says which tasks get spans, and how.
type Option func(*follower)

// Only gives a span to those tasks alone for which f returns true; the spans of others'
// children are below the span above. f is called on loops, of several goroutines, and
// must not wait. It replaces the rule for main.
func Only(f func(Task) bool) Option { return func(o *follower) { o.only = f } }

// Roots makes the tasks for which f returns true begin a trace of their own, with a link
// to the span above: for what outlives the work that has started it, and for each
// connection of a server. f is called as that of [Only] is.
func Roots(f func(Task) bool) Option { return func(o *follower) { o.roots = f } }

// ErrStarted is the error of [Start] while spans are made already.
var ErrStarted = errors.New("asyncio: spans are made of the tasks of this process already: stop that first")

// Start makes spans of all tasks of the process that begin from now on, through a tracer
// of provider, or of the global one where that is nil, until stop is called; spans that
// have begun then still end with their tasks. stop is idempotent. One provider at a time
// can be served: a second Start returns [ErrStarted]. Any goroutine may call both. With
// [Waits] stop waits for the spans of what the loops have done until then, and for a loop
// that is blocked a quarter of a second; a task should call it by [asyncio.ToThread].
func Start(provider trace.TracerProvider, opts ...Option) (stop func(), err error) {
	if provider == nil {
		provider = otel.GetTracerProvider()
	}
	f := &follower{
		tracer: provider.Tracer(Scope),
		only:   notMainAlone,
		roots:  func(Task) bool { return false },
	}
	for _, o := range opts {
		o(f)
	}
	unfollow, err := monitor.Follow(f)
	if err != nil {
		return nil, ErrStarted
	}
	if f.waits == nil {
		return unfollow, nil
	}
	f.waits.start(f.tracer)
	return sync.OnceFunc(func() {
		unfollow()
		f.waits.end()
	}), nil
}

// notMainAlone is every task but the first of a run where nothing is above it.
func notMainAlone(t Task) bool { return t.ID != 1 || t.Above.IsValid() }

// follower is a [monitor.Follower] that makes spans.
type follower struct {
	tracer      trace.Tracer
	only, roots func(Task) bool
	waits       *waits // nil where nobody wants spans of waits
}

// Begins begins the span of a task.
func (f *follower) Begins(b monitor.Beginning) (ctx context.Context, ends bool) {
	above := trace.SpanFromContext(b.Above)
	t := Task{Loop: b.Loop, ID: b.ID, Name: b.Name, Above: above.SpanContext()}
	if !f.only(t) {
		return handOn(b.Bare, above), false
	}
	opts := []trace.SpanStartOption{trace.WithAttributes(attrLoop.String(valid(b.Loop)), attrTask.Int64(int64(b.ID)))}
	if f.roots(t) {
		opts = append(opts, trace.WithNewRoot())
		if t.Above.IsValid() {
			opts = append(opts, trace.WithLinks(trace.Link{SpanContext: t.Above}))
		}
	}
	_, span := f.tracer.Start(b.Above, valid(b.Name), opts...)
	if span.IsRecording() && b.Site.File != "" {
		span.SetAttributes(attrFunction.String(b.Site.Function), attrFile.String(b.Site.File), attrLine.Int(b.Site.Line))
	}
	if f.waits != nil {
		f.waits.begun(b.Number, b.ID, span.SpanContext())
	}
	return trace.ContextWithSpan(b.Bare, span), true
}

// handOn is bare with the span from above, which it may have anyway.
func handOn(bare context.Context, above trace.Span) context.Context {
	if trace.SpanFromContext(bare) == above {
		return bare
	}
	return trace.ContextWithSpan(bare, above)
}

// Ends ends the span of a task.
func (f *follower) Ends(ctx context.Context, e monitor.Ending) {
	span := trace.SpanFromContext(ctx)
	defer span.End()
	if f.waits != nil {
		f.waits.over(e.Number, e.ID)
	}
	if !span.IsRecording() {
		return
	}
	span.SetName(valid(e.Name))
	span.SetAttributes(attrOutcome.String(outcomes[e.How]))
	if e.How == monitor.Returned || e.How == monitor.Cancelled {
		return
	}
	span.AddEvent("exception", trace.WithAttributes(exception(e.Err)...))
	span.SetStatus(codes.Error, valid(firstLine(e.Err)))
}

// exception is an error as an event tells it.
func exception(err error) []attribute.KeyValue {
	if p, ok := err.(*asyncio.PanicError); ok { // its text has the stack, which is an attribute
		return []attribute.KeyValue{
			attrType.String(fmt.Sprintf("%T", p.Value)), attrMessage.String(valid(fmt.Sprint(p.Value))), attrStack.String(valid(string(p.Stack))),
		}
	}
	return []attribute.KeyValue{attrType.String(fmt.Sprintf("%T", err)), attrMessage.String(valid(err.Error()))}
}

// valid is a text of the program as the protocol of OpenTelemetry takes it: for any other
// it refuses all spans that are exported together with it.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

var outcomes = map[monitor.Cause]string{
	monitor.Returned: "returned", monitor.Failed: "failed", monitor.Cancelled: "cancelled",
	monitor.Panicked: "panicked", monitor.Exited: "exited",
}

// firstLine is what a list of spans shows of an error: the rest is in the event.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
