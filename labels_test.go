package asyncio_test

import (
	"bytes"
	"context"
	"regexp"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio"
)

// goroutineLabels are the labels of the goroutines whose stacks have the function, as
// a real profile of the process tells them.
func goroutineLabels(t *testing.T, function string) (found []string) {
	t.Helper()
	var profile bytes.Buffer
	must(t, pprof.Lookup("goroutine").WriteTo(&profile, 1))
	for record := range strings.SplitSeq(profile.String(), "\n\n") {
		if !strings.Contains(record, function+"+") {
			continue
		}
		labels := ""
		if m := labelLine.FindStringSubmatch(record); m != nil {
			labels = m[1]
		}
		found = append(found, labels)
	}
	slices.Sort(found)
	return found
}

var labelLine = regexp.MustCompile(`(?m)^# labels: (.*)$`)

// Functions to be found in profiles.

//go:noinline
func labelledWait(ctx context.Context, e *asyncio.Event) error { return e.Wait(ctx) }

//go:noinline
func labelledThread(release chan struct{}) { <-release }

func labelsOf(task, loop string) string {
	return `{"asyncio_loop":"` + loop + `", "asyncio_task":"` + task + `"}`
}

const waitFunction, threadFunction = "asyncio_test.labelledWait", "asyncio_test.labelledThread"

func labelScene(t *testing.T, sentence string, play func(t *testing.T, ctx context.Context)) {
	t.Helper()
	scene(t, sentence, play, asyncio.LoopName("disk"), asyncio.ProfileLabels(true))
}

func TestProfileLabels(t *testing.T) {
	labelScene(t, "each goroutine has those of the task that it runs", func(t *testing.T, ctx context.Context) {
		var e asyncio.Event
		for _, name := range []string{"a", "b", "c"} {
			asyncio.Go(ctx, func(ctx context.Context) error { return labelledWait(ctx, &e) }, asyncio.TaskName(name))
		}
		must(t, asyncio.Yield(ctx))
		expect(t, "labels", goroutineLabels(t, waitFunction), []string{labelsOf("a", "disk"), labelsOf("b", "disk"), labelsOf("c", "disk")})
	})
	labelScene(t, "also where a coroutine is used again, or goes on with the next task at once", func(t *testing.T, ctx context.Context) {
		var e asyncio.Event
		var first, last asyncio.AnyTask
		for range 5 { // they never wait: the last goes on, on their coroutine
			task := asyncio.Go(ctx, func(ctx context.Context) error { return nil }, asyncio.TaskName("before"))
			if first == nil {
				first = task
			}
		}
		last = asyncio.Go(ctx, func(ctx context.Context) error { return labelledWait(ctx, &e) }, asyncio.TaskName("last"))
		must(t, asyncio.Yield(ctx))
		expect(t, "ended", []bool{first.Done(), last.Done()}, []bool{true, false})
		expect(t, "labels", goroutineLabels(t, waitFunction), []string{labelsOf("last", "disk")})
	})
	labelScene(t, "a coroutine without a task has none", func(t *testing.T, ctx context.Context) {
		var e asyncio.Event
		for range 5 {
			asyncio.Go(ctx, func(ctx context.Context) error { return labelledWait(ctx, &e) }, asyncio.TaskName("ended"))
		}
		must(t, asyncio.Yield(ctx))
		e.Set()
		must(t, asyncio.Yield(ctx))
		must(t, asyncio.Yield(ctx))
		expect(t, "tasks", len(asyncio.AllTasks(ctx)), 1)
		idle := goroutineLabels(t, "internal/coro.(*Coroutine).serve")
		expect(t, "labels", slices.Compact(idle), []string{"", labelsOf("main", "disk")})
	})
	labelScene(t, "a task that starts eagerly has its own, and its creator keeps his", func(t *testing.T, ctx context.Context) {
		var e asyncio.Event
		asyncio.Go(ctx, func(ctx context.Context) error {
			asyncio.Go(ctx, func(ctx context.Context) error { return labelledWait(ctx, &e) }, asyncio.TaskName("eager"), asyncio.Eager())
			return labelledWait(ctx, &e)
		}, asyncio.TaskName("creator"))
		must(t, asyncio.Yield(ctx))
		expect(t, "labels", goroutineLabels(t, waitFunction), []string{labelsOf("creator", "disk"), labelsOf("eager", "disk")})
	})
	labelScene(t, "a thread has those of the task that called it", func(t *testing.T, ctx context.Context) {
		release := make(chan struct{})
		thread := asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
				labelledThread(release)
				return 0, nil
			})
			return err
		}, asyncio.TaskName("reader"))
		var found []string
		for len(found) == 0 { // the goroutine begins when it pleases
			must(t, asyncio.Yield(ctx))
			found = goroutineLabels(t, threadFunction)
		}
		expect(t, "labels", found, []string{labelsOf("reader", "disk")})
		close(release)
		must(t, second(thread.Await(ctx)))
	})
	labelScene(t, "pprof.Do adds to them and comes back to them", func(t *testing.T, ctx context.Context) {
		var e asyncio.Event
		asyncio.Go(ctx, func(ctx context.Context) error {
			var err error
			pprof.Do(ctx, pprof.Labels("query", "7"), func(ctx context.Context) { err = labelledWait(ctx, &e) })
			e.Clear()
			must(t, err)
			return labelledWait(ctx, &e)
		}, asyncio.TaskName("asks"))
		must(t, asyncio.Yield(ctx))
		expect(t, "inside", goroutineLabels(t, waitFunction), []string{`{"asyncio_loop":"disk", "asyncio_task":"asks", "query":"7"}`})
		e.Set()
		must(t, asyncio.Yield(ctx))
		expect(t, "after", goroutineLabels(t, waitFunction), []string{labelsOf("asks", "disk")})
	})
	labelScene(t, "what labels a context carries a task inherits", func(t *testing.T, ctx context.Context) {
		var e asyncio.Event
		carried := pprof.WithLabels(ctx, pprof.Labels("tenant", "x"))
		asyncio.Go(carried, func(ctx context.Context) error { return labelledWait(ctx, &e) }, asyncio.TaskName("a"))
		must(t, asyncio.Yield(ctx))
		expect(t, "labels", goroutineLabels(t, waitFunction), []string{`{"asyncio_loop":"disk", "asyncio_task":"a", "tenant":"x"}`})
	})
	scene(t, "nobody has any where they are not asked for", func(t *testing.T, ctx context.Context) {
		var e asyncio.Event
		asyncio.Go(ctx, func(ctx context.Context) error { return labelledWait(ctx, &e) })
		must(t, asyncio.Yield(ctx))
		expect(t, "labels", goroutineLabels(t, waitFunction), []string{""})
	})
}

// The goroutine of Run has labels as well, and gives them back.
func TestProfileLabelsOfTheGoroutineOfRun(t *testing.T) {
	ctx := pprof.WithLabels(t.Context(), pprof.Labels("job", "1"))
	var inside []string
	for range 2 {
		must(t, asyncio.Run(ctx, func(ctx context.Context) error {
			asyncio.CallSoon(ctx, func() { inside = goroutineLabels(t, "asyncio_test.TestProfileLabelsOfTheGoroutineOfRun") })
			return asyncio.Yield(ctx)
		}, asyncio.LoopName("disk"), asyncio.ProfileLabels(true)))
		if !slices.Contains(inside, `{"asyncio_loop":"disk", "job":"1"}`) {
			t.Errorf("in a callback the labels are %q", inside)
		}
		expect(t, "after Run", goroutineLabels(t, "asyncio_test.TestProfileLabelsOfTheGoroutineOfRun"), []string{`{"job":"1"}`})
	}
}

func TestProfileLabelsOfTheEnvironment(t *testing.T) {
	for value, want := range map[string]string{"1": labelsOf("main", "loop"), "yes": labelsOf("main", "loop"), "0": "", "false": "", "": ""} {
		t.Run("ASYNCIO_LABELS="+value, func(t *testing.T) {
			t.Setenv("ASYNCIO_LABELS", value)
			var found []string
			must(t, asyncio.Run(t.Context(), func(ctx context.Context) error {
				found = goroutineLabels(t, "asyncio_test.goroutineLabels")
				return nil
			}))
			expect(t, "labels", found, []string{want})
		})
	}
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

func TestProfileLabelsOfAChainOfTasksDoNotPileUp(t *testing.T) {
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
