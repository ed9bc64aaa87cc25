package asyncio_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// looker is a console of a test: it knows the loop with a name.
type looker struct {
	name    string
	source  monitor.Source
	begins  func(monitor.Source)
	ended   error
	ends    int
	reports []monitor.Report
}

func (w *looker) LoopBegins(s monitor.Source) {
	if s.Name() != w.name {
		return
	}
	w.source = s
	if w.begins != nil {
		w.begins(s)
	}
}

func (w *looker) LoopEnds(s monitor.Source, err error) {
	if s == w.source {
		w.ended = err
		w.ends++
	}
}

func (w *looker) Reported(s monitor.Source, r monitor.Report) {
	if s == w.source {
		w.reports = append(w.reports, r)
	}
}

// watched runs main, in virtual time, under the eyes of a console.
func watched(t *testing.T, main func(ctx context.Context, w *looker)) *looker {
	t.Helper()
	w := &looker{name: t.Name()}
	defer monitor.Watch(w)()
	asynciotest.Run(t, func(ctx context.Context) { main(ctx, w) }, asyncio.LoopName(t.Name()))
	return w
}

// look calls f with a view of the loop, and lets the loop come to it.
func (w *looker) look(t *testing.T, ctx context.Context, f func(monitor.View)) {
	t.Helper()
	seen := false
	if !w.source.Post(func(v monitor.View) { seen = true; f(v) }) {
		t.Fatal("the loop refused a post")
	}
	must(t, asyncio.Yield(ctx))
	if !seen {
		t.Fatal("a post was not answered in the next round")
	}
}

// tasksOf lists all tasks in slices of that size.
func tasksOf(v monitor.View, size int) (all []monitor.Task) {
	for more, after := true, uint64(0); more; {
		var tasks []monitor.Task
		tasks, more = v.Tasks(after, make([]monitor.Task, 0, size))
		all = append(all, tasks...)
		if len(tasks) > 0 {
			after = tasks[len(tasks)-1].ID
		}
	}
	return all
}

func TestAConsoleSeesTheTasks(t *testing.T) {
	t.Run("with what they wait for, since and until when", func(t *testing.T) {
		watched(t, func(ctx context.Context, w *looker) {
			start := asyncio.Now(ctx)
			sleeper := asyncio.Go(ctx, func(ctx context.Context) error {
				return asyncio.Sleep(ctx, time.Hour)
			}, asyncio.TaskName("sleeper"))
			waiter := asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := sleeper.Await(ctx)
				return err
			})
			must(t, asyncio.Sleep(ctx, time.Minute))
			asyncio.Go(ctx, waitForever, asyncio.Priority(3))
			w.look(t, ctx, func(v monitor.View) {
				all := tasksOf(v, 2)
				expect(t, "number of tasks", len(all), 4)
				s, a, n := all[1], all[2], all[3]
				expect(t, "name", s.Name, "sleeper")
				expect(t, "state", s.State, "waiting")
				expect(t, "parent", s.Parent, all[0].ID)
				expect(t, "waits for", s.WaitsFor, "sleep")
				expect(t, "since", s.Since, start)
				expect(t, "until", s.Until, start.Add(time.Hour))
				expect(t, "a sleep is no object", s.On, 0)
				expect(t, "waits for", a.WaitsFor, `task "sleeper"`)
				expect(t, "of which tasks", a.Tasks, []uint64{sleeper.ID()})
				expect(t, "a task that has not run has begun", n.Begun, false)
				expect(t, "its state", n.State, "ready")
				expect(t, "its priority", n.Priority, 3)
				if !strings.HasSuffix(n.Site.Function, ".waitForever") {
					t.Errorf("its function is %+v", n.Site)
				}
			})
			waiter.Cancel(nil)
			sleeper.Cancel(nil)
			w.look(t, ctx, func(v monitor.View) {
				task, _, ok := v.Task(waiter.ID())
				if !ok || !task.Ending {
					t.Errorf("a task that was cancelled: %+v, there: %v", task, ok)
				}
			})
		})
	})
	t.Run("with the stack of each that waits, and nothing changes for it", func(t *testing.T) {
		watched(t, func(ctx context.Context, w *looker) {
			q := asyncio.NewQueue[int](1)
			task := asyncio.Go(ctx, func(ctx context.Context) error { return deepWait(ctx, q, 3) })
			yields := asyncio.Go(ctx, func(ctx context.Context) error {
				for !q.Full() {
					must(t, asyncio.Yield(ctx))
				}
				return nil
			})
			must(t, asyncio.Yield(ctx))
			for range 3 {
				w.look(t, ctx, func(v monitor.View) {
					_, stack, _ := v.Task(task.ID())
					expect(t, "the functions", functions(stack), []string{
						"(*WaitQueue).Park", "(*queueLine).wait", "(*Queue[...]).Get",
						"deepWait", "deepWait", "deepWait", "deepWait", "TestAConsoleSeesTheTasks.func2.1.1"})
					if _, stack, _ := v.Task(yields.ID()); !slices.Contains(functions(stack), "Yield") {
						t.Errorf("a task that has given way is at %v", functions(stack))
					}
					if _, _, ok := v.Task(77); ok {
						t.Error("there is a task 77")
					}
				})
			}
			must(t, q.Put(ctx, 1))
			_, err := task.Await(ctx)
			must(t, err)
		})
	})
}

func deepWait(ctx context.Context, q *asyncio.Queue[int], depth int) error {
	if depth > 0 {
		return deepWait(ctx, q, depth-1)
	}
	_, err := q.Get(ctx)
	return err
}

func functions(stack []monitor.Frame) (names []string) {
	for _, f := range stack {
		name := f.Function[strings.LastIndexByte(f.Function, '/')+1:]
		_, name, _ = strings.Cut(name, ".")
		names = append(names, name)
	}
	return names
}

func TestAConsoleIsToldOfTheEnd(t *testing.T) {
	t.Run("of a deadlock, with the tasks and where they stood", func(t *testing.T) {
		w := &looker{name: t.Name()}
		defer monitor.Watch(w)()
		err := asyncio.Run(asynciotest.Context(context.Background()), func(ctx context.Context) error {
			var a asyncio.Lock
			must(t, a.Acquire(ctx))
			return a.Acquire(ctx)
		}, asyncio.LoopName(t.Name()))
		expectIs(t, "the run", err, asyncio.ErrDeadlock)
		var d *monitor.Deadlock
		if !errors.As(w.ended, &d) {
			t.Fatalf("the console was told %v", w.ended)
		}
		expect(t, "cycles", len(d.Cycles), 1)
		expect(t, "tasks", len(d.Tasks), 1)
		if !slices.Contains(functions(d.Stacks[0]), "(*Lock).Acquire") {
			t.Errorf("main stood at %v", functions(d.Stacks[0]))
		}
		expectIs(t, "the error", w.ended, asyncio.ErrDeadlock)
	})
	t.Run("and a post that comes later is refused, whatever the loop does then", func(t *testing.T) {
		w := &looker{name: t.Name()}
		defer monitor.Watch(w)()
		l := asyncio.NewLoop(asyncio.LoopName(t.Name()))
		must(t, l.Run(context.Background(), func(context.Context) error { return nil }))
		first := w.source
		must(t, l.Run(context.Background(), func(ctx context.Context) error {
			if first.Post(func(monitor.View) { t.Error("a late post was run") }) {
				t.Error("a late post was accepted")
			}
			if first.Number() == w.source.Number() {
				t.Error("two runs have one number")
			}
			return asyncio.Yield(ctx)
		}))
		expect(t, "ends, one for each run", w.ends, 2)
		<-first.Ended()
	})
}

func TestAConsoleDoesNotKeepALoopFromItsDeadlock(t *testing.T) {
	w := &looker{name: t.Name()}
	w.begins = func(s monitor.Source) {
		go func() {
			for s.Post(func(monitor.View) {}) {
				time.Sleep(100 * time.Microsecond)
			}
		}()
	}
	defer monitor.Watch(w)()
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		must(t, asyncio.Sleep(ctx, 10*time.Millisecond))
		return waitForever(ctx)
	}, asyncio.LoopName(t.Name()))
	expectIs(t, "the run", err, asyncio.ErrDeadlock)
}

// Whatever makes steps, one that begins is seen from outside, and one that goes on is not
// taken for another.
func TestALoopTellsWhetherItMoves(t *testing.T) {
	for _, recorded := range []bool{false, true} {
		var source monitor.Source
		w := &looker{name: t.Name(), begins: func(s monitor.Source) {
			source = s
			if recorded {
				s.Record(monitor.Coarse)
			}
		}}
		stop := monitor.Watch(w)
		asynciotest.Run(t, func(ctx context.Context) {
			last := source.Moved()
			moves := func(how string, want bool) {
				t.Helper()
				now := source.Moved()
				if (now != last) != want {
					t.Errorf("%s (recorded: %v): it moves: %v", how, recorded, now != last)
				}
				last = now
			}
			moves("in the first step", false)
			must(t, asyncio.Yield(ctx))
			moves("after a yield", true)
			moves("in the same step", false)
			must(t, asyncio.Sleep(ctx, time.Second))
			moves("after a sleep", true)
			task := asyncio.Go(ctx, func(ctx context.Context) error { // takes turns with main, led by one of them
				for range 10 {
					must(t, asyncio.Yield(ctx))
				}
				moves("in another task", true)
				return nil
			})
			for range 5 {
				must(t, asyncio.Yield(ctx))
			}
			moves("after turns with another task", true)
			_, err := task.Join(ctx)
			must(t, err)
			moves("when the other has ended", true)
			asyncio.CallSoon(ctx, func() { moves("in a callback", true) })
			must(t, asyncio.Yield(ctx))
			moves("after a callback", true)
		}, asyncio.LoopName(t.Name()))
		stop()
	}
}

func TestAConsoleIsToldOfThePanicThatRunRaises(t *testing.T) {
	for name, test := range map[string]struct {
		main func(ctx context.Context) error
		want string // in the error, "" for none
	}{
		"of main": {func(context.Context) error { panic("in main") }, "in main"},
		"of a task that nobody awaited": {func(ctx context.Context) error {
			asyncio.Go(ctx, func(context.Context) error { panic("alone") })
			return asyncio.Yield(ctx)
		}, "alone"},
		"of main, beside another": {func(ctx context.Context) error {
			asyncio.Go(ctx, func(context.Context) error { panic("alone") })
			must(t, asyncio.Yield(ctx))
			panic("in main")
		}, "in main"},
		"but not of one that somebody has looked at": {func(ctx context.Context) error {
			defer func() { recover() }()
			_, err := asyncio.Go(ctx, func(context.Context) error { panic("seen") }).Await(ctx)
			return err
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := &looker{name: t.Name()}
			defer monitor.Watch(w)()
			func() {
				defer func() {
					if raised := recover() != nil; raised != (test.want != "") {
						t.Errorf("Run raises a panic: %v", raised)
					}
				}()
				if err := asyncio.Run(t.Context(), test.main, asyncio.LoopName(t.Name()), asyncio.OnError(func(asyncio.Report) {})); err != nil {
					t.Error(err)
				}
			}()
			panicked := new(asyncio.PanicError)
			if got := errors.As(w.ended, &panicked); got != (test.want != "") || got && panicked.Value != test.want || w.ends != 1 {
				t.Errorf("the console is told %d times of an end by %v", w.ends, w.ended)
			}
		})
	}
}
