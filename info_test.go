package asyncio_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// waitsInInfo is a task body whose name reports show.
func waitsInInfo(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) }

func TestInfo(t *testing.T) {
	scene(t, "follows the task through its states", func(t *testing.T, ctx context.Context) {
		var inside string
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			inside = asyncio.CurrentTask(ctx).Info().State
			return asyncio.Sleep(ctx, time.Second)
		})
		expect(t, "before its first step", task.Info().State, "ready")
		must(t, asyncio.Yield(ctx))
		expect(t, "inside", inside, "running")
		expect(t, "parked", task.Info().State, "waiting")
		must(t, second(task.Await(ctx)))
		info := task.Info()
		expect(t, "ended", []any{info.State, info.WaitsFor, info.Since.IsZero()}, []any{"done", "", true})
	})
	scene(t, "knows parents and children, and moves the children up when a task ends", func(t *testing.T, ctx context.Context) {
		me := asyncio.CurrentTask(ctx)
		var grandchildren []uint64
		child := asyncio.Go(ctx, func(ctx context.Context) error {
			scope, _ := asyncio.WithCancel(ctx) // scopes between do not matter
			for range 2 {
				grandchildren = append(grandchildren, asyncio.Go(scope, waitsInInfo).ID())
			}
			return asyncio.Sleep(ctx, time.Second)
		})
		must(t, asyncio.Yield(ctx))
		expect(t, "children of main", me.Info().Children, []uint64{child.ID()})
		expect(t, "children of the child", child.Info().Children, grandchildren)
		expect(t, "parent of the child", child.Info().Parent, me.ID())
		must(t, second(child.Await(ctx)))
		expect(t, "children of main after its end", me.Info().Children, grandchildren)
		for _, task := range asyncio.AllTasks(ctx) {
			if task != me {
				expect(t, "parent of a grandchild", task.Info().Parent, me.ID())
			}
		}
		expect(t, "main has no parent", me.Info().Parent, 0)
	})
	scene(t, "of a task under a context of the standard library has its parent", func(t *testing.T, ctx context.Context) {
		std, cancel := context.WithCancel(ctx)
		defer cancel()
		task := asyncio.Go(std, asyncio.Yield)
		expect(t, "parent", task.Info().Parent, asyncio.CurrentTask(ctx).ID())
		must(t, second(task.Await(ctx)))
	})
	scene(t, "of a detached task has no parent", func(t *testing.T, ctx context.Context) {
		task := asyncio.Go(context.WithoutCancel(ctx), asyncio.Yield)
		expect(t, "parent", task.Info().Parent, 0)
	})
	scene(t, "tells what it waits for, since when, and who could end that", func(t *testing.T, ctx context.Context) {
		var lock asyncio.Lock
		must(t, lock.Acquire(ctx))
		defer lock.Release()
		must(t, asyncio.Sleep(ctx, time.Minute))
		since := asyncio.Now(ctx)
		sleeping := asyncio.Go(ctx, waitsInInfo)
		joining := asyncio.Go(ctx, func(ctx context.Context) error { return second(sleeping.Await(ctx)) })
		locking := asyncio.Go(ctx, lock.Acquire)
		gathering := asyncio.Go(ctx, func(ctx context.Context) error { return second(asyncio.Gather(ctx, sleeping, joining)) })
		waiting := asyncio.Go(ctx, func(ctx context.Context) error {
			return third(asyncio.Wait(ctx, asyncio.AllCompleted, sleeping, joining))
		})
		must(t, asyncio.Sleep(ctx, time.Minute))
		me := asyncio.CurrentTask(ctx).ID()
		for _, c := range []struct {
			task *asyncio.Task[struct{}]
			what string
			who  []uint64
		}{
			{sleeping, "sleep", nil},
			{joining, sleeping.String(), []uint64{sleeping.ID()}},
			{locking, "", []uint64{me}},
			{gathering, "one or all of 2 tasks and futures", []uint64{sleeping.ID(), joining.ID()}},
			{waiting, "one or all of 2 tasks and futures", []uint64{sleeping.ID(), joining.ID()}},
		} {
			info := c.task.Info()
			if c.what != "" {
				expect(t, "waits for", info.WaitsFor, c.what)
			}
			expect(t, info.WaitsFor+": who", info.Tasks, c.who)
			expect(t, info.WaitsFor+": since", info.Since, since)
		}
	})
}

func TestInfoCreated(t *testing.T) {
	// makers are the ways to make a task that runs a function of the user.
	makers := map[string]func(ctx context.Context){
		"Go":         func(ctx context.Context) { asyncio.Go(ctx, waitsInInfo) },
		"CreateTask": func(ctx context.Context) { asyncio.CreateTask(ctx, waitsWithValue) },
		"a group": func(ctx context.Context) {
			asyncio.WithTaskGroup(ctx, func(_ context.Context, g *asyncio.TaskGroup) error {
				g.Go(waitsInInfo)
				asyncio.CreateTaskIn(g, waitsWithValue)
				return nil
			})
		},
		"a bounded group": func(ctx context.Context) {
			asyncio.WithTaskGroup(ctx, func(_ context.Context, g *asyncio.TaskGroup) error {
				g.Go(waitsInInfo)
				asyncio.CreateTaskIn(g, waitsWithValue)
				return nil
			}, asyncio.MaxTasks(2))
		},
		"StartIn": func(ctx context.Context) {
			asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
				return second(asyncio.StartIn(ctx, g, waitsToStart))
			})
		},
		"Race": func(ctx context.Context) { asyncio.Race(ctx, waitsWithValue, waitsWithValue) },
		"Map": func(ctx context.Context) {
			for range asyncio.Map(ctx, 2, count(2), waitsOnElement) {
			}
		},
	}
	sites := func(ctx context.Context, make func(context.Context)) (all []string) {
		asyncio.Go(ctx, func(ctx context.Context) error { make(ctx); return nil }, asyncio.TaskName("maker"))
		must(t, asynciotest.WaitIdle(ctx))
		for _, task := range asyncio.AllTasks(ctx) {
			if name := task.Name(); name != "maker" && name != "main" {
				all = append(all, task.Info().Created)
			}
		}
		return all
	}
	for name, make := range makers {
		scene(t, name+" shows where the user's function is written", func(t *testing.T, ctx context.Context) {
			all := sites(ctx, make)
			expect(t, "some tasks", len(all) > 0, true)
			for _, site := range all {
				expectContains(t, site, "info_test.go:", "waits")
			}
		}, asyncio.Debug(false))
		scene(t, name+" shows in debug mode where the user's call is", func(t *testing.T, ctx context.Context) {
			all := sites(ctx, make)
			expect(t, "some tasks", len(all) > 0, true)
			for _, site := range all {
				expectContains(t, site, "_test.go:", "TestInfoCreated")
			}
		}, asyncio.Debug(true))
	}
	t.Run("main is shown by the user's function as well", func(t *testing.T) {
		must(t, asyncio.Run(virtual(), mainInInfo, asyncio.Debug(false)))
	})
}

func mainInInfo(ctx context.Context) error {
	if site := asyncio.CurrentTask(ctx).Info().Created; site == "" || site[:13] != "info_test.go:" {
		return errors.New("main was created at " + site)
	}
	return nil
}

func waitsWithValue(ctx context.Context) (int, error)        { return 0, waitsInInfo(ctx) }
func waitsToStart(ctx context.Context, _ func(int)) error    { return waitsInInfo(ctx) }
func waitsOnElement(ctx context.Context, _ int) (int, error) { return 0, waitsInInfo(ctx) }

// cycleOf runs main, which must end in a deadlock, and gives the names in its cycle.
func cycleOf(t *testing.T, main func(ctx context.Context) error) (names []string, text string) {
	t.Helper()
	err := asynciotest.Main(t, main)
	var deadlock *asyncio.DeadlockError
	if !errors.As(err, &deadlock) || len(deadlock.Cycles) != 1 {
		t.Fatalf("error %v, want a deadlock with one cycle", err)
	}
	for _, info := range deadlock.Cycles[0] {
		names = append(names, info.Name)
	}
	return names, deadlock.Error()
}

func TestDeadlockShowsTheCycle(t *testing.T) {
	t.Run("through a lock and a task", func(t *testing.T) {
		names, text := cycleOf(t, func(ctx context.Context) error {
			var lock asyncio.Lock
			must(t, lock.Acquire(ctx))
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				defer func() { recover() }()
				return lock.Acquire(ctx)
			}, asyncio.TaskName("locker"))
			return second(task.Await(ctx))
		})
		expect(t, "cycle", names, []string{"main", "locker"})
		expectContains(t, text, "deadlock: all 2 tasks wait, and nothing is left that could wake one",
			`cycle: "main" waits for task "locker" -> "locker" waits for`, `-> "main"`)
	})
	t.Run("through a group whose child waits for the task of the group", func(t *testing.T) {
		names, text := cycleOf(t, func(ctx context.Context) error {
			var lock asyncio.Lock
			must(t, lock.Acquire(ctx))
			defer lock.Release()
			return asyncio.WithTaskGroup(ctx, func(_ context.Context, g *asyncio.TaskGroup) error {
				g.Go(lock.Acquire, asyncio.TaskName("child"))
				return nil
			})
		})
		expect(t, "cycle", names, []string{"main", "child"})
		expectContains(t, text, `"main" waits for the only task of a group`)
	})
	for name, wait := range map[string]func(context.Context, *asyncio.Task[int]) error{
		"Gather":        func(ctx context.Context, a *asyncio.Task[int]) error { return second(asyncio.Gather(ctx, a)) },
		"GatherSettled": func(ctx context.Context, a *asyncio.Task[int]) error { return second(asyncio.GatherSettled(ctx, a)) },
		"Wait": func(ctx context.Context, a *asyncio.Task[int]) error {
			return third(asyncio.Wait(ctx, asyncio.AllCompleted, a))
		},
		"AsCompleted": func(ctx context.Context, a *asyncio.Task[int]) (err error) {
			for _, e := range asyncio.AsCompleted(ctx, a) {
				err = e
			}
			return err
		},
	} {
		t.Run("through "+name, func(t *testing.T) {
			names, _ := cycleOf(t, func(ctx context.Context) error {
				var a, b *asyncio.Task[int]
				a = asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) { return b.Await(ctx) }, asyncio.TaskName("a"))
				b = asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) { return 0, wait(ctx, a) }, asyncio.TaskName("b"))
				_, err := b.Await(ctx)
				return err
			})
			expect(t, "cycle", len(names), 2)
		})
	}
}

func TestAllTasks(t *testing.T) {
	scene(t, "are those that have not ended, in order of creation", func(t *testing.T, ctx context.Context) {
		var names []string
		for _, name := range []string{"a", "b", "c"} {
			asyncio.Go(ctx, waitsInInfo, asyncio.TaskName(name))
		}
		all := asyncio.AllTasks(ctx)
		all[2].Cancel(nil)
		inRounds(ctx, t, 2)
		for _, task := range asyncio.AllTasks(ctx) {
			names = append(names, task.Name())
		}
		expect(t, "names", names, []string{"main", "a", "c"})
	})
	scene(t, "there is no current task in a callback", func(t *testing.T, ctx context.Context) {
		asyncio.CallSoon(ctx, func() {
			expect(t, "current", asyncio.CurrentTask(ctx) == nil, true)
			expect(t, "all", len(asyncio.AllTasks(ctx)), 1)
		})
		must(t, asyncio.Yield(ctx))
	})
}
