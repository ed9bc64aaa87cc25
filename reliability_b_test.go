package asyncio_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// Case B1, a cancellation at every point of many programs, is TestSweep….

// A handover is a primitive at which two tasks wait and that one wake-up reaches.
type handover struct {
	name string
	make func() (wait func(context.Context) error, wake func())
}

var handovers = []handover{
	{"lock", func() (func(context.Context) error, func()) {
		l := new(asyncio.Lock)
		l.TryAcquire()
		return l.Acquire, l.Release
	}},
	{"semaphore", func() (func(context.Context) error, func()) {
		s := asyncio.NewSemaphore(0)
		return s.Acquire, s.Release
	}},
	{"write lock", func() (func(context.Context) error, func()) {
		l := new(asyncio.RWLock)
		l.TryAcquireWrite()
		return l.AcquireWrite, l.ReleaseWrite
	}},
	{"limiter", func() (func(context.Context) error, func()) {
		l := asyncio.NewCapacityLimiter(0)
		return l.Acquire, func() { l.SetTotal(1) }
	}},
	{"notify", func() (func(context.Context) error, func()) {
		n := new(asyncio.Notify)
		return n.Wait, n.Notify
	}},
	{"item of a queue", func() (func(context.Context) error, func()) {
		q := asyncio.NewQueue[int](1)
		return func(ctx context.Context) error { _, err := q.Get(ctx); return err }, func() { q.TryPut(1) }
	}},
	{"place in a queue", func() (func(context.Context) error, func()) {
		q := asyncio.NewQueue[int](1)
		q.TryPut(0)
		return func(ctx context.Context) error { return q.Put(ctx, 1) }, func() { q.TryGet() }
	}},
	{"value of a channel", func() (func(context.Context) error, func()) {
		s, r := asyncio.NewChannel[int](1)
		return func(ctx context.Context) error { _, err := r.Receive(ctx); return err }, func() { s.TrySend(1) }
	}},
}

func TestReliabilityB2_ACancelledWaiterHandsOnWhatItWasWokenFor(t *testing.T) {
	for _, h := range handovers {
		for _, order := range []string{"woken, then cancelled", "cancelled, then woken"} {
			t.Run(h.name+" "+order, func(t *testing.T) {
				asynciotest.Run(t, func(ctx context.Context) {
					wait, wake := h.make()
					first := asyncio.Go(ctx, wait)
					second := asyncio.Go(ctx, wait)
					asynciotest.WaitIdle(ctx)
					if order == "woken, then cancelled" {
						wake()
						first.Cancel(nil)
					} else {
						first.Cancel(nil)
						wake()
					}
					asynciotest.WaitIdle(ctx)
					if !first.Cancelled() {
						t.Error("the first is not cancelled")
					}
					if _, err := second.Result(); err != nil {
						t.Errorf("the second has not got it: %v", err)
					}
				})
			})
		}
	}
}

func TestReliabilityB3_ATimeoutInTheRoundOfTheResult(t *testing.T) {
	both := func(t *testing.T, resultFirst bool) (v int, err error) {
		asynciotest.Run(t, func(ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			set := func() { asyncio.CallLater(ctx, time.Second, func() { f.SetResult(7) }) }
			if resultFirst {
				set()
			}
			v, err = asyncio.WaitFor(ctx, time.Second, func(ctx context.Context) (int, error) {
				if !resultFirst {
					set()
				}
				return f.Await(ctx)
			})
			if u, e := f.Result(); u != 7 || e != nil {
				t.Errorf("the future has lost its result: %v, %v", u, e)
			}
		})
		return v, err
	}
	t.Run("has the same outcome in every run, and the result is never lost", func(t *testing.T) {
		for _, resultFirst := range []bool{true, false} {
			v, err := both(t, resultFirst)
			for range 3 {
				if v2, err2 := both(t, resultFirst); v2 != v || (err2 == nil) != (err == nil) {
					t.Errorf("%v, %v and then %v, %v", v, err, v2, err2)
				}
			}
			if err != nil && !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		}
	})

	t.Run("an outer cancellation in the same round is not taken for the timeout", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			ctx, cancel := asyncio.WithCancel(ctx)
			asyncio.CallLater(ctx, time.Second, func() { cancel(errSwept) })
			inner, timeout := asyncio.WithTimeout(ctx, time.Second)
			defer timeout.Cancel()
			err := asyncio.Sleep(inner, time.Hour)
			if timeout.Caused(err) || ctx.Err() == nil {
				t.Errorf("the timeout claims %v", err)
			}
		})
	})
}

func TestReliabilityB4_AnOuterTimeoutSurfacesThroughAnInnerCancelledGroup(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		outer, timeout := asyncio.WithTimeout(ctx, 500*time.Millisecond)
		defer timeout.Cancel()
		err := asyncio.WithTaskGroup(outer, func(ctx context.Context, g *asyncio.TaskGroup) error {
			g.Go(func(ctx context.Context) error {
				asyncio.Sleep(ctx, time.Hour)
				return asyncio.Sleep(context.WithoutCancel(ctx), time.Second) // the clean-up
			})
			asyncio.Yield(ctx)
			g.Cancel(nil)
			return nil
		})
		if next := asyncio.Yield(outer); !timeout.Caused(next) {
			t.Errorf("the group returned %v, and the next wait %v", err, next)
		}
	})
}

func TestReliabilityB5_AnErrorOfAChildAndACancellationOfTheParentAtOnce(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var inside error
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			err := together(ctx, func(ctx context.Context) error {
				return together(ctx, func(ctx context.Context) error {
					asyncio.Sleep(ctx, time.Hour)
					return errSwept
				})
			})
			inside = asyncio.Yield(ctx)
			return err
		})
		asynciotest.WaitIdle(ctx)
		task.Cancel(nil)
		if _, err := task.Await(ctx); !errors.Is(err, errSwept) {
			t.Errorf("the child's error is lost: %v", err)
		}
		if !errors.Is(inside, context.Canceled) {
			t.Errorf("the parent is not cancelled any more: %v", inside)
		}
	})
}

func TestReliabilityB6_ACancellationThatIsRefusedDoesNotSpin(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		release := make(chan struct{})
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := asyncio.ToThread(context.WithoutCancel(ctx), func(context.Context) (int, error) { <-release; return 0, nil })
			return err
		})
		asynciotest.WaitIdle(ctx)
		task.Cancel(nil)
		steps := 0
		asyncio.CallSoon(ctx, func() { steps++ })
		asynciotest.WaitIdle(ctx) // would never come where the loop kept delivering
		close(release)
		if _, err := task.Await(ctx); err != nil || steps != 1 {
			t.Errorf("%v, %d", err, steps)
		}
	})
}

func TestReliabilityB7_ACleanUpWithoutAShieldDoesNotHang(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var bare, shielded error
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			defer func() {
				bare = asyncio.Sleep(ctx, time.Hour)
				ctx, cancel := asyncio.Shield(ctx, time.Second)
				defer cancel()
				shielded = asyncio.Sleep(ctx, time.Hour)
			}()
			return asyncio.Sleep(ctx, time.Hour)
		})
		asyncio.Yield(ctx)
		start := asyncio.Now(ctx)
		task.Cancel(nil)
		task.Await(ctx)
		if d := asyncio.Now(ctx).Sub(start); d != time.Second {
			t.Errorf("the clean-up took %v; its grace is a second", d)
		}
		if !errors.Is(bare, context.Canceled) || !errors.Is(shielded, context.DeadlineExceeded) {
			t.Errorf("bare: %v; shielded: %v", bare, shielded)
		}
	})
}

func TestReliabilityB8_CancellationsThatComeAtOddMoments(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		done := asyncio.Go(ctx, func(context.Context) error { return nil })
		done.Await(ctx)
		if done.Cancel(nil) || done.Cancelled() {
			t.Error("a task that is done was cancelled")
		}
		twice := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
		if !twice.Cancel(errSwept) || !twice.Cancel(errors.New("second")) {
			t.Error("a task that goes on refused a cancellation")
		}
		if _, err := twice.Await(ctx); !errors.Is(err, errSwept) {
			t.Errorf("the first cause does not count: %v", err)
		}
		var self *asyncio.Task[struct{}]
		self = asyncio.Go(ctx, func(ctx context.Context) error {
			self.Cancel(nil)
			return asyncio.Sleep(ctx, time.Hour)
		})
		if _, err := self.Await(ctx); !errors.Is(err, asyncio.ErrTaskCancelled) {
			t.Error(err)
		}
		closed := false
		early := asyncio.Go(ctx, func(ctx context.Context) error {
			defer func() { closed = true }()
			return asyncio.Yield(ctx)
		})
		early.Cancel(nil)
		if _, err := early.Await(ctx); !errors.Is(err, asyncio.ErrTaskCancelled) || !closed {
			t.Errorf("cancelled before its first step: %v, arguments closed: %v", err, closed)
		}
	})
}

func TestReliabilityB13_ManyTasksCancelledAtRandomPoints(t *testing.T) {
	defer asynciotest.CheckLeaks(t)()
	for seed := range uint64(5) {
		random := rand.New(rand.NewPCG(seed, 0))
		asynciotest.Run(t, func(ctx context.Context) {
			sem, q := asyncio.NewSemaphore(10), asyncio.NewQueue[int](5)
			var tasks []*asyncio.Task[struct{}]
			for i := range 1000 {
				tasks = append(tasks, asyncio.Go(ctx, func(ctx context.Context) error {
					if err := sem.Acquire(ctx); err != nil {
						return err
					}
					defer sem.Release()
					if i%2 == 0 {
						return q.Put(ctx, i)
					}
					if err := steps(ctx); err != nil {
						return err
					}
					_, err := q.Get(ctx)
					return err
				}))
			}
			for _, i := range random.Perm(len(tasks)) {
				tasks[i].Cancel(nil)
				if random.IntN(8) == 0 {
					asyncio.Sleep(ctx, time.Duration(random.IntN(2))*time.Millisecond)
				}
			}
			if _, err := asyncio.GatherSettled(ctx, tasks...); err != nil || sem.Value() != 10 {
				t.Errorf("seed %d: %v, %d permits of 10", seed, err, sem.Value())
			}
		})
	}
}

func TestReliabilityB14_AGroupOfManyIsCancelledInTimeThatGrowsWithItsSize(t *testing.T) {
	var tr trace
	const n = 20_000
	asynciotest.Run(t, func(ctx context.Context) {
		asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			for range n {
				g.Go(func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
			}
			asyncio.Yield(ctx)
			return errSwept
		})
	}, asyncio.Observe(&tr))
	// created, two steps of two events, parked, woken, done: 8 for each child
	if limit := 8*n + 20; len(tr) > limit {
		t.Errorf("%d events, want at most %d", len(tr), limit)
	}
}

func TestReliabilityB15_ACancellationThatIsIgnoredComesAgainAtEveryWait(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var errs []error
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			var l asyncio.Lock
			q := asyncio.NewQueue[int](1)
			q.TryPut(1)
			asyncio.Sleep(ctx, time.Hour)
			_, get := q.Get(ctx)
			_, thread := asyncio.ToThread(ctx, func(context.Context) (int, error) { t.Error("a thread was started"); return 0, nil })
			errs = append(errs, asyncio.Sleep(ctx, 0), asyncio.Yield(ctx), asyncio.Checkpoint(ctx), l.Acquire(ctx), get, thread)
			return nil
		})
		asyncio.Yield(ctx)
		task.Cancel(nil)
		if _, err := task.Await(ctx); err != nil {
			t.Errorf("a task that swallows its cancellation has a result: %v", err)
		}
		if i := slices.IndexFunc(errs, func(err error) bool { return !errors.Is(err, context.Canceled) }); i >= 0 || len(errs) != 6 {
			t.Errorf("wait %d returned %v", i, errs)
		}
	})
}
