package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/goasyncio/asyncio"
)

// waitOn returns what a waiter of a condition does: acquire, wait, note, release.
func (s *stage) waitOn(c *asyncio.Condition) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		if err := c.Acquire(ctx); err != nil {
			return err
		}
		defer c.Release()
		err := c.Wait(ctx)
		check(s.t, "the lock is held after Wait", c.Locked(), true)
		return err
	}
}

// notify notifies n waiters, as the director.
func (s *stage) notify(c *asyncio.Condition, n int) {
	s.must(c.Acquire(s.ctx))
	c.Notify(n)
	c.Release()
}

func TestE06_ConditionNeedsItsLockAndNotifiesInFIFOOrder(t *testing.T) {
	t.Run("without the lock", func(t *testing.T) {
		onStage(t, func(s *stage) {
			c := asyncio.NewCondition(nil)
			const tail = ": the lock is not held: call Acquire first"
			panics(t, "asyncio: Condition.Notify"+tail, func() { c.Notify(1) })
			panics(t, "asyncio: Condition.NotifyAll"+tail, c.NotifyAll)
			panics(t, "asyncio: Condition.Wait"+tail, func() { c.Wait(s.ctx) })
		})
	})
	t.Run("two, then all", func(t *testing.T) {
		onStage(t, func(s *stage) {
			c := asyncio.NewCondition(nil)
			for i := range 4 {
				s.waiter(fmt.Sprint(i), s.waitOn(c))
			}
			s.settle()
			check(t, "stats", c.Stats(), asyncio.ConditionStats{Waiting: 4})
			s.notify(c, 2)
			s.saw("0", "1")
			s.must(c.Acquire(s.ctx))
			c.NotifyAll()
			s.settle()
			check(t, "notes while the notifier holds the lock", len(s.notes), 0)
			c.Release()
			s.saw("2", "3")
		})
	})
	t.Run("none, or fewer", func(t *testing.T) {
		onStage(t, func(s *stage) {
			c := asyncio.NewCondition(nil)
			s.waiter("a", s.waitOn(c))
			s.settle()
			s.notify(c, 0)
			s.notify(c, -1)
			s.saw()
		})
	})
}

func TestE07_ConditionPassesTheNotificationOfACancelledWaiterOn(t *testing.T) {
	onStage(t, func(s *stage) {
		c := asyncio.NewCondition(nil)
		a := s.waiter("a", s.waitOn(c))
		b := s.waiter("b", s.waitOn(c))
		s.settle()
		s.notify(c, 1)
		a.Cancel(nil)
		s.saw("a cancelled", "b")
		check(t, "a is cancelled", a.Cancelled(), true)
		check(t, "b is done", b.Done(), true)
	})
}

func TestE08_ConditionWaiterThatIsCancelledHasTheLockWhenItReturns(t *testing.T) {
	onStage(t, func(s *stage) {
		c := asyncio.NewCondition(nil)
		a := s.waiter("a", s.waitOn(c)) // checks that the lock is held
		s.settle()
		s.must(c.Acquire(s.ctx))
		a.Cancel(nil)
		s.settle()
		check(t, "done while another task holds the lock", a.Done(), false)
		c.Release()
		s.saw("a cancelled")
		check(t, "Locked in the end", c.Locked(), false)
	})
}

func TestE15_ConditionNotifiedWaiterQueuesBehindThoseWhoWaitForTheLock(t *testing.T) {
	onStage(t, func(s *stage) {
		c := asyncio.NewCondition(nil)
		s.waiter("notified", s.waitOn(c))
		s.settle()
		s.must(c.Acquire(s.ctx))
		s.waiter("lock waiter", func(ctx context.Context) error {
			err := c.Acquire(ctx)
			c.Release()
			return err
		})
		s.settle()
		c.Notify(1)
		c.Release()
		s.saw("lock waiter", "notified")
	})
}

func TestE17_ConditionWaitFor(t *testing.T) {
	t.Run("does not wait for what holds", func(t *testing.T) {
		onStage(t, func(s *stage) {
			c := asyncio.NewCondition(nil)
			s.must(c.Acquire(s.ctx))
			asyncio.CallSoon(s.ctx, func() { s.note("another callback ran") })
			s.must(c.WaitFor(s.ctx, func() bool { return true }))
			s.note("holds")
			s.saw("holds", "another callback ran")
		})
	})
	t.Run("looks again at each notification", func(t *testing.T) {
		onStage(t, func(s *stage) {
			c := asyncio.NewCondition(nil)
			n := 0
			s.waiter("two", func(ctx context.Context) error {
				s.must(c.Acquire(ctx))
				defer c.Release()
				return c.WaitFor(ctx, func() bool { s.note("n=%d", n); return n == 2 })
			})
			s.settle()
			for n < 2 {
				n++
				s.notify(c, 1)
				s.settle()
			}
			s.saw("n=0", "n=1", "n=2", "two")
		})
	})
	t.Run("ends with its context, lock held", func(t *testing.T) {
		onStage(t, func(s *stage) {
			c := asyncio.NewCondition(nil)
			a := s.waiter("a", func(ctx context.Context) error {
				s.must(c.Acquire(ctx))
				err := c.WaitFor(ctx, func() bool { return false })
				check(t, "Locked", c.Locked(), true)
				check(t, "error of the next wait is context.Canceled", errors.Is(c.WaitFor(ctx, func() bool { return true }), context.Canceled), true)
				return err
			})
			s.settle()
			a.Cancel(nil)
			s.saw("a cancelled")
		})
	})
}

func TestE14_ConditionOnTwoLoopsIsRefusedWhileSomebodyWaits(t *testing.T) {
	c := asyncio.NewCondition(nil)
	wait := func(ctx context.Context) error {
		if err := c.Acquire(ctx); err != nil {
			return err
		}
		defer c.Release()
		return c.Wait(ctx)
	}
	refusedOnSecondLoop(t, wait)
}

func TestB2_Condition(t *testing.T) {
	t.Run("the waiter is cancelled, then notified", func(t *testing.T) {
		onStage(t, func(s *stage) {
			c := asyncio.NewCondition(nil)
			a := s.waiter("a", s.waitOn(c))
			s.waiter("b", s.waitOn(c))
			s.settle()
			s.must(c.Acquire(s.ctx))
			a.Cancel(nil)
			c.Notify(1)
			c.Release()
			s.saw("a cancelled", "b")
		})
	})
	t.Run("the notified waiter is cancelled while it waits for the lock, and goes to the back of that line", func(t *testing.T) {
		onStage(t, func(s *stage) {
			c := asyncio.NewCondition(nil)
			a := s.waiter("a", s.waitOn(c))
			s.waiter("b", s.waitOn(c))
			s.waiter("c", s.waitOn(c))
			s.settle()
			s.must(c.Acquire(s.ctx))
			c.Notify(2)
			s.settle() // both stand in the lock's line
			a.Cancel(nil)
			s.settle()
			check(t, "a has returned without the lock", a.Done(), false)
			c.Release()
			s.saw("b", "a cancelled", "c")
		})
	})
	t.Run("the notified waiter is cancelled when the lock was handed to it", func(t *testing.T) {
		onStage(t, func(s *stage) {
			c := asyncio.NewCondition(nil)
			a := s.waiter("a", s.waitOn(c))
			s.waiter("b", s.waitOn(c))
			s.settle()
			s.must(c.Acquire(s.ctx))
			c.Notify(1)
			s.settle()
			c.Release()
			a.Cancel(nil)
			s.saw("a cancelled", "b")
			check(t, "Locked in the end", c.Locked(), false)
		})
	})
	t.Run("a notification is lost only where nobody else waits", func(t *testing.T) {
		onStage(t, func(s *stage) {
			c := asyncio.NewCondition(nil)
			a := s.waiter("a", s.waitOn(c))
			s.settle()
			s.notify(c, 1)
			a.Cancel(nil)
			s.saw("a cancelled")
			s.waiter("later", s.waitOn(c))
			s.saw()
		})
	})
}

func TestConditionUnderAContextThatHasEndedKeepsTheLock(t *testing.T) {
	onStage(t, func(s *stage) {
		c := asyncio.NewCondition(nil)
		s.must(c.Acquire(s.ctx))
		s.waiter("next", c.Acquire)
		s.settle()
		ctx, cancel := asyncio.WithCancel(s.ctx)
		cancel(nil)
		check(t, "error is context.Canceled", errors.Is(c.Wait(ctx), context.Canceled), true)
		s.saw() // nobody else got it
		check(t, "Locked", c.Locked(), true)
	})
}

func TestConditionsMayShareALock(t *testing.T) {
	onStage(t, func(s *stage) {
		var l asyncio.Lock
		full, empty := asyncio.NewCondition(&l), asyncio.NewCondition(&l)
		s.waiter("for full", s.waitOn(full))
		s.waiter("for empty", s.waitOn(empty))
		s.settle()
		check(t, "TryAcquire", empty.TryAcquire(), true)
		check(t, "TryAcquire of the other", full.TryAcquire(), false)
		empty.Notify(1)
		full.Release()
		s.saw("for empty")
	})
}

func ExampleCondition() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		jobs := []string{}
		changed := asyncio.NewCondition(nil)
		worker := asyncio.Go(ctx, func(ctx context.Context) error {
			if err := changed.Acquire(ctx); err != nil {
				return err
			}
			defer changed.Release()
			if err := changed.WaitFor(ctx, func() bool { return len(jobs) == 2 }); err != nil {
				return err
			}
			fmt.Println("working on", jobs)
			return nil
		})
		for _, job := range []string{"wash", "dry"} {
			if err := changed.Acquire(ctx); err != nil {
				return err
			}
			jobs = append(jobs, job)
			fmt.Println("added", job)
			changed.Notify(1)
			changed.Release()
		}
		_, err := worker.Await(ctx)
		return err
	})
	// Output:
	// added wash
	// added dry
	// working on [wash dry]
}
