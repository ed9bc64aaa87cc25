package sim_test

import (
	"context"
	"errors"
	"time"

	"github.com/goasyncio/asyncio"
)

// An oldCondition stands on a lock that works.
type oldCondition struct {
	asyncio.Lock
	line  oldLine
	keeps bool // a notification is handed on by a waiter who is cancelled
	locks bool // the lock is taken again whatever happens
}

func (c *oldCondition) wait(ctx context.Context) error {
	c.Release()
	p, err := c.line.wait(ctx, "old condition")
	if err != nil && p.woken && c.keeps {
		c.line.wake()
	}
	again := ctx
	if c.locks || err != nil {
		again = context.WithoutCancel(ctx)
	}
	return errors.Join(err, c.Acquire(again))
}

// notificationDiesWithWaiter: of two who wait for an item one is notified, and cancelled
// before it runs.
func notificationDiesWithWaiter(p *play, repaired bool) {
	c, items, got := &oldCondition{keeps: repaired, locks: true}, 0, 0
	consume := func(ctx context.Context) error {
		if err := c.Acquire(ctx); err != nil {
			return err
		}
		defer c.Release()
		for items == 0 {
			if err := c.wait(ctx); err != nil {
				return err
			}
		}
		items--
		got++
		return nil
	}
	produce := func(ctx context.Context) error {
		if err := c.Acquire(ctx); err != nil {
			return err
		}
		defer c.Release()
		items++
		c.line.wake()
		return nil
	}
	a := p.task("a", consume)
	b := p.task("b", consume)
	p.task("producer", func(ctx context.Context) error {
		idle(ctx, 2)
		return produce(ctx)
	})
	p.canceller(4, a)
	a.Await(p.ctx)
	if b.Done() || a.Cancelled() {
		return // the other needs no second item
	}
	if err := produce(p.ctx); err != nil {
		p.fail("%w", err)
	}
}

// waitReturnsWithoutLock: a waiter is cancelled while it waits for the lock again.
func waitReturnsWithoutLock(p *play, repaired bool) {
	c, holds := &oldCondition{keeps: true, locks: repaired}, ""
	waiter := p.task("waiter", func(ctx context.Context) error {
		if err := c.Acquire(ctx); err != nil {
			return err
		}
		err := c.wait(ctx)
		if holds != "" || !c.Locked() {
			p.fail("the waiter is back without the lock, which %q holds", holds)
			return nil
		}
		c.Release()
		return err
	})
	p.task("notifier", func(ctx context.Context) error {
		idle(ctx, 3)
		if err := c.Acquire(ctx); err != nil {
			return err
		}
		holds = "the notifier"
		c.line.wake()
		idle(ctx, 2)
		holds = ""
		c.Release()
		return nil
	})
	p.canceller(8, waiter)
}

// A cell is a task as asyncio's: a cancellation is delivered to it once.
type cell struct {
	queue     asyncio.WaitQueue
	cancelled bool
}

func (c *cell) cancel() {
	c.cancelled = true
	c.queue.Wake(1)
}

var errCellCancelled = errors.New("cancelled")

// pause waits a step, or tells of a cancellation, once.
func (c *cell) pause(ctx context.Context) error {
	asyncio.Yield(ctx)
	if c.cancelled {
		c.cancelled = false
		return errCellCancelled
	}
	return nil
}

// waitFor waits for a result that done tells. Before the repair a cancellation that came
// together with the result was taken as heard.
func (c *cell) waitFor(ctx context.Context, done *bool, repaired bool) error {
	if err := c.pause(ctx); err != nil {
		return err
	}
	for !*done && !c.cancelled {
		if _, err := c.queue.Park(ctx, "result"); err != nil {
			return err
		}
	}
	cancelled := c.cancelled
	c.cancelled = false
	if cancelled && (repaired || !*done) {
		return errCellCancelled
	}
	return nil
}

// waitForSwallows: a worker that fetches one result after the other is cancelled once,
// and must end.
func waitForSwallows(p *play, repaired bool) {
	const most = 8
	c, asked, results := &cell{}, false, 0
	p.task("worker", func(ctx context.Context) error {
		for range most {
			done := false
			asyncio.Go(ctx, func(ctx context.Context) error {
				asyncio.Yield(ctx)
				done = true
				c.queue.Wake(1)
				return nil
			})
			if c.waitFor(ctx, &done, repaired) != nil {
				return nil
			}
			results++
			if c.pause(ctx) != nil {
				return nil
			}
		}
		if asked {
			p.fail("the worker was cancelled and went on")
		}
		return nil
	})
	p.task("canceller", func(ctx context.Context) error {
		idle(ctx, 4)
		if results < most-1 {
			asked = true
			c.cancel()
		}
		return nil
	})
}

// waitForLosesItem: the timeout of a get comes at the moment of the item.
func waitForLosesItem(p *play, repaired bool) {
	const moment = 10 * time.Millisecond
	q, got := &handingQueue{repaired: true}, 0
	p.task("putter", func(ctx context.Context) error {
		err := asyncio.Sleep(ctx, moment)
		q.put(1)
		return err
	})
	p.task("consumer", func(ctx context.Context) error {
		var line asyncio.WaitQueue
		getter := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
			defer line.WakeAll()
			return q.get(ctx)
		}, asyncio.TaskName("getter"))
		late := false
		asyncio.CallLater(ctx, moment, func() {
			late = true
			line.WakeAll()
		})
		for !late && !getter.Done() {
			if _, err := line.Park(ctx, "item or timeout"); err != nil {
				return err
			}
		}
		if !getter.Done() || late && !repaired {
			getter.Cancel(nil)
		}
		_, err := getter.Await(ctx)
		if err == nil && (repaired || !late) {
			got++
		}
		return nil
	})
	p.end()
	if got+len(q.items) != 1 {
		p.fail("%d items were got and %d are left, and one was put", got, len(q.items))
	}
}
