package asyncio_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// events are a recording as one list, with what its refs say.
type events struct {
	all  []monitor.Event
	refs []any       // of each event
	pcs  [][]uintptr // of each event
	lost uint64
	told uint64 // of those that are lost, by the chunks after them
}

func (e *events) read(tape monitor.Tape) {
	chunks, lost := tape.Read()
	e.lost += lost
	for _, c := range chunks {
		e.told += c.Lost
		for _, ev := range c.Events {
			var ref any
			var pcs []uintptr
			if ev.Ref >= 0 {
				ref = c.Refs[ev.Ref]
			}
			if ev.Stack >= 0 {
				pcs = c.Stacks[ev.Stack]
			}
			e.all, e.refs, e.pcs = append(e.all, ev), append(e.refs, ref), append(e.pcs, pcs)
		}
	}
}

var kinds = []string{"created", "step", "callback", "parked", "woken", "done", "sleep", "awake", "io", "posts", "timers", "renamed", "round"}

// text is one line for each event of those kinds, or of all.
func (e *events) text(only ...monitor.Kind) (lines []string) {
	for i, ev := range e.all {
		if len(only) > 0 && !slices.Contains(only, ev.Kind) {
			continue
		}
		line := fmt.Sprintf("%s %d", kinds[ev.Kind], ev.Task)
		switch ref := e.refs[i].(type) {
		case monitor.Birth:
			line += fmt.Sprintf(" %q of %d", ref.Name, ref.Parent)
		case string:
			line += " " + ref
		case fmt.Stringer:
			line += " " + ref.String()
		}
		if ev.Kind == monitor.Woken || ev.Kind == monitor.Done {
			line += fmt.Sprint(" ", ev.Cause)
		}
		lines = append(lines, line)
	}
	return lines
}

// record runs main in virtual time and returns what a tape has of it.
func record(t *testing.T, d monitor.Detail, main func(ctx context.Context), opts ...asyncio.Option) *events {
	t.Helper()
	var tape monitor.Tape
	w := &looker{name: t.Name(), begins: func(s monitor.Source) { tape = s.Record(d) }}
	defer monitor.Watch(w)()
	asynciotest.Run(t, main, append(opts, asyncio.LoopName(t.Name()))...)
	e := &events{}
	e.read(tape)
	must(t, tape.Close())
	return e
}

// busyProgram is a program in which everything happens that is recorded.
func busyProgram(ctx context.Context) {
	q := asyncio.NewQueue[int](2)
	var lock asyncio.Lock
	asyncio.CallSoon(ctx, func() {})
	asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		for i := range 3 {
			g.Go(func(ctx context.Context) error {
				for j := range 5 {
					if err := q.Put(ctx, i*j); err != nil {
						return err
					}
					if err := asyncio.Yield(ctx); err != nil {
						return err
					}
				}
				return nil
			}, asyncio.TaskName(fmt.Sprint("producer ", i)))
		}
		for range 10 {
			q.Get(ctx)
			if lock.Acquire(ctx) == nil {
				asyncio.Sleep(ctx, time.Millisecond)
				lock.Release()
			}
		}
		g.Go(func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
		asyncio.Yield(ctx)
		g.Cancel(nil)
		return nil
	})
	for range 4 {
		asyncio.Go(ctx, func(context.Context) error { return nil })
	}
	asyncio.Yield(ctx)
	failing := asyncio.Go(ctx, func(context.Context) error { return errBoom })
	failing.Await(ctx)
	panicking := asyncio.Go(ctx, func(context.Context) error { panic("no") })
	asyncio.Yield(ctx)
	panicking.SetName("bad")
	panicking.Err()
}

func TestATapeHasWhatTheLoopDid(t *testing.T) {
	about := []monitor.Kind{monitor.Created, monitor.Step, monitor.Parked, monitor.Woken, monitor.Done}
	t.Run("as an observer sees it, who makes the loop take each step by itself", func(t *testing.T) {
		free := record(t, monitor.Coarse, busyProgram).text()
		o := &observed{}
		seen := record(t, monitor.Coarse, busyProgram, asyncio.Observe(o))
		if diff := firstDifference(free, seen.text()); diff != "" {
			t.Errorf("a loop that leads and follows has another tape: %s", diff)
		}
		if diff := firstDifference(observerKinds(seen, about), trailKinds(o.trail)); diff != "" {
			t.Errorf("the observer saw something else: %s", diff)
		}
	})
	t.Run("from the first task to its end", func(t *testing.T) {
		e := record(t, monitor.Exact, func(ctx context.Context) {
			task := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
			asyncio.Yield(ctx)
			task.Cancel(nil)
			task.Await(ctx)
		})
		text := strings.TrimRight(strings.Join(e.text(), "\n"), "0123456789")
		expect(t, "events", text, strings.Join([]string{
			`created 1 "main" of 0`, "round 0", "step 1", `created 2 "" of 1`, "woken 1 2",
			"round 0", "step 2", "parked 2 sleep",
			"step 1", "woken 2 1", `parked 1 task "Task-2"`,
			"round 0", "step 2", "woken 1 0", "done 2 5",
			"round 0", "step 1", "done 1 3", "round 0", "callback 0 callback asyncio.runOn[...].func",
		}, "\n"))
	})
	t.Run("with the causes of ends", func(t *testing.T) {
		e := record(t, monitor.Coarse, func(ctx context.Context) {
			for _, f := range []func(context.Context) error{
				func(context.Context) error { return nil },
				func(context.Context) error { return errBoom },
				func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) },
				func(context.Context) error { panic(errBoom) },
			} {
				task := asyncio.Go(ctx, f)
				asyncio.Yield(ctx)
				task.Cancel(nil)
				asyncio.Yield(ctx)
				task.Err()
			}
		})
		expect(t, "ends", e.text(monitor.Done), []string{"done 2 3", "done 3 4", "done 4 5", "done 5 6", "done 1 3"})
	})
	t.Run("and the step of a task that begins inside another", func(t *testing.T) {
		e := record(t, monitor.Coarse, func(ctx context.Context) {
			asyncio.Go(ctx, asyncio.Yield, asyncio.Eager())
			asyncio.Yield(ctx)
		})
		expect(t, "events", e.text(monitor.Created, monitor.Step, monitor.Woken, monitor.Done), []string{
			`created 1 "main" of 0`, "step 1", `created 2 "" of 1`, "step 2", "woken 2 2", "step 1", "woken 1 2",
			"step 2", "done 2 3", "step 1", "done 1 3"})
	})
}

// observerKinds and trailKinds are what a tape and an observer both tell.
func observerKinds(e *events, about []monitor.Kind) (lines []string) {
	for _, ev := range e.all {
		if slices.Contains(about, ev.Kind) && !(ev.Kind == monitor.Woken && ev.Cause == monitor.ByYield) {
			lines = append(lines, kinds[ev.Kind])
		}
	}
	return lines
}

func trailKinds(trail trail) (lines []string) {
	for _, line := range trail {
		for _, kind := range []string{"created", "step begin", "parked", "woken", "done"} {
			if strings.Contains(line, " "+kind+" ") {
				lines = append(lines, strings.TrimSuffix(kind, " begin"))
			}
		}
	}
	return lines
}

func firstDifference(a, b []string) string {
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || a[i] != b[i] {
			return fmt.Sprintf("from event %d on: %q and %q", i, a[i:min(len(a), i+5)], b[i:min(len(b), i+5)])
		}
	}
	return ""
}

func TestATapeHasTimes(t *testing.T) {
	t.Run("of each step, where the clock is virtual", func(t *testing.T) {
		e := record(t, monitor.Coarse, func(ctx context.Context) {
			asyncio.Sleep(ctx, time.Second)
			asyncio.Sleep(ctx, time.Minute)
		})
		var at []time.Duration
		begin := e.all[slices.IndexFunc(e.all, func(ev monitor.Event) bool { return ev.Kind == monitor.Step })].At
		for _, ev := range e.all {
			if ev.Kind == monitor.Step {
				at = append(at, time.Duration(ev.At-begin))
			}
		}
		expect(t, "steps", at, []time.Duration{0, time.Second, 61 * time.Second})
	})
	t.Run("that never fall, and are there where the loop has slept", func(t *testing.T) {
		for _, d := range []monitor.Detail{monitor.Coarse, monitor.Exact, monitor.Stacks} {
			e := recordReal(t, d, func(ctx context.Context) {
				for range 5 {
					must(t, asyncio.Sleep(ctx, time.Millisecond))
				}
			})
			last, stamped := int64(0), 0
			for _, ev := range e.all {
				if ev.At != monitor.NoTime {
					stamped++
					if ev.At < last {
						t.Fatalf("a %s at %d comes after %d", kinds[ev.Kind], ev.At, last)
					}
					last = ev.At
				} else if ev.Kind == monitor.Sleep || ev.Kind == monitor.Awake || ev.Kind == monitor.Timers || d > monitor.Coarse && ev.Kind == monitor.Step {
					t.Errorf("a %s without a time", kinds[ev.Kind])
				}
			}
			if stamped < 15 || time.Duration(last) < 5*time.Millisecond {
				t.Errorf("%d events have a time, the last %v", stamped, time.Duration(last))
			}
		}
	})
	t.Run("of the end of a step during which the watchdog had asked", func(t *testing.T) {
		var reported atomic.Bool
		e := recordReal(t, monitor.Coarse, func(ctx context.Context) {
			must(t, asyncio.Yield(ctx)) // it asks at the beginning already
			must(t, asyncio.Yield(ctx))
			for begin := time.Now(); !reported.Load() && time.Since(begin) < time.Minute; {
			}
			must(t, asyncio.Yield(ctx))
		}, asyncio.SlowStep(20*time.Millisecond), asyncio.OnError(func(asyncio.Report) { reported.Store(true) }))
		var steps []int64
		for _, ev := range e.all {
			if ev.Kind == monitor.Step {
				steps = append(steps, ev.At)
			}
		}
		if end := steps[len(steps)-1]; end == monitor.NoTime || time.Duration(end) < 20*time.Millisecond {
			t.Errorf("steps begin at %v", steps)
		}
	})
	t.Run("of each step, where steps take some time", func(t *testing.T) {
		e := recordReal(t, monitor.Coarse, func(ctx context.Context) {
			for range 200 {
				for begin := time.Now(); time.Since(begin) < 50*time.Microsecond; {
				}
				must(t, asyncio.Yield(ctx))
			}
		})
		steps := 0
		for _, ev := range e.all {
			if ev.Kind != monitor.Step {
				continue
			}
			if steps++; steps > 2*64 && ev.At == monitor.NoTime { // by then it has seen how long they are
				t.Fatalf("step %d has no time", steps)
			}
		}
		if steps < 200 {
			t.Errorf("%d steps", steps)
		}
	})
}

func TestARecorderLooksAtTheClockTheMoreOftenTheLongerStepsAre(t *testing.T) {
	for _, c := range []struct {
		name  string
		every uint32
		since time.Duration // for every steps
		want  uint32
	}{
		{"steps of a hundred nanoseconds", 64, 6400, 64},
		{"steps of a microsecond", 64, 64 * time.Microsecond, 6},
		{"steps of a hundred microseconds", 64, 6400 * time.Microsecond, 1},
		{"short ones after long ones", 1, 100, 2},
		{"short ones for longer", 32, 3200, 64},
		{"steps so short that no clock sees them", 64, 0, 64},
		{"the time is just right", 6, 9 * time.Microsecond, 6},
		{"a step of an hour", 1, time.Hour, 1},
		{"and after many short ones", 64, time.Hour, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := asyncio.Pace(c.every, 64, c.since); got != c.want {
				t.Errorf("the next look is after %d steps, want %d", got, c.want)
			}
		})
	}
	if got := asyncio.Pace(1, 1, 0); got != 1 {
		t.Errorf("an exact recording looks after %d steps", got)
	}
}

// recordReal is record on the system's clock.
func recordReal(t *testing.T, d monitor.Detail, main func(ctx context.Context), opts ...asyncio.Option) *events {
	t.Helper()
	var tape monitor.Tape
	w := &looker{name: t.Name(), begins: func(s monitor.Source) { tape = s.Record(d) }}
	defer monitor.Watch(w)()
	must(t, asyncio.Run(context.Background(), func(ctx context.Context) error {
		main(ctx)
		return nil
	}, append(opts, asyncio.LoopName(t.Name()))...))
	e := &events{}
	e.read(tape)
	return e
}

func TestATapeHasTheStacksOfWaits(t *testing.T) {
	e := record(t, monitor.Stacks, func(ctx context.Context) {
		q := asyncio.NewQueue[int](1)
		task := asyncio.Go(ctx, func(ctx context.Context) error { return deepWait(ctx, q, 1) })
		must(t, asyncio.Sleep(ctx, 1))
		must(t, q.Put(ctx, 1))
		task.Await(ctx)
	})
	for i, ev := range e.all {
		if ev.Kind == monitor.Parked && ev.Task == 2 {
			expect(t, "the stack", functions(monitor.Frames(e.pcs[i])), []string{
				"(*WaitQueue).Park", "(*queueLine).wait", "(*Queue[...]).Get", "deepWait", "deepWait",
				"TestATapeHasTheStacksOfWaits.func1.1"})
			return
		}
	}
	t.Error("the wait is not on the tape")
}

func TestATapeIsARing(t *testing.T) {
	defer monitor.Keep(2000)()
	var tape monitor.Tape
	var source monitor.Source
	w := &looker{name: t.Name(), begins: func(s monitor.Source) { source, tape = s, s.Record(monitor.Coarse) }}
	defer monitor.Watch(w)()
	flushed := func(ctx context.Context) {
		source.Post(func(v monitor.View) { v.Flush() })
		must(t, asyncio.Yield(ctx))
	}
	asynciotest.Run(t, func(ctx context.Context) {
		yields := func(n int) {
			for range n {
				must(t, asyncio.Yield(ctx))
			}
		}
		var e events
		yields(100)
		flushed(ctx)
		e.read(tape)
		n := len(e.all)
		if n < 300 || e.lost != 0 {
			t.Errorf("%d events of 100 yields, %d lost", n, e.lost)
		}
		yields(10)
		e.read(tape)
		expect(t, "events before a flush", len(e.all), n)
		flushed(ctx)
		e.read(tape)
		if got := len(e.all) - n; got < 30 || got > 50 {
			t.Errorf("%d events of 10 yields", got)
		}
		before := len(e.all)
		yields(10_000)
		flushed(ctx)
		late := source.Record(monitor.Coarse)
		e.read(tape)
		kept := len(e.all) - before
		if kept < 2000 || kept > 3100 || e.lost < 26_500 || e.told != e.lost {
			t.Errorf("%d of 30,000 events are kept, %d lost, %d of them before chunks", kept, e.lost, e.told)
		}
		var another events
		another.read(late)
		expect(t, "what a second tape finds", len(another.all), kept)
		expect(t, "and has lost", another.lost, 0)
		checkNumbers(t, tape, late, flushed, ctx)
	}, asyncio.LoopName(t.Name()))
}

// checkNumbers closes one of two tapes and reads on in the other.
func checkNumbers(t *testing.T, closed, open monitor.Tape, flush func(context.Context), ctx context.Context) {
	t.Helper()
	must(t, closed.Close())
	must(t, closed.Close())
	flush(ctx)
	var e events
	e.read(open)
	if len(e.all) == 0 || e.lost != 0 {
		t.Errorf("%d events after the other tape was closed, %d lost", len(e.all), e.lost)
	}
	must(t, open.Close())
	must(t, asyncio.Yield(ctx))
	must(t, asyncio.Yield(ctx))
	e = events{}
	e.read(open)
	expect(t, "events after the last tape was closed", len(e.all), 0)
}

// TestRuleS6ALoopThatIsWatchedKeepsItsOrder: what a program sees of the order is the same
// with a recorder, and with a console that asks for everything all the time.
func TestRuleS6ALoopThatIsWatchedKeepsItsOrder(t *testing.T) {
	run := func(t *testing.T, begins func(monitor.Source)) (order []string) {
		w := &looker{name: t.Name(), begins: begins}
		defer monitor.Watch(w)()
		asynciotest.Run(t, func(ctx context.Context) {
			q := asyncio.NewQueue[string](1)
			for i := range 5 {
				asyncio.Go(ctx, func(ctx context.Context) error {
					for j := range 20 {
						must(t, q.Put(ctx, fmt.Sprint(i, "/", j)))
						order = append(order, fmt.Sprint("put ", i, " ", j))
						asyncio.Sleep(ctx, time.Duration(i*j%3)*time.Millisecond)
					}
					return nil
				})
			}
			for range 100 {
				item, _ := q.Get(ctx)
				order = append(order, "got "+item)
			}
		}, asyncio.LoopName(t.Name()))
		return order
	}
	alone := run(t, nil)
	for _, d := range []monitor.Detail{monitor.Coarse, monitor.Exact, monitor.Stacks} {
		if diff := firstDifference(alone, run(t, func(s monitor.Source) { s.Record(d) })); diff != "" {
			t.Errorf("recorded with detail %d: %s", d, diff)
		}
	}
	pestered := run(t, func(s monitor.Source) {
		s.Record(monitor.Stacks)
		s.Meter()
		go pester(s, nil)
	})
	if diff := firstDifference(alone, pestered); diff != "" {
		t.Errorf("under a console that asks all the time: %s", diff)
	}
}

// pester asks for everything, over and over until the loop has ended.
func pester(s monitor.Source, listings *atomic.Int64) {
	answered := make(chan struct{}, 1)
	for s.Post(func(v monitor.View) {
		defer func() { answered <- struct{}{} }()
		for _, task := range tasksOf(v, 64) {
			v.Task(task.ID)
		}
		v.Stats()
		v.Timers(0, make([]monitor.Timer, 0, 100))
		v.Resources(0, make([]monitor.Resource, 0, 100))
		v.Threads(0, make([]monitor.Thread, 0, 100))
		v.Descriptors(0, make([]monitor.Descriptor, 0, 100))
		v.Failures(0, make([]monitor.Failure, 0, 100))
		v.Flush()
		if listings != nil {
			listings.Add(1)
		}
	}) {
		select {
		case <-answered:
		case <-s.Ended():
		}
	}
}

func TestReadersHammerAtALoopThatRuns(t *testing.T) {
	var listings atomic.Int64
	var readers sync.WaitGroup
	w := &looker{name: t.Name(), begins: func(s monitor.Source) {
		for d := range monitor.Stacks + 1 {
			readers.Go(func() { pester(s, &listings) })
			readers.Go(func() {
				for {
					tape := s.Record(d)
					for range 10 {
						checkChunks(t, tape)
					}
					answered := make(chan struct{})
					s.Post(func(monitor.View) { close(answered) })
					select {
					case <-answered:
					case <-s.Ended():
					}
					must(t, tape.Close())
					select {
					case <-s.Ended():
						return
					default:
					}
				}
			})
		}
	}}
	stop := monitor.Watch(w)
	must(t, asyncio.Run(context.Background(), func(ctx context.Context) error {
		for begin := time.Now(); time.Since(begin) < 300*time.Millisecond || listings.Load() < 100; {
			busyProgram(ctx)
		}
		return nil
	}, asyncio.LoopName(t.Name())))
	stop()
	readers.Wait()
}

// checkChunks reads a tape and checks that what it gets fits together.
func checkChunks(t *testing.T, tape monitor.Tape) {
	chunks, _ := tape.Read()
	next := uint64(0)
	for _, c := range chunks {
		if c.First < next {
			t.Errorf("a chunk begins at %d, before %d", c.First, next)
		}
		next = c.First + uint64(len(c.Events))
		for _, ev := range c.Events {
			if int(ev.Ref) >= len(c.Refs) || int(ev.Stack) >= len(c.Stacks) || int(ev.Kind) >= len(kinds) {
				t.Errorf("event %+v of a chunk with %d refs and %d stacks", ev, len(c.Refs), len(c.Stacks))
			}
		}
	}
}
