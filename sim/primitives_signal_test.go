package sim_test

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/goasyncio/asyncio"
)

var smallSignals = []small{
	{"an event that is set wakes all", 2, func(c *cast) func() error {
		var e asyncio.Event
		c.task("t0", e.Wait)
		c.task("t1", e.Wait)
		c.task("setter", func(context.Context) error {
			e.Set()
			return nil
		})
		return func() error { return same("event", e.Stats(), asyncio.EventStats{Set: true}) }
	}},
	{"a condition around a store of one", 3, func(c *cast) func() error {
		store, put, got, over := 0, 0, 0, false
		cond := asyncio.NewCondition(nil)
		locked := func(ctx context.Context, ready func() bool, do func()) error {
			if err := cond.Acquire(ctx); err != nil {
				return err
			}
			defer cond.Release()
			if err := cond.WaitFor(ctx, ready); err != nil {
				return err
			}
			do()
			cond.Notify(1)
			return nil
		}
		for range 2 {
			c.task("getter", func(ctx context.Context) error {
				return locked(ctx, func() bool { return store > 0 || over }, func() {
					if store > 0 {
						store--
						got++
					}
				})
			})
		}
		putter := c.task("putter", func(ctx context.Context) error {
			return locked(ctx, func() bool { return store == 0 }, func() { store++; put++ })
		})
		c.task("last", func(ctx context.Context) error {
			putter.Await(ctx)
			return locked(ctx, func() bool { return true }, func() { over = true })
		})
		return func() error {
			if err := same("condition", cond.Stats(), asyncio.ConditionStats{}); err != nil {
				return err
			}
			return same("items got and left", got+store, put)
		}
	}},
	{"a notification reaches one who is not cancelled", 2, func(c *cast) func() error {
		cond, notified := asyncio.NewCondition(nil), 0
		waiting := func() int { return cond.Stats().Waiting }
		for i := range 2 {
			c.task(fmt.Sprint("t", i), func(ctx context.Context) error {
				if err := cond.Acquire(ctx); err != nil {
					return err
				}
				defer cond.Release()
				if notified > 0 {
					return nil
				}
				err := cond.Wait(ctx)
				if err == nil {
					cond.Notify(waiting()) // the others are not to wait for ever
				}
				return err
			})
		}
		c.task("notifier", func(ctx context.Context) error {
			if err := cond.Acquire(ctx); err != nil {
				return err
			}
			defer cond.Release()
			notified++
			cond.Notify(1)
			return nil
		})
		return func() error { return same("condition", cond.Stats(), asyncio.ConditionStats{}) }
	}},
	{"a barrier that somebody leaves breaks", 2, func(c *cast) func() error {
		b, passed := asyncio.NewBarrier(2), 0
		for i := range 2 {
			c.task(fmt.Sprint("t", i), func(ctx context.Context) error {
				_, err := b.Wait(ctx)
				switch {
				case err == nil:
					passed++
				case errors.Is(err, asyncio.ErrBrokenBarrier):
					return nil
				default:
					b.Abort(context.WithoutCancel(ctx))
				}
				return err
			})
		}
		return func() error { return same("waiting", b.Waiting(), 0) }
	}},
	{"what is done once is done once", 3, func(c *cast) func() error {
		var o asyncio.Once[int]
		done, seen := 0, 0
		for i := range 3 {
			c.task(fmt.Sprint("t", i), func(ctx context.Context) error {
				v, err := o.Do(ctx, func(ctx context.Context) (int, error) {
					if err := asyncio.Yield(ctx); err != nil {
						return 0, err
					}
					done++
					return 7, nil
				})
				if err == nil {
					seen += v
				}
				return err
			})
		}
		return func() error {
			if done != 1 || seen < 14 {
				return fmt.Errorf("it was done %d times and seen for %d", done, seen)
			}
			return nil
		}
	}},
	{"no notification is lost or doubled", 2, func(c *cast) func() error {
		var n asyncio.Notify
		scope, stop := asyncio.WithCancel(c.group.Context())
		seen := 0
		for i := range 2 {
			c.tasks = append(c.tasks, asyncio.Go(scope, func(ctx context.Context) error {
				err := n.Wait(ctx)
				if err == nil {
					seen++
				}
				return err
			}, asyncio.TaskName(fmt.Sprint("t", i))))
		}
		waiters := c.tasks[:2:2]
		c.task("notifier", func(ctx context.Context) error {
			n.Notify()
			asyncio.Yield(ctx)
			stop(nil)
			for _, t := range waiters {
				t.Await(ctx)
			}
			return nil
		})
		return func() error {
			remembered := 0
			ctx, timeout := asyncio.WithTimeout(c.world.Context(), 1)
			defer timeout.Cancel()
			if n.Wait(ctx) == nil {
				remembered = 1
			}
			return same("notifications seen and remembered", seen+remembered, 1)
		}
	}},
	{"a watcher sees the last value", 2, func(c *cast) func() error {
		w := asyncio.NewWatch(0)
		last := [2]int{-1, -1}
		for i := range 2 {
			r := w.Watcher()
			c.task(fmt.Sprint("t", i), func(ctx context.Context) error {
				for {
					v, err := r.Changed(ctx)
					if err == io.EOF {
						return nil
					}
					if err != nil {
						last[i] = 2
						return err
					}
					if v <= last[i] {
						return fmt.Errorf("%d after %d", v, last[i])
					}
					last[i] = v
				}
			})
		}
		c.task("setter", func(ctx context.Context) error {
			w.Set(1)
			asyncio.Yield(ctx)
			w.Set(2)
			w.Close()
			return nil
		})
		return func() error { return same("last seen", last, [2]int{2, 2}) }
	}},
	{"each subscriber hears all or how many it has missed", 2, func(c *cast) func() error {
		b := asyncio.NewBroadcast[int](2)
		heard := [2]int{}
		for i := range 2 {
			s := b.Subscribe()
			c.task(fmt.Sprint("t", i), func(ctx context.Context) error {
				defer s.Close()
				for {
					_, err := s.Receive(ctx)
					var lagged *asyncio.LaggedError
					switch {
					case err == nil:
						heard[i]++
					case errors.As(err, &lagged):
						heard[i] += int(lagged.Missed)
					case err == io.EOF:
						return nil
					default:
						heard[i] = 3
						return err
					}
				}
			})
		}
		c.task("sender", func(ctx context.Context) error {
			for v := range 3 {
				b.Send(v)
				asyncio.Yield(ctx)
			}
			b.Close()
			return nil
		})
		return func() error { return same("heard", heard, [2]int{3, 3}) }
	}},
}
