package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestSweepLocks(t *testing.T) {
	sweepAll(t, []swept{
		{"a lock", func(ctx context.Context, trial *asynciotest.Trial) error {
			var (
				l asyncio.Lock
				p place
			)
			trial.After(p.atMost(1))
			trial.After(func() error { return equal("lock", l.Stats(), asyncio.LockStats{}) })
			return together(ctx, times(3, func(ctx context.Context, _ int) error {
				if err := l.Acquire(ctx); err != nil {
					return err
				}
				defer l.Release()
				return p.visit(ctx)
			})...)
		}},
		{"a semaphore", func(ctx context.Context, trial *asynciotest.Trial) error {
			var p place
			s := asyncio.NewSemaphore(2)
			trial.After(p.atMost(2))
			trial.After(func() error { return equal("permits", s.Value(), 2) })
			return together(ctx, times(4, func(ctx context.Context, _ int) error {
				if err := s.Acquire(ctx); err != nil {
					return err
				}
				defer s.Release()
				return p.visit(ctx)
			})...)
		}},
		{"a semaphore of which some take several permits", func(ctx context.Context, trial *asynciotest.Trial) error {
			s := asyncio.NewSemaphore(3)
			trial.After(func() error { return equal("permits", s.Value(), 3) })
			return together(ctx, times(4, func(ctx context.Context, i int) error {
				n := 1 + i%3
				if err := s.AcquireN(ctx, n); err != nil {
					return err
				}
				defer s.ReleaseN(n)
				return asyncio.Yield(ctx)
			})...)
		}},
		{"a bounded semaphore", func(ctx context.Context, trial *asynciotest.Trial) error {
			s := asyncio.NewBoundedSemaphore(1)
			trial.After(func() error { return equal("permits", s.Value(), 1) })
			return together(ctx, times(3, func(ctx context.Context, _ int) error {
				if err := s.Acquire(ctx); err != nil {
					return err
				}
				defer s.Release()
				return asyncio.Yield(ctx)
			})...)
		}},
		{"a lock for readers and writers", func(ctx context.Context, trial *asynciotest.Trial) error {
			var (
				l       asyncio.RWLock
				writers place
			)
			trial.After(writers.atMost(1))
			trial.After(func() error { return equal("lock", l.Stats(), asyncio.RWLockStats{}) })
			return together(ctx, times(5, func(ctx context.Context, i int) error {
				if i%2 == 0 {
					if err := l.AcquireRead(ctx); err != nil {
						return err
					}
					defer l.ReleaseRead()
					if writers.inside > 0 {
						return errors.New("a reader beside a writer")
					}
					return asyncio.Yield(ctx)
				}
				if err := l.AcquireWrite(ctx); err != nil {
					return err
				}
				defer l.ReleaseWrite()
				return writers.visit(ctx)
			})...)
		}},
		{"a limiter", func(ctx context.Context, trial *asynciotest.Trial) error {
			var p place
			l := asyncio.NewCapacityLimiter(2)
			trial.After(p.atMost(2))
			trial.After(func() error { return equal("limiter", l.Stats(), asyncio.CapacityStats{Total: 2}) })
			return together(ctx, times(4, func(ctx context.Context, _ int) error {
				if err := l.Acquire(ctx); err != nil {
					return err
				}
				defer l.Release()
				return p.visit(ctx)
			})...)
		}},
		{"a limiter that is resized", func(ctx context.Context, trial *asynciotest.Trial) error {
			l := asyncio.NewCapacityLimiter(1)
			trial.After(func() error { return equal("tokens out", l.Stats().Borrowed, 0) })
			fns := times(3, func(ctx context.Context, _ int) error {
				if err := l.Acquire(ctx); err != nil {
					return err
				}
				defer l.Release()
				return steps(ctx)
			})
			return together(ctx, append(fns, func(ctx context.Context) error {
				defer l.SetTotal(1)
				l.SetTotal(3)
				return steps(ctx)
			})...)
		}},
		{"a once", func(ctx context.Context, trial *asynciotest.Trial) error {
			var o asyncio.Once[int]
			done := 0
			trial.After(func() error {
				if done > 1 {
					return fmt.Errorf("it was done %d times", done)
				}
				return nil
			})
			return together(ctx, times(3, func(ctx context.Context, _ int) error {
				_, err := o.Do(ctx, func(ctx context.Context) (int, error) {
					if err := steps(ctx); err != nil {
						return 0, err
					}
					done++
					return done, nil
				})
				return err
			})...)
		}},
	})
}

func TestSweepSignals(t *testing.T) {
	sweepAll(t, []swept{
		{"an event", func(ctx context.Context, trial *asynciotest.Trial) error {
			var e asyncio.Event
			trial.After(func() error { return equal("waiters", e.Stats().Waiting, 0) })
			return together(ctx, e.Wait, e.Wait, func(ctx context.Context) error {
				defer e.Set()
				return steps(ctx)
			})
		}},
		{"a notification for one of two", func(ctx context.Context, trial *asynciotest.Trial) error {
			var n asyncio.Notify
			sent, seen := 0, 0
			trial.After(func() error {
				stored := 0
				if waitsNot(&n) {
					stored = 1
				}
				return equal("notifications seen and remembered", seen+stored, sent)
			})
			wait := func(ctx context.Context) error {
				ctx, timeout := asyncio.WithTimeout(ctx, 10*time.Millisecond)
				defer timeout.Cancel()
				err := n.Wait(ctx)
				if err == nil {
					seen++
				}
				if timeout.Caused(err) {
					return nil
				}
				return err
			}
			return together(ctx, wait, wait, func(ctx context.Context) error {
				if err := steps(ctx); err != nil {
					return err
				}
				n.Notify()
				sent++
				return steps(ctx)
			})
		}},
		{"a condition around a store of one", func(ctx context.Context, trial *asynciotest.Trial) error {
			var (
				l     ledger
				store int
			)
			c := asyncio.NewCondition(nil)
			trial.After(l.balance(func() int { return store }))
			trial.After(func() error { return equal("condition", c.Stats(), asyncio.ConditionStats{}) })
			change := func(ctx context.Context, ready func() bool, do func()) error {
				if err := c.Acquire(ctx); err != nil {
					return err
				}
				defer c.Release()
				if err := c.WaitFor(ctx, ready); err != nil {
					return err
				}
				do()
				c.NotifyAll()
				return nil
			}
			put := func(ctx context.Context) error {
				return change(ctx, func() bool { return store == 0 }, func() { store++; l.put++ })
			}
			get := func(ctx context.Context) error {
				return change(ctx, func() bool { return store > 0 }, func() { store--; l.got++ })
			}
			return inConcert(ctx, get, put, put, get)
		}},
		{"a barrier, which breaks for all if one is cancelled", func(ctx context.Context, trial *asynciotest.Trial) error {
			b := asyncio.NewBarrier(3)
			trial.After(func() error { return equal("waiting", b.Waiting(), 0) })
			return inConcert(ctx, times(3, func(ctx context.Context, i int) error {
				if err := asyncio.Sleep(ctx, time.Duration(i)*time.Millisecond); err != nil {
					return err
				}
				_, err := b.Wait(ctx)
				return err
			})...)
		}},
		{"a sequence", func(ctx context.Context, trial *asynciotest.Trial) error {
			var order asynciotest.Sequencer
			last := -1
			return together(ctx, times(3, func(ctx context.Context, i int) error {
				return order.Do(ctx, 2-i, func() error {
					if last >= 2-i {
						return errors.New("out of order")
					}
					last = 2 - i
					return steps(ctx)
				})
			})...)
		}},
		{"waiting until the others wait", func(ctx context.Context, trial *asynciotest.Trial) error {
			return together(ctx, asynciotest.WaitIdle, steps, func(ctx context.Context) error {
				if err := asynciotest.WaitIdle(ctx); err != nil {
					return err
				}
				return steps(ctx)
			})
		}},
	})
}

// waitsNot tells whether a notification is remembered: a Wait that finds one ends at
// once, on a loop of its own as well.
func waitsNot(n *asyncio.Notify) bool {
	err := asyncio.Run(asynciotest.Context(context.Background()), func(ctx context.Context) error {
		ctx, timeout := asyncio.WithTimeout(ctx, time.Second)
		defer timeout.Cancel()
		return n.Wait(ctx)
	})
	return err == nil
}
