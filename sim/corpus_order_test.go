package sim_test

import (
	"context"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/sim"
)

// Programs of the corpus that only need an unusual order of steps.

// crew starts tasks on the test's own host and waits for all of them.
type crew struct {
	w     *sim.World
	tasks []*asyncio.Task[struct{}]
}

// task starts a task that cannot fail.
func (c *crew) task(name string, fn func(ctx context.Context)) *asyncio.Task[struct{}] {
	t := c.w.Go(name, func(ctx context.Context) error {
		fn(ctx)
		return nil
	})
	c.tasks = append(c.tasks, t)
	return t
}

// join waits until all have ended. Where one never does that is a deadlock.
func (c *crew) join() {
	for _, t := range c.tasks {
		t.Await(c.w.Context())
	}
}

// pass lets n waits pass, which a cancellation ends.
func pass(ctx context.Context, n int) {
	for range n {
		asyncio.Yield(ctx)
	}
}

// lostUpdate: tasks read, wait, and write back. They start some waits apart.
func lostUpdate(starts ...int) func(w *sim.World, repaired bool) {
	return func(w *sim.World, repaired bool) {
		c, x := crew{w: w}, 0
		for i, start := range starts {
			c.task([]string{"first", "second"}[i], func(ctx context.Context) {
				pass(ctx, start+1)
				v := x
				asyncio.Yield(ctx)
				if repaired {
					v = x
				}
				x = v + 1
			})
		}
		if c.join(); x != len(starts) {
			w.Errorf("%d updates have made %d", len(starts), x)
		}
	}
}

func lostUpdateInNoise(w *sim.World, repaired bool) {
	c := crew{w: w}
	for range 20 {
		c.task("noise", func(ctx context.Context) { pass(ctx, 5) })
	}
	lostUpdate(0, 4)(w, repaired)
	c.join()
}

func twoLocks(w *sim.World, repaired bool) {
	var a, b asyncio.Lock
	c := crew{w: w}
	both := func(ctx context.Context, first, second *asyncio.Lock) {
		if first.Acquire(ctx) != nil {
			return
		}
		defer first.Release()
		if second.Acquire(ctx) != nil {
			return
		}
		defer second.Release()
		asyncio.Yield(ctx)
	}
	c.task("t0", func(ctx context.Context) { both(ctx, &a, &b) })
	c.task("t1", func(ctx context.Context) {
		if pass(ctx, 4); repaired {
			both(ctx, &a, &b)
		} else {
			both(ctx, &b, &a)
		}
	})
	c.join()
}

// philosophers: five take their left fork first, and one who comes late is enough to
// let all have eaten in the order of production.
func philosophers(w *sim.World, repaired bool) {
	var forks [5]asyncio.Lock
	c := crew{w: w}
	for i := range forks {
		c.task("philosopher", func(ctx context.Context) {
			pass(ctx, 3*i)
			left, right := &forks[i], &forks[(i+1)%len(forks)]
			if repaired && i == len(forks)-1 {
				left, right = right, left
			}
			if left.Acquire(ctx) != nil {
				return
			}
			defer left.Release()
			if right.Acquire(ctx) == nil {
				right.Release()
			}
		})
	}
	c.join()
}

// missedNotify: the consumer looks at the flag without the lock, logs, and waits then.
func missedNotify(w *sim.World, repaired bool) {
	c, ready := crew{w: w}, false
	var lock asyncio.Lock
	changed := asyncio.NewCondition(&lock)
	c.task("consumer", func(ctx context.Context) {
		if asyncio.Yield(ctx); ready {
			return
		}
		asyncio.Yield(ctx) // logs
		if changed.Acquire(ctx) != nil {
			return
		}
		defer changed.Release()
		if !repaired || !ready {
			changed.Wait(ctx)
		}
	})
	c.task("producer", func(ctx context.Context) {
		pass(ctx, 5)
		if changed.Acquire(ctx) != nil {
			return
		}
		defer changed.Release()
		ready = true
		changed.NotifyAll()
	})
	c.join()
}

// boundedBuffer: producers and consumers share one condition, and Notify wakes one that
// cannot use it.
func boundedBuffer(w *sim.World, repaired bool) {
	c, items := crew{w: w}, 0
	var lock asyncio.Lock
	changed := asyncio.NewCondition(&lock)
	work := func(start int, can func() bool, change int) func(ctx context.Context) {
		return func(ctx context.Context) {
			pass(ctx, start)
			for range 2 {
				if changed.Acquire(ctx) != nil {
					return
				}
				if changed.WaitFor(ctx, can) == nil {
					items += change
				}
				if changed.Notify(1); repaired {
					changed.NotifyAll()
				}
				changed.Release()
			}
		}
	}
	full, empty := func() bool { return items > 0 }, func() bool { return items < 1 }
	c.task("producer", work(0, empty, 1))
	c.task("consumer", work(6, full, -1))
	c.task("producer", work(12, empty, 1))
	c.task("consumer", work(18, full, -1))
	c.join()
}

func closedTwice(w *sim.World, repaired bool) {
	c, closed, closes := crew{w: w}, false, 0
	for i, name := range []string{"first", "second"} {
		c.task(name, func(ctx context.Context) {
			if pass(ctx, 1+4*i); closed {
				return
			}
			closed = repaired
			asyncio.Yield(ctx) // flushes
			closed = true
			closes++
		})
	}
	if c.join(); closes != 1 {
		w.Errorf("closed %d times", closes)
	}
}

func usedBeforeMade(w *sim.World, repaired bool) {
	var conn *int
	var made asyncio.Event
	c := crew{w: w}
	c.task("init", func(ctx context.Context) {
		pass(ctx, 4)
		conn = new(int)
		made.Set()
	})
	c.task("use", func(ctx context.Context) {
		if pass(ctx, 8); repaired {
			made.Wait(ctx)
		}
		*conn = 1
	})
	c.join()
}

// startedTwice: whoever comes first makes the connection, and making it takes a while.
func startedTwice(w *sim.World, repaired bool) {
	c, started, starting := crew{w: w}, 0, false
	var ready asyncio.Event
	for i := range 3 {
		c.task("caller", func(ctx context.Context) {
			pass(ctx, 5*i)
			if ready.IsSet() {
				return
			}
			if repaired && starting {
				ready.Wait(ctx)
				return
			}
			starting = true
			pass(ctx, 2) // connects
			started++
			ready.Set()
		})
	}
	if c.join(); started != 1 {
		w.Errorf("%d connections", started)
	}
}

// staleFill: the reader fills the cache with what it read before the write.
func staleFill(w *sim.World, repaired bool) {
	c, db, cache, version := crew{w: w}, 1, 0, 0
	c.task("reader", func(ctx context.Context) {
		if asyncio.Yield(ctx); cache != 0 {
			return
		}
		asyncio.Yield(ctx)
		v, seen := db, version
		asyncio.Yield(ctx)
		if !repaired || seen == version {
			cache = v
		}
	})
	c.task("writer", func(ctx context.Context) {
		pass(ctx, 3)
		db = 2
		asyncio.Yield(ctx)
		cache, version = 0, version+1
	})
	if c.join(); cache == 1 {
		w.Errorf("the cache is stale for ever")
	}
}

// lateStep: all is well unless one task's only step comes after 25 of another.
func lateStep(w *sim.World, repaired bool) {
	c, late := crew{w: w}, false
	c.task("long", func(ctx context.Context) {
		pass(ctx, 24)
		late = !repaired
		asyncio.Yield(ctx)
	})
	c.task("short", func(context.Context) {
		if late {
			w.Errorf("the short task came late")
		}
	})
	c.join()
}
