package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
)

func TestE09_SemaphoreNewcomerQueuesBehindAWokenWaiter(t *testing.T) {
	onStage(t, func(s *stage) {
		sem := asyncio.NewSemaphore(1)
		s.must(sem.Acquire(s.ctx))
		take := func(ctx context.Context) error {
			err := sem.Acquire(ctx)
			sem.Release()
			return err
		}
		s.waiter("a", take)
		s.waiter("b", take)
		s.settle()
		sem.Release()
		check(t, "Locked right after Release", sem.Locked(), true)
		s.waiter("new", take)
		s.saw("a", "b", "new")
	})
}

func TestE10_SemaphorePermitOfACancelledWaiterGoesToTheNext(t *testing.T) {
	onStage(t, func(s *stage) {
		sem := asyncio.NewSemaphore(1)
		s.must(sem.Acquire(s.ctx))
		a := s.waiter("a", sem.Acquire)
		s.waiter("b", sem.Acquire)
		s.settle()
		sem.Release()
		a.Cancel(nil)
		s.saw("a cancelled", "b")
		check(t, "a is cancelled", a.Cancelled(), true)
		check(t, "value", sem.Value(), 0)
		sem.Release()
		check(t, "value after the last release", sem.Value(), 1)
	})
}

func TestE11_SemaphoreRefusesImpossibleCounts(t *testing.T) {
	t.Run("a bounded one that is released too often", func(t *testing.T) {
		sem := asyncio.NewBoundedSemaphore(2)
		panics(t, "asyncio: release of 1 permits to a semaphore that has 2 of at most 2: released more than was acquired", sem.Release)
		check(t, "value", sem.Value(), 2)
		check(t, "TryAcquire", sem.TryAcquire(), true)
		panics(t, "asyncio: release of 2 permits to a semaphore that has 1 of at most 2: released more than was acquired",
			func() { sem.ReleaseN(2) })
		sem.Release()
		check(t, "value", sem.Value(), 2)
	})
	t.Run("a bounded one through the semaphore in it", func(t *testing.T) {
		sem := asyncio.NewBoundedSemaphore(0)
		panics(t, "asyncio: release of 1 permits to a semaphore that has 0 of at most 0: released more than was acquired",
			sem.Semaphore.Release)
	})
	t.Run("negative permits", func(t *testing.T) {
		panics(t, "asyncio: NewSemaphore with -1 permits: the number must not be negative", func() { asyncio.NewSemaphore(-1) })
		panics(t, "asyncio: NewBoundedSemaphore with -1 permits: the number must not be negative",
			func() { asyncio.NewBoundedSemaphore(-1) })
		panics(t, "asyncio: ReleaseN of -1 permits: the number must not be negative",
			func() { asyncio.NewSemaphore(1).ReleaseN(-1) })
		panics(t, "asyncio: TryAcquireN of -1 permits: the semaphore can have 0 to 3",
			func() { asyncio.NewBoundedSemaphore(3).TryAcquireN(-1) })
	})
	t.Run("more than there will ever be", func(t *testing.T) {
		onStage(t, func(s *stage) {
			panics(t, "asyncio: AcquireN of 4 permits: the semaphore can have 0 to 3",
				func() { asyncio.NewBoundedSemaphore(3).AcquireN(s.ctx, 4) })
		})
	})
	t.Run("an overflow", func(t *testing.T) {
		sem := asyncio.NewSemaphore(math.MaxInt)
		defer func() { check(t, "panicked", recover() != nil, true) }()
		sem.Release()
	})
}

func TestE16_SemaphoreReleasedTwiceInOneStepWakesTwo(t *testing.T) {
	for name, release := range map[string]func(*asyncio.Semaphore){
		"one by one": func(sem *asyncio.Semaphore) { sem.Release(); sem.Release() },
		"at once":    func(sem *asyncio.Semaphore) { sem.ReleaseN(2) },
	} {
		t.Run(name, func(t *testing.T) {
			onStage(t, func(s *stage) {
				sem := asyncio.NewSemaphore(2)
				s.must(sem.AcquireN(s.ctx, 2))
				for i := range 3 {
					s.waiter(fmt.Sprint(i), sem.Acquire)
				}
				s.settle()
				release(sem)
				s.saw("0", "1")
				check(t, "stats", sem.Stats(), asyncio.SemaphoreStats{Waiting: 1})
			})
		})
	}
}

func TestE14_SemaphoreOnTwoLoopsIsRefusedWhileSomebodyWaits(t *testing.T) {
	sem := asyncio.NewSemaphore(0)
	refusedOnSecondLoop(t, sem.Acquire)
}

func TestB2_Semaphore(t *testing.T) {
	handsOn(t, func(s *stage) rivalry {
		sem := asyncio.NewSemaphore(0)
		return rivalry{wait: sem.Acquire, free: sem.Release}
	})
}

func TestSemaphoreServesLargeRequestsInTurn(t *testing.T) {
	t.Run("a large one holds up the small ones behind it", func(t *testing.T) {
		onStage(t, func(s *stage) {
			sem := asyncio.NewSemaphore(2)
			s.waiter("large", func(ctx context.Context) error { return sem.AcquireN(ctx, 3) })
			s.waiter("small", sem.Acquire)
			s.saw()
			check(t, "TryAcquire with two permits free", sem.TryAcquire(), false)
			sem.ReleaseN(2)
			s.saw("large", "small")
			check(t, "value", sem.Value(), 0)
		})
	})
	t.Run("when it is cancelled, the small ones go on", func(t *testing.T) {
		onStage(t, func(s *stage) {
			sem := asyncio.NewSemaphore(2)
			large := s.waiter("large", func(ctx context.Context) error { return sem.AcquireN(ctx, 3) })
			s.waiter("small 1", sem.Acquire)
			s.waiter("small 2", sem.Acquire)
			s.waiter("small 3", sem.Acquire)
			s.settle()
			large.Cancel(nil)
			s.saw("large cancelled", "small 1", "small 2")
		})
	})
	t.Run("when it is cancelled after it was woken, all its permits go on", func(t *testing.T) {
		onStage(t, func(s *stage) {
			sem := asyncio.NewSemaphore(0)
			large := s.waiter("large", func(ctx context.Context) error { return sem.AcquireN(ctx, 2) })
			s.waiter("small 1", sem.Acquire)
			s.waiter("small 2", sem.Acquire)
			s.settle()
			sem.ReleaseN(2)
			large.Cancel(nil)
			s.saw("large cancelled", "small 1", "small 2")
		})
	})
	t.Run("none at all are there at once", func(t *testing.T) {
		onStage(t, func(s *stage) { s.must(asyncio.NewSemaphore(0).AcquireN(s.ctx, 0)) })
	})
}

func TestSemaphoreLetsNewcomersInOnceTheWokenWaiterHasRun(t *testing.T) {
	onStage(t, func(s *stage) {
		sem := asyncio.NewSemaphore(0)
		s.waiter("a", sem.Acquire)
		s.settle()
		sem.ReleaseN(3) // a's, and two more
		check(t, "value", sem.Value(), 2)
		check(t, "TryAcquire before a has run", sem.TryAcquire(), false)
		s.waiter("b", sem.Acquire)
		s.waiter("c", sem.Acquire)
		s.waiter("d", sem.Acquire)
		s.saw("a", "b", "c")
	})
}

// CPython's order, checked against it (S5): a release wakes one waiter, even where
// newcomers had to queue though permits were left. Those go on when the waiter runs
// that they queued behind, here a, which is after the callback was put into the queue.
func TestSemaphoreReleaseOfOnePermitWakesOneWaiter(t *testing.T) {
	onStage(t, func(s *stage) {
		sem := asyncio.NewSemaphore(0)
		s.waiter("a", sem.Acquire)
		s.settle()
		s.waiter("b", sem.Acquire)
		s.waiter("c", sem.Acquire)
		s.task("releaser", func(ctx context.Context) error {
			sem.Release()
			asyncio.CallSoon(ctx, func() { s.note("callback") })
			return nil
		})
		sem.ReleaseN(2)
		s.saw("a", "b", "callback", "c")
	})
}

func TestSemaphoreZeroValueHasNoPermits(t *testing.T) {
	onStage(t, func(s *stage) {
		var sem asyncio.Semaphore
		check(t, "TryAcquire", sem.TryAcquire(), false)
		s.waiter("a", sem.Acquire)
		s.settle()
		sem.Release()
		s.saw("a")
	})
}

func TestSemaphoreUnderAContextThatHasEndedKeepsItsPermits(t *testing.T) {
	onStage(t, func(s *stage) {
		sem := asyncio.NewSemaphore(1)
		ctx, cancel := asyncio.WithCancel(s.ctx)
		cancel(nil)
		check(t, "error is context.Canceled", errors.Is(sem.Acquire(ctx), context.Canceled), true)
		check(t, "value", sem.Value(), 1)
	})
}

// Everybody is cancelled at once, and the holder among them releases first: each of
// the others then looks for somebody to wake. That must not cost a walk along the
// whole line each time.
func TestSemaphoreWithManyCancelledWaitersTakesLinearTime(t *testing.T) {
	const tasks = 50_000
	onStage(t, func(s *stage) {
		sem := asyncio.NewSemaphore(0)
		ended := 0
		all := make([]*asyncio.Task[struct{}], tasks)
		for i := range all {
			all[i] = asyncio.Go(s.ctx, func(ctx context.Context) error {
				err := sem.Acquire(ctx)
				if err != nil {
					ended++
				}
				return err
			})
		}
		s.settle()
		check(t, "waiting", sem.Stats().Waiting, tasks)
		for _, task := range all {
			task.Cancel(nil)
		}
		sem.Release()
		s.settle()
		check(t, "tasks that ended cancelled", ended, tasks)
		check(t, "stats", sem.Stats(), asyncio.SemaphoreStats{Value: 1})
	})
}

func ExampleSemaphore() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		slots := asyncio.NewSemaphore(2)
		downloading, most := 0, 0
		download := func(ctx context.Context) error {
			if err := slots.Acquire(ctx); err != nil {
				return err
			}
			defer slots.Release()
			downloading++
			most = max(most, downloading)
			defer func() { downloading-- }()
			return asyncio.Sleep(ctx, time.Millisecond)
		}
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			for range 10 {
				g.Go(download)
			}
			return nil
		})
		fmt.Println("at most", most, "at once")
		return err
	})
	// Output:
	// at most 2 at once
}

func ExampleBoundedSemaphore() {
	lanes := asyncio.NewBoundedSemaphore(2)
	fmt.Println(lanes.TryAcquire(), lanes.TryAcquire(), lanes.TryAcquire())
	lanes.ReleaseN(2)
	defer func() { fmt.Println("a release too many is a bug:", recover() != nil) }()
	lanes.Release()
	// Output:
	// true true false
	// a release too many is a bug: true
}
