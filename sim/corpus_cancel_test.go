package sim_test

import (
	"context"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/sim"
)

// Programs of the corpus that need a cancellation at an unlucky moment.

// canceller cancels the victim some steps later.
func (c *crew) canceller(steps int, victim *asyncio.Task[struct{}]) {
	c.task("canceller", func(ctx context.Context) {
		pass(ctx, steps)
		victim.Cancel(nil)
	})
}

// cancelledWithLock: the lock is not released by a defer.
func cancelledWithLock(w *sim.World, repaired bool) {
	var lock asyncio.Lock
	c := crew{w: w}
	victim := c.task("victim", func(ctx context.Context) {
		if asyncio.Yield(ctx); lock.Acquire(ctx) != nil {
			return
		}
		if repaired {
			defer lock.Release()
		}
		for range 2 {
			if asyncio.Yield(ctx) != nil {
				return
			}
		}
		if !repaired {
			lock.Release()
		}
	})
	c.canceller(7, victim)
	c.task("other", func(ctx context.Context) {
		pass(ctx, 1)
		if lock.Acquire(ctx) == nil {
			lock.Release()
		}
	})
	c.join()
}

// line is a queue for items that Put hands to the first who waits.
type line struct {
	waiting asyncio.WaitQueue
	items   int
	handed  int
}

func (l *line) put() {
	if l.waiting.Wake(1) == 1 {
		l.handed++
		return
	}
	l.items++
}

func (l *line) get(ctx context.Context, repaired bool) bool {
	if l.items > 0 {
		l.items--
		return true
	}
	woken, err := l.waiting.Park(ctx, "get")
	if woken {
		l.handed--
	}
	if err != nil {
		if woken && repaired {
			l.put()
		}
		return false // and the item that was handed over is lost
	}
	return true
}

func lostItem(w *sim.World, repaired bool) {
	var l line
	c, got := crew{w: w}, 0
	consumer := c.task("consumer", func(ctx context.Context) {
		if l.get(ctx, repaired) {
			got++
		}
	})
	c.task("producer", func(ctx context.Context) {
		pass(ctx, 3)
		l.put()
	})
	c.canceller(6, consumer)
	if c.join(); got+l.items != 1 {
		w.Errorf("the item is lost")
	}
}

// lostPermit: Release wakes the first waiter, which is cancelled before it runs and
// takes the permit with it.
func lostPermit(w *sim.World, repaired bool) {
	var permits line
	c := crew{w: w}
	user := func(ctx context.Context) {
		if permits.get(ctx, repaired) {
			permits.put()
		}
	}
	a := c.task("a", user)
	c.task("b", user)
	c.task("releaser", func(ctx context.Context) {
		pass(ctx, 4)
		permits.put()
	})
	c.canceller(8, a)
	c.join()
}

// halfTransfer: money is taken from one account, and the task is cancelled before it
// has been put into the other.
func halfTransfer(w *sim.World, repaired bool) {
	c, from, to := crew{w: w}, 100, 0
	transfer := c.task("transfer", func(ctx context.Context) {
		if asyncio.Yield(ctx) != nil {
			return
		}
		from -= 10
		if repaired {
			ctx = context.WithoutCancel(ctx)
		}
		if asyncio.Yield(ctx) != nil { // asks the other bank
			return
		}
		to += 10
	})
	c.canceller(6, transfer)
	if c.join(); from+to != 100 {
		w.Errorf("%d are left of 100", from+to)
	}
}
