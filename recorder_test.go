package asyncio_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/monitor"
)

func TestAnExactTapeHasTheTimeOfEachStep(t *testing.T) {
	e := recordReal(t, monitor.Exact, func(ctx context.Context) {
		asyncio.Go(ctx, asyncio.Yield, asyncio.Eager())
		must(t, asyncio.Yield(ctx))
		asyncio.Go(ctx, func(context.Context) error { return nil }, asyncio.Eager())
	})
	steps := 0
	for _, ev := range e.all {
		if ev.Kind == monitor.Step {
			steps++
			if ev.At == monitor.NoTime {
				t.Errorf("step %d, of task %d, has none", steps, ev.Task)
			}
		}
	}
	expect(t, "steps, those inside another and what comes behind them included", steps, 7)
}

func TestTapesOfOneLoopWantDifferentThings(t *testing.T) {
	watched(t, func(ctx context.Context, w *looker) {
		stacks := w.source.Record(monitor.Stacks)
		coarse := w.source.Record(monitor.Coarse)
		sleep := func(why string, want bool) {
			t.Helper()
			must(t, asyncio.Sleep(ctx, 1))
			w.look(t, ctx, func(v monitor.View) { v.Flush() })
			var e, other events
			e.read(stacks)
			other.read(coarse)
			at := slices.IndexFunc(e.all, func(ev monitor.Event) bool { return ev.Kind == monitor.Parked })
			if at < 0 || (e.pcs[at] != nil) != want {
				t.Errorf("%s the wait has a stack: %v", why, !want)
			}
		}
		must(t, asyncio.Yield(ctx))
		sleep("where the finest came first,", true)
		must(t, stacks.Close())
		stacks = w.source.Record(monitor.Coarse)
		must(t, asyncio.Yield(ctx))
		new(events).read(stacks) // what there is from before
		sleep("when nobody wants it any more", false)
		must(t, stacks.Close())
		must(t, coarse.Close())
	})
}

func TestATapeThatEndsOrComesAtAnOddTime(t *testing.T) {
	t.Run("may be closed, and closed again, before the loop has heard of it", func(t *testing.T) {
		watched(t, func(ctx context.Context, w *looker) {
			tape := w.source.Record(monitor.Stacks)
			must(t, tape.Close())
			must(t, tape.Close())
			other := w.source.Record(monitor.Coarse)
			w.look(t, ctx, func(v monitor.View) { v.Flush() })
			var e, none events
			e.read(other)
			none.read(tape)
			must(t, asyncio.Yield(ctx))
			w.look(t, ctx, func(v monitor.View) { v.Flush() })
			e.read(other)
			if len(e.all) == 0 {
				t.Error("the one that came behind it is empty")
			}
		})
	})
	t.Run("has what the loop did last, though nobody has asked for it", func(t *testing.T) {
		var tape monitor.Tape
		w := watched(t, func(ctx context.Context, w *looker) {
			tape = w.source.Record(monitor.Coarse)
			must(t, asyncio.Yield(ctx))
			asyncio.CurrentTask(ctx).SetName("the last")
		})
		var e events
		e.read(tape)
		expect(t, "names", e.text(monitor.Renamed), []string{"renamed 1 the last"})
		expect(t, "ends", e.text(monitor.Done), []string{"done 1 3"})
		must(t, tape.Close())
		late := w.source.Record(monitor.Coarse)
		e = events{}
		e.read(late)
		expect(t, "ends that somebody finds who comes after the end", e.text(monitor.Done), []string{"done 1 3"})
		must(t, late.Close())
		if w.source.Post(func(monitor.View) {}) || w.source.Asleep() || w.source.Running() != nil {
			t.Error("a loop that has ended can be asked, sleeps or runs")
		}
	})
	t.Run("begins between two steps, with the one that comes next", func(t *testing.T) {
		watched(t, func(ctx context.Context, w *looker) {
			sleeper := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
			must(t, asyncio.Yield(ctx))
			sleeper.Cancel(nil)
			tape := w.source.Record(monitor.Coarse)
			sleeper.Await(ctx)
			w.look(t, ctx, func(v monitor.View) { v.Flush() })
			var e events
			e.read(tape)
			expect(t, "events", e.text(monitor.Step, monitor.Parked, monitor.Woken, monitor.Done)[:4], []string{
				"step 2", "woken 1 0", "done 2 5", "step 1"})
			must(t, tape.Close())
		})
	})
}

func TestATapeKeepsLargeNumbers(t *testing.T) {
	const many = 1<<47 - 5
	e := record(t, monitor.Stacks, func(ctx context.Context) {
		asyncio.SetTasks(ctx, many)
		task := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, 1) })
		must(t, asyncio.Sleep(ctx, 100*365*24*time.Hour))
		task.Err()
	})
	expect(t, "what the task did", strings.Count(strings.Join(e.text(), "\n"), fmt.Sprint(" ", many+1)), 6)
}

func TestATapeOfCallsInThreads(t *testing.T) {
	e := record(t, monitor.Coarse, func(ctx context.Context) {
		_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) { return 0, nil })
		must(t, err)
	})
	expect(t, "events", e.text(monitor.Posts, monitor.Parked, monitor.Woken), []string{"parked 1 a thread", "posts 0", "woken 1 0"})
}

// TestTapesComeAndGoWhileTheyAreRead: each is read by one goroutine and closed by another,
// while the loop writes, and none gets an event twice or in the wrong place.
func TestTapesComeAndGoWhileTheyAreRead(t *testing.T) {
	defer monitor.Keep(3000)()
	var work sync.WaitGroup
	stopped := make(chan struct{})
	w := &looker{name: t.Name(), begins: func(s monitor.Source) {
		for i := range 4 {
			work.Go(func() {
				for n := 0; n < 20; n++ {
					tape := s.Record(monitor.Detail((i + n) % 3))
					s.Post(monitor.View.Flush)
					closed := make(chan struct{})
					go func() {
						defer close(closed)
						s.Post(monitor.View.Flush)
						must(t, tape.Close())
					}()
					for next := uint64(0); ; {
						next = readOn(t, tape, next)
						select {
						case <-closed:
							readOn(t, tape, next)
						default:
							continue
						}
						break
					}
				}
			})
		}
		go func() { work.Wait(); close(stopped) }()
	}}
	defer monitor.Watch(w)()
	must(t, asyncio.Run(context.Background(), func(ctx context.Context) error {
		for {
			select {
			case <-stopped:
				return nil
			default:
				busyProgram(ctx)
			}
		}
	}, asyncio.LoopName(t.Name())))
}

// readOn reads a tape and checks that the events go on from the one with the number next.
func readOn(t *testing.T, tape monitor.Tape, next uint64) uint64 {
	t.Helper()
	chunks, lost := tape.Read()
	for _, c := range chunks {
		switch {
		case next == 0: // the first
		case c.First > next && c.First-next <= lost:
			lost -= c.First - next
		case c.First != next:
			t.Errorf("after event %d comes %d, and %d are lost", next, c.First, lost)
		}
		next = c.First + uint64(len(c.Events))
	}
	return next
}

// TestAskingOftenMakesNoTapeShorter: what is shown before its chunk is full counts once.
func TestAskingOftenMakesNoTapeShorter(t *testing.T) {
	defer monitor.Keep(2000)()
	watched(t, func(ctx context.Context, w *looker) {
		tape := w.source.Record(monitor.Coarse)
		for range 2000 {
			must(t, asyncio.Yield(ctx))
		}
		for range 30 {
			w.look(t, ctx, monitor.View.Flush)
		}
		for range 2000 {
			must(t, asyncio.Yield(ctx))
		}
		chunks, lost := tape.Read()
		n, next := 0, chunks[0].First
		for _, c := range chunks {
			if c.First != next {
				t.Errorf("event %d comes after %d", c.First, next-1)
			}
			n += len(c.Events)
			next += uint64(len(c.Events))
		}
		if n < 2000 || n > 4000 || lost != 0 {
			t.Errorf("%d events where 2000 are to be kept, %d lost", n, lost)
		}
	})
}

// TestATapeOfShortStepsCountsItsEvents: a round of few entries is told with its first
// step, in one word, and is an event of its own all the same.
func TestATapeOfShortStepsCountsItsEvents(t *testing.T) {
	var tape monitor.Tape
	w := &looker{name: t.Name(), begins: func(s monitor.Source) { tape = s.Record(monitor.Coarse) }}
	defer monitor.Watch(w)()
	must(t, asyncio.Run(context.Background(), func(ctx context.Context) error {
		for range 5000 {
			must(t, asyncio.Yield(ctx))
		}
		return nil
	}, asyncio.LoopName(t.Name())))
	chunks, lost := tape.Read()
	next := chunks[0].First
	for _, c := range chunks {
		if c.First != next {
			t.Errorf("event %d comes after %d", c.First, next-1)
		}
		next = c.First + uint64(len(c.Events))
	}
	if next < 15_000 || lost != 0 {
		t.Errorf("%d events of 5000 yields, and %d lost", next, lost)
	}
}

func TestAListingIsSlicedAlsoWhereNoTimePasses(t *testing.T) {
	watched(t, func(ctx context.Context, w *looker) {
		for range 2000 {
			asyncio.Go(ctx, waitForever)
		}
		must(t, asyncio.Yield(ctx))
		w.look(t, ctx, func(v monitor.View) {
			slice, more := v.Tasks(0, make([]monitor.Task, 0, 3000))
			if len(slice) == 0 || len(slice) > 1000 || !more {
				t.Errorf("%d tasks at once, and more: %v", len(slice), more)
			}
			slice, more = v.Tasks(0, make([]monitor.Task, 0, 3))
			if len(slice) != 3 || !more {
				t.Errorf("%d tasks where there is room for 3, and more: %v", len(slice), more)
			}
			slice, more = v.Tasks(1999, make([]monitor.Task, 0, 3))
			if len(slice) != 2 || more {
				t.Errorf("the last two are %d, and more: %v", len(slice), more)
			}
			if _, _, ok := v.Task(0); ok {
				t.Error("there is a task 0")
			}
		})
		for _, task := range asyncio.AllTasks(ctx)[1:] {
			task.Cancel(nil)
		}
	})
}

func TestATaskThatWaitsForManyIsToldWithSomeOfThem(t *testing.T) {
	watched(t, func(ctx context.Context, w *looker) {
		var seen []uint64
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			for range 500 {
				g.Go(waitForever)
			}
			g.Go(func(ctx context.Context) error {
				must(t, asyncio.Yield(ctx))
				w.look(t, ctx, func(v monitor.View) {
					main, _, _ := v.Task(1)
					seen = main.Tasks
				})
				return errBoom
			})
			return nil
		})
		expectIs(t, "the group", err, errBoom)
		expect(t, "tasks", len(seen), 100)
	})
}

// TestALoopThatIsNeverIdleKnowsSinceWhenItsTasksWait: it has no reason to look at the
// clock by itself.
func TestALoopThatIsNeverIdleKnowsSinceWhenItsTasksWait(t *testing.T) {
	w := &looker{name: t.Name()}
	defer monitor.Watch(w)()
	must(t, asyncio.Run(context.Background(), func(ctx context.Context) error {
		for begin := time.Now(); time.Since(begin) < time.Millisecond; {
			must(t, asyncio.Yield(ctx))
		}
		asked := asyncio.Now(ctx)
		w.look(t, ctx, func(monitor.View) {})
		task := asyncio.Go(ctx, waitForever)
		defer task.Cancel(nil)
		must(t, asyncio.Yield(ctx))
		if since := task.Info().Since; since.Before(asked) {
			t.Errorf("it waits since %v before anybody had created it", asked.Sub(since))
		}
		return nil
	}, asyncio.LoopName(t.Name())))
}

func TestAConsoleThatPanicsIsReportedAndTheOthersAreAnswered(t *testing.T) {
	var reports []asyncio.Report
	w := &looker{name: t.Name()}
	defer monitor.Watch(w)()
	must(t, asyncio.Run(context.Background(), func(ctx context.Context) error {
		nested := false
		w.source.Post(func(monitor.View) { panic("no") })
		w.source.Post(func(monitor.View) { w.source.Post(func(monitor.View) { nested = true }) })
		for range 3 {
			must(t, asyncio.Yield(ctx))
		}
		expect(t, "a question that another one asks is answered", nested, true)
		return nil
	}, asyncio.LoopName(t.Name()), asyncio.OnError(func(r asyncio.Report) { reports = append(reports, r) })))
	expect(t, "reports", len(reports), 1)
}

// TestNobodyWaitsForAnAnswerOfALoopThatHasEnded: a question that comes while it ends is
// answered, refused, or dropped, which Ended tells.
func TestNobodyWaitsForAnAnswerOfALoopThatHasEnded(t *testing.T) {
	var work sync.WaitGroup
	w := &looker{name: t.Name(), begins: func(s monitor.Source) {
		for range 4 {
			work.Go(func() {
				for {
					answered := make(chan struct{})
					if !s.Post(func(monitor.View) { close(answered) }) {
						<-s.Ended()
						s.Last()
						return
					}
					select {
					case <-answered:
					case <-s.Ended():
					}
				}
			})
		}
	}}
	defer monitor.Watch(w)()
	for range 50 {
		must(t, asyncio.Run(context.Background(), asyncio.Yield, asyncio.LoopName(t.Name())))
	}
	work.Wait()
}
