package asyncio_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"testing"
	"testing/slogtest"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// logbook is a logger with a LogHandler, and what it has written.
type logbook struct {
	*slog.Logger
	text bytes.Buffer
}

func newLogbook() *logbook {
	j := new(logbook)
	j.Logger = slog.New(asyncio.LogHandler(slog.NewJSONHandler(&j.text, nil)))
	return j
}

// records are those that were written since the last call, without time and level.
func (j *logbook) records(t testing.TB) (all []map[string]any) {
	t.Helper()
	for line := range bytes.Lines(j.text.Bytes()) {
		var r map[string]any
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		delete(r, "time")
		delete(r, "level")
		all = append(all, r)
	}
	j.text.Reset()
	return all
}

// expectRecord checks the only record that was written since the last time.
func expectRecord(t testing.TB, what string, j *logbook, want map[string]any) {
	t.Helper()
	expect(t, what, j.records(t), []map[string]any{want})
}

// speech is a scene on a loop with the name "disk".
func speech(t *testing.T, sentence string, play func(t *testing.T, ctx context.Context)) {
	t.Helper()
	scene(t, sentence, play, asyncio.LoopName("disk"))
}

// TestLogHandlerIsAHandlerAsSlogWantsIt runs the standard library's own suite, inside
// a task and outside.
func TestLogHandlerIsAHandlerAsSlogWantsIt(t *testing.T) {
	var j *logbook
	handler := func(*testing.T) slog.Handler {
		j = newLogbook()
		return j.Handler()
	}
	result := func(t *testing.T) map[string]any {
		var r map[string]any
		if err := json.Unmarshal(j.text.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	t.Run("outside a loop", func(t *testing.T) { slogtest.Run(t, handler, result) })
	t.Run("inside a task", func(t *testing.T) {
		slogtest.Run(t, func(t *testing.T) slog.Handler { return inTask{handler(t), taskContext(t)} }, result)
	})
}

// inTask gives a task's context to all records.
type inTask struct {
	slog.Handler
	ctx context.Context
}

func (h inTask) Handle(_ context.Context, r slog.Record) error { return h.Handler.Handle(h.ctx, r) }

func (h inTask) WithAttrs(attrs []slog.Attr) slog.Handler {
	return inTask{h.Handler.WithAttrs(attrs), h.ctx}
}

func (h inTask) WithGroup(name string) slog.Handler { return inTask{h.Handler.WithGroup(name), h.ctx} }

// taskContext is the context of a task that has ended.
func taskContext(t testing.TB) (task context.Context) {
	asynciotest.Run(t, func(ctx context.Context) { task = ctx })
	return task
}

func TestLogHandlerTellsWhoSpeaks(t *testing.T) {
	inMain := map[string]any{"msg": "x", "task": "main", "task_id": 1.0, "loop": "disk"}
	speech(t, "a task: its name, its number and its loop", func(t *testing.T, ctx context.Context) {
		j := newLogbook()
		must(t, second(asyncio.Go(ctx, func(ctx context.Context) error {
			j.InfoContext(ctx, "x", "a", 1)
			return nil
		}, asyncio.TaskName("writer")).Await(ctx)))
		expectRecord(t, "the record", j, map[string]any{"msg": "x", "a": 1.0, "task": "writer", "task_id": 2.0, "loop": "disk"})
	})
	speech(t, "a task without a name has its number for one", func(t *testing.T, ctx context.Context) {
		j := newLogbook()
		must(t, second(asyncio.Go(ctx, func(ctx context.Context) error {
			j.InfoContext(ctx, "x")
			return nil
		}).Await(ctx)))
		expectRecord(t, "the record", j, map[string]any{"msg": "x", "task": "Task-2", "task_id": 2.0, "loop": "disk"})
	})
	speech(t, "a task that was given another name: the new one, and none again", func(t *testing.T, ctx context.Context) {
		j, me := newLogbook(), asyncio.CurrentTask(ctx)
		me.SetName("idle")
		j.InfoContext(ctx, "x")
		me.SetName("")
		j.InfoContext(ctx, "x")
		r := j.records(t)
		expect(t, "the names", []any{r[0]["task"], r[1]["task"]}, []any{"idle", "Task-1"})
	})
	speech(t, "whatever context was made in the task", func(t *testing.T, ctx context.Context) {
		j := newLogbook()
		for what, derived := range derivedContexts(t, ctx) {
			j.InfoContext(derived, "x")
			expectRecord(t, what, j, inMain)
		}
	})
	speech(t, "the context decides, and not who runs", func(t *testing.T, ctx context.Context) {
		j := newLogbook()
		must(t, second(asyncio.Go(ctx, func(context.Context) error {
			j.InfoContext(ctx, "x") // of main
			return nil
		}).Await(ctx)))
		expectRecord(t, "the record", j, inMain)
	})
	speech(t, "a context from outside gets nothing", func(t *testing.T, ctx context.Context) {
		j := newLogbook()
		j.InfoContext(context.Background(), "x")
		j.Info("x")
		j.InfoContext(nil, "x") //lint:ignore SA1012 a logger must bear it
		for _, r := range j.records(t) {
			expect(t, "the record", r, map[string]any{"msg": "x"})
		}
	})
}

// derivedContexts are contexts made from ctx in all ways there are.
func derivedContexts(t *testing.T, ctx context.Context) map[string]context.Context {
	valued := context.WithValue(ctx, new(int), "a value")
	cancellable, cancel := context.WithCancel(valued)
	t.Cleanup(cancel)
	scope, end := asyncio.WithCancel(cancellable)
	t.Cleanup(func() { end(nil) })
	timed, _ := asyncio.WithTimeout(scope, time.Hour)
	shielded, unshield := asyncio.Shield(ctx, time.Hour)
	t.Cleanup(unshield)
	return map[string]context.Context{
		"context.WithValue":              valued,
		"context.WithCancel":             cancellable,
		"asyncio.WithCancel":             scope,
		"asyncio.WithTimeout":            timed,
		"asyncio.Shield":                 shielded,
		"context.WithoutCancel":          context.WithoutCancel(ctx),
		"a value over a timeout":         context.WithValue(timed, new(int), 1),
		"WithCancel under WithoutCancel": context.WithoutCancel(timed),
	}
}

func TestLogHandlerFollowsContextsOffTheLoop(t *testing.T) {
	speech(t, "a thread speaks for the task that has called it", func(t *testing.T, ctx context.Context) {
		j := newLogbook()
		_, err := asyncio.ToThread(ctx, func(ctx context.Context) (int, error) {
			ctx, cancel := context.WithTimeout(context.WithValue(ctx, new(int), 1), time.Hour)
			defer cancel()
			j.InfoContext(ctx, "x")
			return 0, nil
		})
		must(t, err)
		expectRecord(t, "the record", j, map[string]any{"msg": "x", "task": "main", "task_id": 1.0, "loop": "disk"})
	})
	speech(t, "a loop within a thread speaks for itself", func(t *testing.T, ctx context.Context) {
		j := newLogbook()
		_, err := asyncio.ToThread(ctx, func(ctx context.Context) (int, error) {
			return 0, asyncio.Run(ctx, func(ctx context.Context) error {
				j.InfoContext(ctx, "x")
				return nil
			}, asyncio.LoopName("inner"))
		})
		must(t, err)
		expectRecord(t, "the record", j, map[string]any{"msg": "x", "task": "main", "task_id": 1.0, "loop": "inner"})
	})
	t.Run("a task that has ended is still told, and so is its loop", func(t *testing.T) {
		j := newLogbook()
		j.InfoContext(taskContext(t), "x")
		r := j.records(t)
		expect(t, "the task", r[0]["task_id"], any(1.0))
	})
	t.Run("a timeout that was moved up by the end of its task still names it", func(t *testing.T) {
		j := newLogbook()
		asynciotest.Run(t, func(ctx context.Context) {
			var left context.Context
			must(t, second(asyncio.Go(ctx, func(ctx context.Context) error {
				left, _ = asyncio.WithTimeout(ctx, time.Hour)
				return nil
			}, asyncio.TaskName("gone")).Await(ctx)))
			j.InfoContext(left, "x")
		})
		expect(t, "the task", j.records(t)[0]["task"], any("gone"))
	})
	t.Run("names may change and tasks come and go meanwhile", func(t *testing.T) {
		discard := slog.New(asyncio.LogHandler(slog.NewJSONHandler(new(bytes.Buffer), nil)))
		var outside sync.WaitGroup
		asynciotest.Run(t, func(ctx context.Context) {
			for i := range 20 {
				task := asyncio.Go(ctx, func(ctx context.Context) error {
					scope, cancel := asyncio.WithCancel(ctx)
					defer cancel(nil)
					outside.Go(func() { discard.InfoContext(scope, "x") })
					return asyncio.Sleep(ctx, time.Second)
				}, asyncio.Eager())
				task.SetName([]string{"even", "odd"}[i%2])
			}
			must(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
				for range 20 {
					g.Go(func(ctx context.Context) error {
						outside.Go(func() { discard.InfoContext(ctx, "x") })
						return nil
					}, asyncio.Eager()).SetName("child")
				}
				return nil
			}))
		})
		outside.Wait()
	})
}

func TestLogHandlerAndGroups(t *testing.T) {
	who := map[string]any{"msg": "x", "task": "main", "task_id": 1.0, "loop": "disk"}
	with := func(more map[string]any) map[string]any {
		all := map[string]any{}
		for _, m := range []map[string]any{who, more} {
			for k, v := range m {
				all[k] = v
			}
		}
		return all
	}
	speech(t, "who speaks stands at the top, whatever groups are open", func(t *testing.T, ctx context.Context) {
		j := newLogbook()
		l := j.With("a", 1).WithGroup("g").With("b", 2).WithGroup("h")
		l.InfoContext(ctx, "x", "c", 3)
		g := map[string]any{"b": 2.0, "h": map[string]any{"c": 3.0}}
		expectRecord(t, "inside", j, with(map[string]any{"a": 1.0, "g": g}))
		l.Info("x", "c", 3)
		expectRecord(t, "outside", j, map[string]any{"msg": "x", "a": 1.0, "g": g})
	})
	speech(t, "loggers made from the same one do not disturb each other", func(t *testing.T, ctx context.Context) {
		j := newLogbook()
		parent := j.WithGroup("g").With("a", 1)
		one, two := parent.With("b", 2), parent.With("c", 3)
		left, right := parent.WithGroup("l"), parent.WithGroup("r")
		for _, c := range []struct {
			l    *slog.Logger
			want map[string]any
		}{
			{one, map[string]any{"a": 1.0, "b": 2.0}},
			{two, map[string]any{"a": 1.0, "c": 3.0}},
			{left, map[string]any{"a": 1.0, "l": map[string]any{"d": 4.0}}},
			{right, map[string]any{"a": 1.0, "r": map[string]any{"d": 4.0}}},
		} {
			if c.l == left || c.l == right {
				c.l.InfoContext(ctx, "x", "d", 4)
			} else {
				c.l.InfoContext(ctx, "x")
			}
			expectRecord(t, "the record", j, with(map[string]any{"g": c.want}))
		}
	})
	speech(t, "a record that others hold too is not changed", func(t *testing.T, ctx context.Context) {
		var out bytes.Buffer
		plain := slog.NewTextHandler(&out, nil)
		r := slog.NewRecord(time.Time{}, slog.LevelInfo, "x", 0)
		for i := range 10 {
			r.AddAttrs(slog.Int("n", i))
		}
		copied := r
		must(t, asyncio.LogHandler(slog.DiscardHandler).Handle(ctx, r))
		must(t, asyncio.LogHandler(plain).Handle(ctx, copied))
		expect(t, "attributes", copied.NumAttrs(), 10)
		if bytes.Contains(out.Bytes(), []byte("BUG")) {
			t.Errorf("the record was changed under its copy: %s", &out)
		}
	})
}

func TestLogHandlerAsksTheNextOneWhatIsEnabled(t *testing.T) {
	h := asyncio.LogHandler(slog.NewTextHandler(new(bytes.Buffer), &slog.HandlerOptions{Level: slog.LevelWarn}))
	expect(t, "info", h.Enabled(t.Context(), slog.LevelInfo), false)
	expect(t, "warn", h.WithGroup("g").Enabled(t.Context(), slog.LevelWarn), true)
}

func TestLogHandlerAllocatesNothingBeyondTheAttributes(t *testing.T) {
	ctx := taskContext(t)
	h := asyncio.LogHandler(slog.DiscardHandler).WithAttrs([]slog.Attr{slog.Int("a", 1)})
	r := slog.NewRecord(time.Time{}, slog.LevelInfo, "x", 0)
	allocates(t, 0, "a record of a task that has a name", func() { must(t, h.Handle(ctx, r)) })
	allocates(t, 0, "a record from outside", func() { must(t, h.Handle(context.Background(), r)) })
}
