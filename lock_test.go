package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
)

func TestE01_LockIsFIFOAndFreeOneDoesNotYield(t *testing.T) {
	onStage(t, func(s *stage) {
		var l asyncio.Lock
		asyncio.CallSoon(s.ctx, func() { s.note("another callback ran") })
		s.must(l.Acquire(s.ctx))
		check(t, "number of notes after a free acquire", len(s.notes), 0)
		for i := range 3 {
			s.task(fmt.Sprint(i), func(ctx context.Context) error {
				s.must(l.Acquire(ctx))
				defer l.Release()
				s.note("%d", i)
				return asyncio.Yield(ctx)
			})
		}
		s.settle()
		l.Release()
		s.saw("another callback ran", "0", "1", "2")
	})
}

func TestE02_LockReleasedAndAcquiredAgainGoesToTheBackOfTheLine(t *testing.T) {
	onStage(t, func(s *stage) {
		var l asyncio.Lock
		s.must(l.Acquire(s.ctx))
		s.task("waiter", func(ctx context.Context) error {
			s.must(l.Acquire(ctx))
			s.note("waiter")
			l.Release()
			return nil
		})
		s.settle()
		l.Release()
		check(t, "Locked right after Release", l.Locked(), false)
		s.must(l.Acquire(s.ctx))
		s.note("releaser again")
		s.saw("waiter", "releaser again")
	})
}

func TestE03_LockPassesOnWhenTheWokenWaiterIsCancelled(t *testing.T) {
	onStage(t, func(s *stage) {
		var l asyncio.Lock
		s.must(l.Acquire(s.ctx))
		a, b := s.waiter("a", l.Acquire), s.waiter("b", l.Acquire)
		s.settle()
		l.Release()
		a.Cancel(nil)
		s.saw("a cancelled", "b")
		check(t, "a is cancelled", a.Cancelled(), true)
		check(t, "b is done", b.Done(), true)
		check(t, "Locked", l.Locked(), true)
	})
}

func TestE04_LockMayBeReleasedByAnotherTaskAndIsNotReentrant(t *testing.T) {
	t.Run("releasing a lock that is not held panics", func(t *testing.T) {
		panics(t, "asyncio: Lock.Release: the lock is not held", new(asyncio.Lock).Release)
	})
	t.Run("another task releases", func(t *testing.T) {
		onStage(t, func(s *stage) {
			var l asyncio.Lock
			s.must(l.Acquire(s.ctx))
			s.task("other", func(context.Context) error { l.Release(); return nil })
			s.settle()
			check(t, "Locked", l.Locked(), false)
		})
	})
	t.Run("acquiring twice waits for oneself", func(t *testing.T) {
		onStage(t, func(s *stage) {
			var l asyncio.Lock
			twice := s.task("twice", func(ctx context.Context) error {
				s.must(l.Acquire(ctx))
				return l.Acquire(ctx)
			})
			s.settle()
			check(t, "second acquire is done", twice.Done(), false)
			twice.Cancel(nil)
			s.settle()
			check(t, "cancelled", twice.Cancelled(), true)
			check(t, "the first hold is kept", l.Locked(), true)
		})
	})
	t.Run("a deadlock is reported", func(t *testing.T) {
		err := asyncio.Run(context.Background(), func(ctx context.Context) error {
			var l asyncio.Lock
			if err := l.Acquire(ctx); err != nil {
				return err
			}
			return l.Acquire(ctx)
		})
		check(t, "error is ErrDeadlock", errors.Is(err, asyncio.ErrDeadlock), true)
	})
}

func TestE14_LockOnTwoLoops(t *testing.T) {
	t.Run("is refused while it is in use", func(t *testing.T) {
		var l asyncio.Lock
		refusedOnSecondLoop(t, l.Acquire)
	})
	t.Run("works one after the other", func(t *testing.T) {
		var l asyncio.Lock
		for range 2 {
			onStage(t, func(s *stage) {
				s.must(l.Acquire(s.ctx))
				l.Release()
			})
		}
	})
}

func TestT12_LockKnowsItsOwnerForReportsOnly(t *testing.T) {
	onStage(t, func(s *stage) {
		var l asyncio.Lock
		s.task("ann", func(ctx context.Context) error { return l.Acquire(ctx) })
		s.settle()
		s.waiter("bob", l.Acquire)
		s.settle()
		check(t, "stats", l.Stats(), asyncio.LockStats{Locked: true, Owner: "ann", Waiting: 1})
		l.Release() // Trio refuses this; asyncio and we do not
		check(t, "stats after release", l.Stats(), asyncio.LockStats{})
		s.saw("bob")
		check(t, "stats in the end", l.Stats(), asyncio.LockStats{Locked: true, Owner: "bob"})
	})
}

func TestT21_LockIsHandedOverSoThatNobodyTakesItInBetween(t *testing.T) {
	onStage(t, func(s *stage) {
		var l asyncio.Lock
		check(t, "TryAcquire of a free lock", l.TryAcquire(), true)
		check(t, "TryAcquire of a held lock", l.TryAcquire(), false)
		s.waiter("waiter", l.Acquire)
		s.settle()
		l.Release()
		check(t, "TryAcquire of a lock that is promised", l.TryAcquire(), false)
		s.saw("waiter")
	})
}

func TestT20_LockSemaphoreAndConditionWakeInFIFOOrder(t *testing.T) {
	var l asyncio.Lock
	sem := asyncio.NewSemaphore(1)
	cond := asyncio.NewCondition(nil)
	for name, p := range map[string]struct {
		take func(context.Context) error
		give func()
	}{
		"Lock":      {l.Acquire, l.Release},
		"Semaphore": {sem.Acquire, sem.Release},
		"Condition": {cond.Acquire, cond.Release},
	} {
		t.Run(name, func(t *testing.T) {
			onStage(t, func(s *stage) {
				s.must(p.take(s.ctx))
				for i := range 4 {
					s.task("", func(ctx context.Context) error {
						s.must(p.take(ctx))
						s.note("%d", i)
						p.give()
						return nil
					})
				}
				s.settle()
				p.give()
				s.saw("0", "1", "2", "3")
			})
		})
	}
}

func TestB2_Lock(t *testing.T) {
	handsOn(t, func(s *stage) rivalry {
		l := new(asyncio.Lock)
		s.must(l.Acquire(s.ctx))
		return rivalry{wait: l.Acquire, free: l.Release}
	})
}

// A cancelled task keeps its place in the line until it has run, as in CPython: the
// offer reaches the next one a round later than it would otherwise, and nobody who
// comes in between overtakes.
func TestLockOfferedToCancelledWaiterCostsOneRound(t *testing.T) {
	onStage(t, func(s *stage) {
		var l asyncio.Lock
		s.must(l.Acquire(s.ctx))
		a := s.waiter("a", l.Acquire)
		s.waiter("b", l.Acquire)
		s.settle()
		a.Cancel(nil)
		l.Release()
		check(t, "TryAcquire while b stands in line", l.TryAcquire(), false)
		s.waiter("newcomer", func(ctx context.Context) error { s.note("newcomer comes"); return l.Acquire(ctx) })
		s.saw("a cancelled", "newcomer comes", "b")
		l.Release()
		s.saw("newcomer")
	})
}

func TestLockWhoseWaitersAreAllCancelledIsFreeAtOnce(t *testing.T) {
	onStage(t, func(s *stage) {
		var l asyncio.Lock
		s.must(l.Acquire(s.ctx))
		a, b := s.waiter("a", l.Acquire), s.waiter("b", l.Acquire)
		s.settle()
		b.Cancel(nil)
		a.Cancel(nil)
		l.Release()
		check(t, "TryAcquire", l.TryAcquire(), true)
		s.settle()
		check(t, "stats", l.Stats(), asyncio.LockStats{Locked: true, Owner: "main"})
	})
}

func TestLockUnderAContextThatHasEndedIsNotTaken(t *testing.T) {
	onStage(t, func(s *stage) {
		var l asyncio.Lock
		ctx, cancel := asyncio.WithCancel(s.ctx)
		cancel(nil)
		check(t, "error is context.Canceled", errors.Is(l.Acquire(ctx), context.Canceled), true)
		check(t, "Locked", l.Locked(), false)
	})
}

func TestLockWaitEndsWithItsTimeout(t *testing.T) {
	onStage(t, func(s *stage) {
		var l asyncio.Lock
		s.must(l.Acquire(s.ctx))
		ctx, timeout := asyncio.WithTimeout(s.ctx, time.Hour)
		defer timeout.Cancel()
		began := asyncio.Now(s.ctx)
		if l.Acquire(ctx) == nil {
			t.Error("acquired a lock that was never released")
		}
		check(t, "time waited", asyncio.Now(s.ctx).Sub(began), time.Hour)
		check(t, "stats", l.Stats(), asyncio.LockStats{Locked: true, Owner: "main"})
	})
}

// The free lock and the hand-over are what every task of a busy program goes
// through.
func TestLockIsAcquiredByManyTasksAndNeverShared(t *testing.T) {
	onStage(t, func(s *stage) {
		var l asyncio.Lock
		inside, turns := 0, 0
		for range 100 {
			s.task("", func(ctx context.Context) error {
				for range 10 {
					s.must(l.Acquire(ctx))
					inside++
					check(t, "tasks inside", inside, 1)
					s.must(asyncio.Yield(ctx))
					inside--
					turns++
					l.Release()
				}
				return nil
			})
		}
		s.must(asyncio.Sleep(s.ctx, time.Second))
		check(t, "turns", turns, 1000)
		check(t, "stats", l.Stats(), asyncio.LockStats{})
	})
}

func ExampleLock() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		var account asyncio.Lock
		balance := 100
		withdraw := func(ctx context.Context) error {
			if err := account.Acquire(ctx); err != nil {
				return err
			}
			defer account.Release()
			if balance < 60 {
				fmt.Println("not enough")
				return nil
			}
			if err := asyncio.Sleep(ctx, time.Millisecond); err != nil { // asks the bank
				return err
			}
			balance -= 60
			fmt.Println("left:", balance)
			return nil
		}
		first, second := asyncio.Go(ctx, withdraw), asyncio.Go(ctx, withdraw)
		if _, err := first.Await(ctx); err != nil {
			return err
		}
		_, err := second.Await(ctx)
		return err
	})
	// Output:
	// left: 40
	// not enough
}
