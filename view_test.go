package asyncio_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/monitor"
)

func TestAListingDuringChurnMissesNoTaskThatLivedThroughIt(t *testing.T) {
	watched(t, func(ctx context.Context, w *looker) {
		r := rand.New(rand.NewPCG(5, 6))
		alive := map[uint64]*asyncio.Task[struct{}]{}
		churn := func(born, dead int) {
			for range born {
				task := asyncio.Go(ctx, waitForever)
				alive[task.ID()] = task
			}
			for id, task := range alive {
				if dead--; dead < 0 {
					break
				}
				task.Cancel(nil)
				delete(alive, id)
			}
			must(t, asyncio.Yield(ctx))
			must(t, asyncio.Yield(ctx))
		}
		churn(2000, 0)
		for range 10 {
			lived := map[uint64]bool{}
			for id := range alive {
				lived[id] = true
			}
			after, more := uint64(0), true
			for more {
				w.look(t, ctx, func(v monitor.View) {
					var tasks []monitor.Task
					tasks, more = v.Tasks(after, make([]monitor.Task, 0, 50+r.IntN(200)))
					for _, task := range tasks {
						if task.ID <= after {
							t.Fatalf("task %d comes after %d", task.ID, after)
						}
						after = task.ID
						delete(lived, task.ID)
					}
				})
				churn(r.IntN(100), r.IntN(150))
			}
			for id := range lived {
				if alive[id] != nil {
					t.Errorf("task %d was there all along, and is not in the listing", id)
				}
			}
			churn(1000, 100)
		}
	})
}

func TestAConsoleSeesWhatTasksShare(t *testing.T) {
	watched(t, func(ctx context.Context, w *looker) {
		var lock asyncio.Lock
		q := asyncio.NewQueue[int](5)
		must(t, lock.Acquire(ctx))
		must(t, q.Put(ctx, 1))
		must(t, q.Put(ctx, 2))
		waits := asyncio.Go(ctx, func(ctx context.Context) error { return lock.Acquire(ctx) })
		must(t, asyncio.Yield(ctx))
		w.look(t, ctx, func(v monitor.View) {
			all, next := v.Resources(0, make([]monitor.Resource, 0, 10))
			if len(all) != 2 || next != 0 {
				t.Fatalf("resources %+v", all)
			}
			expect(t, "the lock", all[0].Kind+" "+all[0].State, `Lock held by task "main"`)
			expect(t, "its holders", all[0].Holders, []uint64{1})
			expect(t, "who waits for it", all[0].Waiting, 1)
			task, _, _ := v.Task(waits.ID())
			expect(t, "what that task waits for", task.On, all[0].ID)
			expect(t, "the queue", all[1].State, "2 of 5")
			expect(t, "its length and limit", []int{all[1].Length, all[1].Limit}, []int{2, 5})
		})
		lock.Release()
		waits.Await(ctx)
		runtime.KeepAlive(q)
	})
}

func TestAConsoleKeepsNoResourceAlive(t *testing.T) {
	watched(t, func(ctx context.Context, w *looker) {
		for range 1000 {
			e := new(asyncio.Event)
			e.Set()
			must(t, e.Wait(ctx))
		}
		runtime.GC()
		runtime.GC()
		w.look(t, ctx, func(v monitor.View) {
			if all, _ := v.Resources(0, make([]monitor.Resource, 0, 2000)); len(all) > 10 {
				t.Errorf("%d events that nobody has any more", len(all))
			}
		})
	})
}

func TestAConsoleSeesTimersThreadsAndFailures(t *testing.T) {
	watched(t, func(ctx context.Context, w *looker) {
		start := asyncio.Now(ctx)
		sleeper := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
		asyncio.CallLater(ctx, time.Minute, func() {})
		failing := asyncio.Go(ctx, func(context.Context) error { return errBoom })
		release := make(chan struct{})
		thread := asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) { <-release; return 0, nil })
			return err
		})
		must(t, asyncio.Yield(ctx))
		w.look(t, ctx, func(v monitor.View) {
			s := v.Stats()
			expect(t, "counts", []int{s.Tasks, s.Timers, s.Threads, s.Failures}, []int{3, 2, 1, 1})
			expect(t, "the first timer", s.Next, start.Add(time.Minute))
			timers, _ := v.Timers(0, make([]monitor.Timer, 0, 10))
			for _, timer := range timers {
				if timer.Task == sleeper.ID() {
					expect(t, "the sleep ends", timer.When, start.Add(time.Hour))
				} else if !strings.HasPrefix(timer.What, "callback asyncio_test.TestAConsoleSeesTimers") {
					t.Errorf("a timer for %q", timer.What)
				}
			}
			rest, more := v.Timers(1, make([]monitor.Timer, 0, 10))
			expect(t, "timers behind the first", len(rest), 1)
			expect(t, "and more", more, false)
			threads, _ := v.Threads(0, make([]monitor.Thread, 0, 10))
			expect(t, "threads", len(threads), 1)
			expect(t, "whose", threads[0].Task, thread.ID())
			failures, _ := v.Failures(0, make([]monitor.Failure, 0, 10))
			expect(t, "failures", failures, []monitor.Failure{{Task: failing.Name(), Error: errBoom.Error()}})
		})
		close(release)
		failing.Err()
		thread.Await(ctx)
		sleeper.Cancel(nil)
	})
}

func TestAMeterTellsHowTheTimeWasSpent(t *testing.T) {
	watched(t, func(ctx context.Context, w *looker) {
		stop := w.source.Meter()
		must(t, asyncio.Sleep(ctx, time.Minute))
		must(t, asyncio.Sleep(ctx, time.Minute))
		w.look(t, ctx, func(v monitor.View) {
			s := v.Stats()
			expect(t, "asleep", s.Asleep, 2*time.Minute)
			expect(t, "busy", s.Busy, time.Duration(0))
			expect(t, "timers that were on time", s.Lag.Buckets[0], 2)
		})
		stop()
		stop()
		must(t, asyncio.Yield(ctx))
		w.look(t, ctx, func(v monitor.View) {
			if s := v.Stats(); !s.Metered.IsZero() || s.Asleep != 0 {
				t.Errorf("nobody wants it any more, and there is %v", s)
			}
		})
	})
}

// BenchmarkListing is a listing of 100,000 tasks by another goroutine: what it takes, and
// how long the loop is held for a slice of it. On a busy machine the longest is that of
// another process, which had the processor meanwhile.
func BenchmarkListing(b *testing.B) {
	w := &looker{name: b.Name()}
	defer monitor.Watch(w)()
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		for range 100_000 {
			asyncio.Go(ctx, waitForever)
		}
		asyncio.Yield(ctx)
		var held []time.Duration
		_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
			for b.Loop() {
				n, took := list(w.source)
				if n < 100_000 {
					b.Errorf("%d tasks", n)
				}
				held = append(held, took...)
			}
			return 0, nil
		})
		slices.Sort(held)
		b.ReportMetric(float64(held[len(held)/2].Microseconds()), "µs-half")
		b.ReportMetric(float64(held[len(held)*99/100].Microseconds()), "µs-99%")
		b.ReportMetric(float64(held[len(held)-1].Microseconds()), "µs-longest")
		return err
	}, asyncio.LoopName(b.Name()))
}

// list lists all tasks from outside and returns how many they are, and how long the loop
// was held for each slice.
func list(s monitor.Source) (n int, held []time.Duration) {
	buf := make([]monitor.Task, 0, 1000)
	for after, more := uint64(0), true; more; {
		answered := make(chan struct{})
		s.Post(func(v monitor.View) {
			begin := time.Now()
			buf, more = v.Tasks(after, buf[:0])
			held = append(held, time.Since(begin))
			close(answered)
		})
		<-answered
		n += len(buf)
		after = buf[len(buf)-1].ID
	}
	return n, held
}

func TestResourcesComeInSlicesAlsoWhereMostAreGone(t *testing.T) {
	watched(t, func(ctx context.Context, w *looker) {
		kept := make([]*asyncio.Event, 1000)
		for i := range kept {
			kept[i] = new(asyncio.Event)
			kept[i].Set()
			must(t, kept[i].Wait(ctx))
		}
		ids := map[uint64]bool{}
		w.look(t, ctx, func(v monitor.View) {
			for after, n := uint64(0), 0; n == 0 || after != 0; n++ {
				var some []monitor.Resource
				some, after = v.Resources(after, make([]monitor.Resource, 0, 300))
				if len(some) > 300 {
					t.Fatalf("%d where there is room for 300", len(some))
				}
				for _, r := range some {
					if ids[r.ID] {
						t.Fatal("one comes twice")
					}
					ids[r.ID] = true
				}
			}
		})
		expect(t, "events", len(ids), len(kept))
		runtime.KeepAlive(kept)
		clear(kept)
		runtime.GC()
		runtime.GC()
		w.look(t, ctx, func(v monitor.View) {
			if some, next := v.Resources(0, make([]monitor.Resource, 0, 300)); len(some) > 10 || next == 0 {
				t.Errorf("%d of those that are gone, and a loop that has gone through a thousand at once: %v", len(some), next == 0)
			}
		})
	})
}

func TestAResourceIsShownByTheLoopThatUsesIt(t *testing.T) {
	use := func(l *asyncio.Lock) func(context.Context) error {
		return func(ctx context.Context) error {
			defer l.Release()
			return l.Acquire(ctx)
		}
	}
	locks := func(w *looker, t *testing.T, ctx context.Context) (n int) {
		w.look(t, ctx, func(v monitor.View) {
			all, _ := v.Resources(0, make([]monitor.Resource, 0, 100))
			for _, r := range all {
				if r.Kind == "Lock" {
					n++
				}
			}
		})
		return n
	}
	t.Run("and no more by the one that it has left", func(t *testing.T) {
		watched(t, func(ctx context.Context, w *looker) {
			var moves, stays asyncio.Lock
			must(t, use(&moves)(ctx))
			must(t, use(&stays)(ctx))
			expect(t, "locks", locks(w, t, ctx), 2)
			_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
				return 0, asyncio.Run(context.Background(), use(&moves))
			})
			must(t, err)
			expect(t, "locks that are left", locks(w, t, ctx), 1)
			runtime.KeepAlive(&stays)
		})
	})
	t.Run("in its next run too", func(t *testing.T) {
		w := &looker{name: t.Name()}
		defer monitor.Watch(w)()
		l, lock := asyncio.NewLoop(asyncio.LoopName(t.Name())), new(asyncio.Lock)
		for range 2 {
			must(t, l.Run(context.Background(), func(ctx context.Context) error {
				must(t, use(lock)(ctx))
				expect(t, "locks", locks(w, t, ctx), 1)
				return nil
			}))
		}
	})
	t.Run("though it moves while somebody looks", func(t *testing.T) { // for the race detector
		w := &looker{name: t.Name(), begins: func(s monitor.Source) { go pester(s, nil) }}
		defer monitor.Watch(w)()
		must(t, asyncio.Run(context.Background(), func(ctx context.Context) error {
			var lock asyncio.Lock
			for range 20 {
				must(t, use(&lock)(ctx))
				_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
					return 0, asyncio.Run(context.Background(), use(&lock))
				})
				must(t, err)
			}
			return nil
		}, asyncio.LoopName(t.Name())))
	})
}
