package console_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/console"
	"github.com/goasyncio/asyncio/console/internal/wire"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// run runs main on a real loop of the given name, with a console that a test asks from
// another goroutine: ask is called when main calls ready, and main goes on when it has
// returned.
func run(t *testing.T, main func(ctx context.Context, ready func()) error, ask func(s *console.Server, of func(string) string), opts ...asyncio.Option) error {
	t.Helper()
	s := serve(t)
	defer s.Close()
	return asyncio.Run(t.Context(), func(ctx context.Context) error {
		return main(ctx, func() {
			t.Helper()
			_, err := asyncio.ToThread(ctx, func(context.Context) (struct{}, error) {
				ask(s, theLoop(t, s))
				return struct{}{}, nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}, append(opts, asyncio.OnError(func(asyncio.Report) {}))...)
}

func withLock(ctx context.Context, l *asyncio.Lock) error {
	if err := l.Acquire(ctx); err != nil {
		return err
	}
	l.Release()
	return nil
}

// theLoop makes the paths for the only loop there is.
func theLoop(t *testing.T, s *console.Server) func(string) string {
	t.Helper()
	for _, l := range answer[wire.Program](t, s, "program").Loops {
		if l.State != wire.Ended {
			return func(what string) string { return fmt.Sprintf("loops/%d/%s", l.Number, what) }
		}
	}
	t.Error("there is no loop")
	return func(string) string { return "none" }
}

func TestWhatIsShownIsWhatTheLoopCounts(t *testing.T) {
	defer asynciotest.CheckLeaks(t)()
	var infos []asyncio.TaskInfo
	err := run(t, func(ctx context.Context, ready func()) error {
		lock := new(asyncio.Lock)
		if err := lock.Acquire(ctx); err != nil {
			return err
		}
		queue := asyncio.NewQueue[int](asyncio.Unbounded)
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, group *asyncio.TaskGroup) error {
			for i := range 50 {
				group.Go(func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) }, asyncio.TaskName(fmt.Sprintf("sleeper %d", i)))
			}
			for range 20 {
				group.Go(func(ctx context.Context) error { return withLock(ctx, lock) }, asyncio.TaskName("locker"))
			}
			group.Go(func(ctx context.Context) error { _, err := queue.Get(ctx); return err }, asyncio.TaskName("getter"))
			if err := asyncio.Yield(ctx); err != nil {
				return err
			}
			for _, task := range asyncio.AllTasks(ctx) {
				infos = append(infos, task.Info())
			}
			ready()
			lock.Release()
			return errors.New("enough")
		})
	}, func(s *console.Server, of func(string) string) {
		a := answer[wire.Tasks](t, s, of("tasks?limit=1000"))
		expect(t, "total", a.Total, len(infos))
		expect(t, "in the list", len(a.Tasks), len(infos))
		for i, row := range a.Tasks {
			info := infos[i]
			if i == 0 { // main went on to wait for us
				continue
			}
			expect(t, "ID", row.ID, info.ID)
			expect(t, "name", row.Name, info.Name)
			expect(t, "state", row.State, info.State)
			expect(t, "parent", row.Parent, info.Parent)
			expect(t, "wait", row.WaitsFor, info.WaitsFor)
			expectSlice(t, "who could end it", row.Tasks, info.Tasks)
		}
		stats := answer[wire.Now](t, s, of("stats"))
		expect(t, "tasks", stats.Tasks, len(infos))
		expect(t, "timers", stats.Timers, 50)
		expect(t, "threads", stats.Threads, 1)
		timers := answer[wire.Timers](t, s, of("timers"))
		expect(t, "timers listed", timers.Total, 50)
		if !slices.IsSortedFunc(timers.Timers, func(a, b monitor.Timer) int { return a.When.Compare(b.When) }) {
			t.Error("the timers do not come by when they are due")
		}
		expect(t, "threads listed", answer[wire.Threads](t, s, of("threads")).Total, 1)
		tree := answer[wire.Tree](t, s, of("tree"))
		expect(t, "nodes of the tree", len(tree.Nodes), len(infos))
		expect(t, "root", tree.Nodes[0].Name, "main")
		graph := answer[wire.Graph](t, s, of("graph"))
		toMain := 0
		for _, e := range graph.Edges {
			if e.To == infos[0].ID {
				toMain++
			}
		}
		expect(t, "who waits for main's lock", toMain, 20)
		expect(t, "cycles", len(graph.Cycles), 0)
		var sleeper asyncio.TaskInfo
		for _, i := range infos {
			if i.Name == "sleeper 7" {
				sleeper = i
			}
		}
		d := answer[wire.Detail](t, s, of(fmt.Sprintf("tasks/%d", sleeper.ID)))
		expect(t, "parent", d.Path[len(d.Path)-1].Name, "main")
		if !slices.ContainsFunc(d.Stack, func(f wire.Frame) bool { return strings.Contains(f.Function, "TestWhatIsShown") }) {
			t.Errorf("the stack of a sleeper: %v", d.Stack)
		}
	})
	if err == nil || !strings.Contains(err.Error(), "enough") {
		t.Error(err)
	}
}

func TestTheCyclesThatAreShownAreThoseOfTheDeadlock(t *testing.T) {
	s := serve(t)
	var first, second *asyncio.Lock
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		first, second = new(asyncio.Lock), new(asyncio.Lock)
		take := func(a, b *asyncio.Lock) func(context.Context) error {
			return func(ctx context.Context) error {
				if err := a.Acquire(ctx); err != nil {
					return err
				}
				defer a.Release()
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
				return withLock(ctx, b)
			}
		}
		asyncio.Go(ctx, take(first, second), asyncio.TaskName("A"))
		asyncio.Go(ctx, take(second, first), asyncio.TaskName("B"))
		return new(asyncio.Event).Wait(ctx)
	}, asyncio.LoopName("stuck"))
	var deadlock *asyncio.DeadlockError
	if !errors.As(err, &deadlock) {
		t.Fatal(err)
	}
	var l wire.Loop
	for _, one := range answer[wire.Program](t, s, "program").Loops {
		if one.Name == "stuck" {
			l = one
		}
	}
	expect(t, "state", l.State, wire.Ended)
	if !strings.Contains(l.Error, "deadlock") && !strings.Contains(l.Error, asyncio.ErrDeadlock.Error()) {
		t.Errorf("error: %s", l.Error)
	}
	expect(t, "cycles", len(l.Cycles), len(deadlock.Cycles))
	for i, cycle := range deadlock.Cycles {
		for j, task := range cycle {
			expect(t, "task in the cycle", l.Cycles[i][j], task.ID)
			expect(t, "its name", l.Waiters[j].Name, task.Name)
			expect(t, "its wait", l.Waiters[j].WaitsFor, task.WaitsFor)
		}
	}
}

func TestStacksAreToldByTheTasksThemselves(t *testing.T) {
	defer asynciotest.CheckLeaks(t)()
	const many = 3000 // more than a slice has time for
	var event asyncio.Event
	err := run(t, func(ctx context.Context, ready func()) error {
		for range many {
			asyncio.Go(ctx, event.Wait)
		}
		if err := asyncio.Sleep(ctx, time.Millisecond); err != nil {
			return err
		}
		ready()
		event.Set()
		return nil
	}, func(s *console.Server, of func(string) string) {
		resp, text := request(t, s, "/api/v1/"+of("stacks"))
		expect(t, "status", resp.StatusCode, 200)
		expect(t, "tasks in their waits", strings.Count(text, "asyncio.(*Event).Wait(...)"), many)
		if strings.Contains(text, "goroutine ") {
			t.Error("the world was stopped for tracebacks of goroutines")
		}
	})
	if err != nil {
		t.Error(err)
	}
}

func TestAConsoleOnTheLoopThatItAsksSaysSo(t *testing.T) {
	m, err := console.Handler()
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	ask := func() int {
		w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "http://localhost/api/v1/program", nil)
		r.Header.Set("Authorization", "Bearer "+m.Token())
		m.ServeHTTP(w, r)
		return w.Code
	}
	err = asyncio.Run(t.Context(), func(ctx context.Context) error {
		expect(t, "status on the loop", ask(), http.StatusServiceUnavailable)
		status, err := asyncio.ToThread(ctx, func(context.Context) (int, error) { return ask(), nil })
		expect(t, "status on a thread", status, http.StatusOK)
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// A loop that has much to do answers late. That is no reason to accuse the task that
// happens to run.
func TestALoopThatGoesFromStepToStepIsNotBlocked(t *testing.T) {
	defer asynciotest.CheckLeaks(t)()
	err := run(t, func(ctx context.Context, ready func()) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, group *asyncio.TaskGroup) error {
			begin := new(asyncio.Event)
			for range 150 {
				group.Go(func(ctx context.Context) error {
					if err := begin.Wait(ctx); err != nil {
						return err
					}
					for began := time.Now(); time.Since(began) < 5*time.Millisecond; {
					}
					return nil
				})
			}
			if err := asyncio.Sleep(ctx, time.Millisecond); err != nil {
				return err
			}
			begin.Set() // now one round takes three quarters of a second
			ready()
			return nil
		})
	}, func(s *console.Server, of func(string) string) {
		answers := make(chan wire.Now)
		go func() { answers <- answer[wire.Now](t, s, of("stats")) }()
		for {
			select {
			case stats := <-answers:
				if stats.Entries < 150 {
					t.Errorf("it answers after %d steps", stats.Entries)
				}
				return
			case <-time.After(20 * time.Millisecond):
				if l := answer[wire.Program](t, s, "program").Loops[0]; l.State == wire.Blocked {
					t.Fatalf("the loop is said to be blocked by\n%s", l.Stack)
				}
			}
		}
	})
	if err != nil {
		t.Error(err)
	}
}

func TestTheNumbersOfALoopThatHasEndedAreThoseOfItsEnd(t *testing.T) {
	s := serve(t)
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, group *asyncio.TaskGroup) error {
			for range 6 {
				group.Go(asyncio.Yield)
			}
			return nil
		})
	}, asyncio.LoopName("short"))
	if err != nil {
		t.Fatal(err)
	}
	l := answer[wire.Program](t, s, "program").Loops[0]
	expect(t, "name", l.Name, "short")
	expect(t, "tasks made", l.Stats.Created, 7)
	expect(t, "tasks", l.Stats.Tasks, 0)
	if l.Stats.Rounds < 3 || l.Stats.At.IsZero() {
		t.Errorf("%+v", l.Stats)
	}
}
