package asyncio_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	gotrace "runtime/trace"
	"slices"
	"testing"
	"time"

	reader "golang.org/x/exp/trace"

	"github.com/goasyncio/asyncio"
)

// A written is what an execution trace says of tasks and waits.
type written struct {
	tasks   []string // name, and > name of each task below it
	regions []string // "task: what" as each ends
	ended   []string
	logs    []string // of the program
}

// traceOf is what the Go runtime writes to a trace while f runs.
func traceOf(t *testing.T, f func()) written {
	t.Helper()
	var file bytes.Buffer
	if err := gotrace.Start(&file); err != nil {
		t.Skipf("somebody else writes a trace: %v", err)
	}
	func() {
		defer gotrace.Stop()
		f()
	}()
	return readTrace(t, &file)
}

func readTrace(t *testing.T, file io.Reader) (w written) {
	t.Helper()
	r, err := reader.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	type begun struct {
		name  string
		above reader.TaskID
	}
	tasks := map[reader.TaskID]*begun{reader.BackgroundTask: {name: "-"}, reader.NoTask: {name: "-"}}
	var order []reader.TaskID
	for {
		e, err := r.ReadEvent()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e.Kind() {
		case reader.EventTaskBegin:
			tasks[e.Task().ID] = &begun{above: e.Task().Parent}
			order = append(order, e.Task().ID)
			expect(t, "type", e.Task().Type, "asyncio.task")
		case reader.EventTaskEnd:
			w.ended = append(w.ended, tasks[e.Task().ID].name)
		case reader.EventLog:
			if l := e.Log(); l.Category == "asyncio.name" {
				tasks[l.Task].name = l.Message
			} else {
				w.logs = append(w.logs, tasks[l.Task].name+": "+l.Message)
			}
		case reader.EventRegionEnd:
			w.regions = append(w.regions, tasks[e.Region().Task].name+": "+e.Region().Type)
		}
	}
	for _, id := range order {
		w.tasks = append(w.tasks, tasks[tasks[id].above].name+" > "+tasks[id].name)
	}
	return w
}

func TestExecutionTrace(t *testing.T) {
	t.Run("has a task for each task, below the one that created it, and a region for each wait", func(t *testing.T) {
		w := traceOf(t, func() {
			must(t, asyncio.Run(t.Context(), func(ctx context.Context) error {
				var e asyncio.Event
				waiter := asyncio.Go(ctx, func(ctx context.Context) error { return e.Wait(ctx) }, asyncio.TaskName("waiter"))
				setter := asyncio.Go(ctx, func(ctx context.Context) error {
					must(t, asyncio.Sleep(ctx, time.Microsecond))
					must(t, asyncio.Yield(ctx))
					asyncio.Go(ctx, func(context.Context) error { e.Set(); return nil }, asyncio.TaskName("grandchild"))
					return nil
				}, asyncio.TaskName("setter"))
				_, err := asyncio.Gather(ctx, waiter, setter)
				return err
			}))
		})
		expect(t, "tasks", w.tasks, []string{"- > main", "main > waiter", "main > setter", "setter > grandchild"})
		expect(t, "regions", w.regions, []string{"setter: sleep", "setter: its turn", "waiter: Event", `main: one or all of 2 tasks and futures`})
		expect(t, "ends", w.ended, []string{"setter", "grandchild", "waiter", "main"})
	})
	t.Run("has what the program writes, below its tasks, and regions around waits", func(t *testing.T) {
		w := traceOf(t, func() {
			must(t, asyncio.Run(t.Context(), func(ctx context.Context) error {
				for _, name := range []string{"a", "b"} { // they take turns
					asyncio.Go(ctx, func(ctx context.Context) error {
						defer gotrace.StartRegion(ctx, "own").End()
						for i := range 2 {
							gotrace.Log(ctx, "program", fmt.Sprint(i))
							must(t, asyncio.Yield(ctx))
						}
						return nil
					}, asyncio.TaskName(name))
				}
				return asyncio.Sleep(ctx, time.Millisecond)
			}))
		})
		expect(t, "logs", w.logs, []string{"a: 0", "b: 0", "a: 1", "b: 1"})
		expect(t, "regions", w.regions, []string{
			"a: its turn", "b: its turn", "a: its turn", "a: own", "b: its turn", "b: own", "main: sleep",
		})
	})
	t.Run("begins in the middle of a run with the tasks that there are, and ends there", func(t *testing.T) {
		must(t, asyncio.Run(t.Context(), func(ctx context.Context) error {
			stop := false
			asyncio.Go(ctx, func(ctx context.Context) error {
				for !stop {
					must(t, asyncio.Sleep(ctx, 100*time.Microsecond))
				}
				return nil
			}, asyncio.TaskName("old"))
			must(t, asyncio.Sleep(ctx, time.Millisecond))
			w := traceOf(t, func() {
				for range 10 {
					must(t, asyncio.Sleep(ctx, time.Millisecond))
				}
				asyncio.Go(ctx, func(context.Context) error { return nil }, asyncio.TaskName("new"))
				must(t, asyncio.Yield(ctx))
			})
			stop = true
			slices.Sort(w.tasks)
			expect(t, "tasks", w.tasks, []string{"- > main", "- > old", "main > new"})
			expect(t, "ends", w.ended, []string{"new"})
			if !slices.Contains(w.regions, "old: sleep") || !slices.Contains(w.regions, "main: sleep") {
				t.Errorf("the waits are %q", w.regions)
			}
			return asyncio.Sleep(ctx, time.Millisecond)
		}))
	})
	t.Run("is left alone by consoles that look at the stacks of tasks meanwhile", func(t *testing.T) {
		w := traceOf(t, func() {
			must(t, asyncio.Run(t.Context(), func(ctx context.Context) error {
				var e asyncio.Event
				task := asyncio.Go(ctx, func(ctx context.Context) error { return e.Wait(ctx) }, asyncio.TaskName("seen"))
				must(t, asyncio.Yield(ctx))
				asyncio.CallSoon(ctx, func() {
					for range 3 {
						if asyncio.StackOf(task) == 0 {
							t.Error("no stack")
						}
					}
				})
				must(t, asyncio.Yield(ctx))
				e.Set()
				_, err := task.Await(ctx)
				return err
			}))
		})
		expect(t, "regions", w.regions, []string{"main: its turn", "main: its turn", "seen: Event", `main: task "seen"`})
	})
	t.Run("is noticed by a loop that has no time to look at the world", func(t *testing.T) {
		must(t, asyncio.Run(t.Context(), func(ctx context.Context) error {
			must(t, asyncio.Yield(ctx))
			w := traceOf(t, func() {
				for !asyncio.Traced(ctx) {
					must(t, asyncio.Yield(ctx)) // it is alone: nobody polls
				}
				must(t, asyncio.Yield(ctx))
			})
			expect(t, "regions", w.regions, []string{"main: its turn"})
			for asyncio.Traced(ctx) {
				must(t, asyncio.Yield(ctx))
			}
			return nil
		}, asyncio.SlowStep(10*time.Millisecond)))
	})
}

func TestAllocationsOfAWaitAfterATrace(t *testing.T) {
	traceOf(t, func() {})
	scene(t, "are none", func(t *testing.T, ctx context.Context) {
		must(t, asyncio.Yield(ctx))
		allocates(t, 0, "a yield", func() { must(t, asyncio.Yield(ctx)) })
	})
}
