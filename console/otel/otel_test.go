package otel_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/console/otel"
)

// A recorder keeps the spans of a test.
type recorder struct {
	*tracetest.SpanRecorder
	provider *sdk.TracerProvider
	tracer   trace.Tracer // of a program
}

// record makes spans until the end of the test.
func record(t *testing.T, opts ...otel.Option) *recorder {
	t.Helper()
	r := newRecorder()
	stop, err := otel.Start(r.provider, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return r
}

func newRecorder() *recorder {
	r := &recorder{SpanRecorder: tracetest.NewSpanRecorder()}
	r.provider = sdk.NewTracerProvider(sdk.WithSpanProcessor(r.SpanRecorder))
	r.tracer = r.provider.Tracer("program")
	return r
}

// span is the span with that name.
func (r *recorder) span(t *testing.T, name string) sdk.ReadOnlySpan {
	t.Helper()
	for _, s := range r.Ended() {
		if s.Name() == name {
			return s
		}
	}
	t.Fatalf("no span %q among %v", name, r.tree())
	return nil
}

// tree is the spans that have ended, each as "above/name", sorted.
func (r *recorder) tree() (all []string) {
	names := map[trace.SpanID]string{}
	for _, s := range r.Started() {
		names[s.SpanContext().SpanID()] = s.Name()
	}
	for _, s := range r.Ended() {
		all = append(all, names[s.Parent().SpanID()]+"/"+s.Name())
	}
	slices.Sort(all)
	return all
}

func attr(s sdk.ReadOnlySpan, key string) any {
	for _, a := range s.Attributes() {
		if a.Key == attribute.Key(key) {
			return a.Value.AsInterface()
		}
	}
	return nil
}

func expect(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// run is asyncio.Run below a span "test".
func (r *recorder) run(t *testing.T, main func(ctx context.Context) error) error {
	t.Helper()
	ctx, span := r.tracer.Start(t.Context(), "test")
	defer span.End()
	return asyncio.Run(ctx, main, asyncio.LoopName("disk"))
}

// task is a task that does this and nothing else.
func task(ctx context.Context, name string, f func(ctx context.Context) error, opts ...asyncio.TaskOption) *asyncio.Task[struct{}] {
	return asyncio.Go(ctx, f, append(opts, asyncio.TaskName(name))...)
}

func nothing(context.Context) error { return nil }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsAboveASpan(t *testing.T) {
	t.Run("is the span of the task that has created the task", func(t *testing.T) {
		r := record(t)
		must(t, r.run(t, func(ctx context.Context) error {
			_, err := task(ctx, "a", func(ctx context.Context) error {
				_, err := task(ctx, "b", nothing).Await(ctx)
				return err
			}).Await(ctx)
			return err
		}))
		expect(t, "spans", r.tree(), []string{"/test", "a/b", "main/a", "test/main"})
	})
	t.Run("is the span that the program has begun there", func(t *testing.T) {
		r := record(t)
		must(t, r.run(t, func(ctx context.Context) error {
			ctx, span := r.tracer.Start(ctx, "query")
			defer span.End()
			_, err := task(ctx, "a", nothing).Await(ctx)
			return err
		}))
		expect(t, "spans", r.tree(), []string{"/test", "main/query", "query/a", "test/main"})
	})
	t.Run("is the task's for spans that the program begins in it, before and after its waits", func(t *testing.T) {
		r := record(t)
		must(t, r.run(t, func(ctx context.Context) error {
			for _, name := range []string{"a", "b"} { // they take turns
				task(ctx, name, func(ctx context.Context) error {
					for i := range 2 {
						_, span := r.tracer.Start(ctx, fmt.Sprint(name, i))
						must(t, asyncio.Yield(ctx))
						span.End()
					}
					return nil
				})
			}
			return asyncio.Sleep(ctx, time.Millisecond)
		}))
		expect(t, "spans", r.tree(), []string{"/test", "a/a0", "a/a1", "b/b0", "b/b1", "main/a", "main/b", "test/main"})
	})
	t.Run("is the task's in groups, under timeouts, detached, eager, and on threads", func(t *testing.T) {
		r := record(t)
		must(t, r.run(t, func(ctx context.Context) error {
			timed, timeout := asyncio.WithTimeout(ctx, time.Hour)
			defer timeout.Cancel()
			task(timed, "timed", nothing)
			task(context.WithoutCancel(ctx), "detached", nothing)
			task(ctx, "eager", nothing, asyncio.Eager())
			must(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
				g.Go(nothing, asyncio.TaskName("child"))
				return nil
			}))
			_, err := asyncio.ToThread(ctx, func(ctx context.Context) (int, error) {
				_, span := r.tracer.Start(ctx, "thread")
				span.End()
				return 0, nil
			})
			return err
		}))
		expect(t, "spans", r.tree(), []string{"/test", "main/child", "main/detached", "main/eager", "main/thread", "main/timed", "test/main"})
	})
}

func TestMainHasASpanOnlyBelowAnother(t *testing.T) {
	r := record(t)
	must(t, asyncio.Run(t.Context(), func(ctx context.Context) error {
		_, err := task(ctx, "a", func(ctx context.Context) error {
			_, err := task(ctx, "b", nothing).Await(ctx)
			return err
		}).Await(ctx)
		return err
	}))
	expect(t, "spans", r.tree(), []string{"/a", "a/b"})
}

func TestWhichTasksHaveSpans(t *testing.T) {
	family := func(ctx context.Context) error {
		_, err := task(ctx, "a", func(ctx context.Context) error {
			_, err := task(ctx, "b", func(ctx context.Context) error {
				_, err := task(ctx, "c", nothing).Await(ctx)
				return err
			}).Await(ctx)
			return err
		}).Await(ctx)
		return err
	}
	t.Run("those that Only picks; others hand on what is above them", func(t *testing.T) {
		r := record(t, otel.Only(func(t otel.Task) bool { return t.Name != "b" }))
		must(t, r.run(t, family))
		expect(t, "spans", r.tree(), []string{"/test", "a/c", "main/a", "test/main"})
	})
	t.Run("Only is asked with all that is known, of main as well", func(t *testing.T) {
		var asked []string
		r := record(t, otel.Only(func(t otel.Task) bool {
			asked = append(asked, fmt.Sprint(t.Loop, t.ID, t.Name, t.Above.IsValid()))
			return true
		}))
		must(t, asyncio.Run(t.Context(), family, asyncio.LoopName("disk")))
		expect(t, "asked", asked, []string{"disk1mainfalse", "disk2atrue", "disk3btrue", "disk4ctrue"})
		expect(t, "spans", r.tree(), []string{"/main", "a/b", "b/c", "main/a"})
	})
	t.Run("those that Roots picks begin a trace, which is linked to the one above", func(t *testing.T) {
		r := record(t, otel.Roots(func(t otel.Task) bool { return t.Name == "b" }))
		must(t, r.run(t, family))
		expect(t, "spans", r.tree(), []string{"/b", "/test", "b/c", "main/a", "test/main"})
		a, b, c := r.span(t, "a"), r.span(t, "b"), r.span(t, "c")
		expect(t, "b's links", b.Links()[0].SpanContext, a.SpanContext())
		expect(t, "b and c are one trace", b.SpanContext().TraceID(), c.SpanContext().TraceID())
		if a.SpanContext().TraceID() == b.SpanContext().TraceID() {
			t.Error("a and b are one trace")
		}
	})
	t.Run("none whose trace is not sampled", func(t *testing.T) {
		rec := tracetest.NewSpanRecorder()
		provider := sdk.NewTracerProvider(sdk.WithSpanProcessor(rec), sdk.WithSampler(sdk.NeverSample()))
		stop, err := otel.Start(provider)
		must(t, err)
		defer stop()
		must(t, asyncio.Run(t.Context(), family))
		expect(t, "spans", len(rec.Started()), 0)
	})
}

func TestHowTheOutcomeIsTold(t *testing.T) {
	r := record(t)
	why := errors.New("no luck")
	err := r.run(t, func(ctx context.Context) error {
		fine := task(ctx, "fine", nothing)
		failed := task(ctx, "failed", func(context.Context) error { return fmt.Errorf("%w\nsecond line", why) })
		cancelled := task(ctx, "cancelled", func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
		panicked := task(ctx, "panicked", func(context.Context) error { panic("oh no") })
		renamed := task(ctx, "renamed", func(ctx context.Context) error {
			asyncio.CurrentTask(ctx).SetName("GET /")
			return nil
		})
		must(t, asyncio.Yield(ctx))
		cancelled.Cancel(nil)
		for _, task := range []asyncio.Awaitable{fine, failed, cancelled, panicked, renamed} {
			_, _, err := asyncio.Wait(ctx, asyncio.AllCompleted, task)
			must(t, err)
			_ = task.Err() // now somebody has looked at it
		}
		return nil
	})
	must(t, err)
	for name, want := range map[string]struct {
		outcome string
		status  sdk.Status
	}{
		"fine":      {"returned", sdk.Status{}},
		"GET /":     {"returned", sdk.Status{}},
		"failed":    {"failed", sdk.Status{Code: codes.Error, Description: "no luck"}},
		"cancelled": {"cancelled", sdk.Status{}},
		"panicked":  {"panicked", sdk.Status{Code: codes.Error, Description: `panic in task "panicked": oh no`}},
	} {
		s := r.span(t, name)
		expect(t, name+": outcome", attr(s, "asyncio.outcome"), any(want.outcome))
		expect(t, name+": status", s.Status(), want.status)
		expect(t, name+": loop", attr(s, "asyncio.loop"), any("disk"))
	}
	expect(t, "number", attr(r.span(t, "fine"), "asyncio.task.id"), any(int64(2)))
	expect(t, "the error is an event", eventAttr(t, r.span(t, "failed"), "exception.message"), "no luck\nsecond line")
	expect(t, "the panic is an event", eventAttr(t, r.span(t, "panicked"), "exception.message"), "oh no")
	if stack := eventAttr(t, r.span(t, "panicked"), "exception.stacktrace"); !strings.Contains(stack, "TestHowTheOutcomeIsTold") {
		t.Errorf("the stack of the panic is %q", stack)
	}
}

// One text that is no UTF-8 must not keep all spans that are exported with it from their
// collector.
func TestAllTextsOfSpansAreUTF8(t *testing.T) {
	r := record(t, otel.Waits(0))
	const bad = "bad \xff"
	ctx, span := r.tracer.Start(t.Context(), "test")
	err := asyncio.Run(ctx, func(ctx context.Context) error {
		failed := task(ctx, bad, func(context.Context) error { return errors.New(bad) })
		renamed := task(ctx, "renamed", func(ctx context.Context) error { asyncio.CurrentTask(ctx).SetName(bad); return nil })
		_, err := asyncio.Gather(ctx, renamed, failed)
		return err
	}, asyncio.LoopName(bad))
	span.End()
	if err == nil {
		t.Error("no error")
	}
	texts := 0
	for _, s := range r.Ended() {
		all := []string{s.Name(), s.Status().Description}
		attributes := s.Attributes()
		for _, e := range s.Events() {
			attributes = append(attributes, e.Attributes...)
		}
		for _, a := range attributes {
			all = append(all, a.Value.String())
		}
		for _, text := range all {
			if texts++; !utf8.ValidString(text) {
				t.Errorf("%q of %q", text, s.Name())
			}
		}
	}
	if texts < 20 || attr(r.span(t, "bad \uFFFD"), "asyncio.loop") != any("bad \uFFFD") {
		t.Errorf("%d texts of %v", texts, r.tree())
	}
}

// eventAttr is an attribute of the only event of a span.
func eventAttr(t *testing.T, s sdk.ReadOnlySpan, key string) string {
	t.Helper()
	if len(s.Events()) != 1 || s.Events()[0].Name != "exception" {
		t.Fatalf("events of %s: %v", s.Name(), s.Events())
	}
	for _, a := range s.Events()[0].Attributes {
		if a.Key == attribute.Key(key) {
			return a.Value.AsString()
		}
	}
	return ""
}

func TestATaskThatCallsGoexitHasEndedToo(t *testing.T) {
	r := record(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.run(t, func(ctx context.Context) error {
			task(ctx, "left", func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
			task(ctx, "exits", func(context.Context) error { runtime.Goexit(); return nil })
			return asyncio.Sleep(ctx, time.Hour)
		})
	}()
	<-done
	expect(t, "exits", attr(r.span(t, "exits"), "asyncio.outcome"), any("exited"))
	expect(t, "left", attr(r.span(t, "left"), "asyncio.outcome"), any("cancelled"))
	expect(t, "all that have begun have ended", len(r.Ended()), len(r.Started()))
}

func TestASpanSaysWhereItsTaskIsWritten(t *testing.T) {
	r := record(t)
	must(t, r.run(t, func(ctx context.Context) error {
		_, err := task(ctx, "a", nothing).Await(ctx)
		return err
	}))
	s := r.span(t, "a")
	expect(t, "function", attr(s, "code.function.name"), any("github.com/goasyncio/asyncio/console/otel_test.nothing"))
	if file, _ := attr(s, "code.file.path").(string); !strings.HasSuffix(file, "otel_test.go") {
		t.Errorf("the file is %q", file)
	}
	if line, _ := attr(s, "code.line.number").(int64); line == 0 {
		t.Error("no line")
	}
}

func TestStart(t *testing.T) {
	t.Run("serves one provider at a time", func(t *testing.T) {
		first, second := newRecorder(), newRecorder()
		stop, err := otel.Start(first.provider)
		must(t, err)
		if _, err := otel.Start(second.provider); !errors.Is(err, otel.ErrStarted) {
			t.Errorf("the second Start returns %v", err)
		}
		stop()
		stop()
		stopSecond, err := otel.Start(second.provider)
		must(t, err)
		defer stopSecond()
		stop() // of the first: it has nothing to say any more
		must(t, second.run(t, nothing))
		expect(t, "spans", second.tree(), []string{"/test", "test/main"})
	})
	t.Run("in the middle of a run reaches the tasks that begin from now on", func(t *testing.T) {
		r := newRecorder()
		must(t, asyncio.Run(t.Context(), func(ctx context.Context) error {
			before := task(ctx, "before", func(ctx context.Context) error { return asyncio.Yield(ctx) })
			must(t, asyncio.Yield(ctx))
			stop, err := otel.Start(r.provider)
			must(t, err)
			within := task(ctx, "within", func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Millisecond) })
			must(t, asyncio.Yield(ctx))
			stop()
			after := task(ctx, "after", nothing)
			_, err = asyncio.Gather(ctx, before, within, after)
			return err
		}))
		expect(t, "spans", r.tree(), []string{"/within"})
	})
}

// A processor of spans that panics is reported, and the tasks go on.
func TestWhatFollowsTheTasksMayPanic(t *testing.T) {
	stop, err := otel.Start(nil, otel.Only(func(otel.Task) bool { panic("only") }))
	must(t, err)
	defer stop()
	var reports []asyncio.Report
	n := 0
	must(t, asyncio.Run(t.Context(), func(ctx context.Context) error {
		_, err := task(ctx, "a", func(context.Context) error { n++; return nil }).Await(ctx)
		return err
	}, asyncio.OnError(func(r asyncio.Report) { reports = append(reports, r) })))
	expect(t, "the task has run", n, 1)
	expect(t, "reports", len(reports), 2)
	expect(t, "message", reports[0].Message, "panic in what follows the tasks")
}

// A chain of tasks, each started by the one before, must not grow with its spans.
func TestAChainOfTasksWithSpansDoesNotGrow(t *testing.T) {
	record(t)
	bottom := &depth{Context: t.Context()}
	var depths []int
	var link func(n int) func(context.Context) error
	link = func(n int) func(context.Context) error {
		return func(ctx context.Context) error {
			ctx.Value(depthKey{})
			depths = append(depths, bottom.frames)
			if n > 0 {
				asyncio.Go(ctx, link(n-1))
			}
			return nil
		}
	}
	must(t, asyncio.Run(bottom, func(ctx context.Context) error {
		asyncio.Go(ctx, link(100))
		for range 110 {
			must(t, asyncio.Yield(ctx))
		}
		return nil
	}, asyncio.ProfileLabels(true)))
	expect(t, "tasks", len(depths), 101)
	expect(t, "the last asks as deep as the first", depths[100], depths[0])
}

// depth is a context that tells how deep the calls are that ask it for a value.
type depth struct {
	context.Context
	frames int
}

type depthKey struct{}

func (d *depth) Value(key any) any {
	if key == (depthKey{}) {
		d.frames = runtime.Callers(0, make([]uintptr, 1000))
	}
	return d.Context.Value(key)
}

// The order of things is the same with spans and without.
func TestSpansDoNotChangeTheOrder(t *testing.T) {
	program := func(t *testing.T) (log []string) {
		asynciotest.Run(t, func(ctx context.Context) {
			for i := range 5 {
				task(ctx, fmt.Sprint(i), func(ctx context.Context) error {
					for j := range 3 {
						log = append(log, fmt.Sprint(i, j))
						must(t, asyncio.Sleep(ctx, time.Duration(5-i)*time.Second))
					}
					return nil
				})
			}
			must(t, asyncio.Sleep(ctx, time.Minute))
		})
		return log
	}
	without := program(t)
	record(t)
	expect(t, "the log", program(t), without)
}
