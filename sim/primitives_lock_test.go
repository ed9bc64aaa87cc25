package sim_test

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/goasyncio/asyncio"
)

// guarded is a program of tasks that visit a chamber behind a guard.
func guarded(tasks, most int, make func() (acquire func(context.Context) error, release func(), left func() error)) func(c *cast) func() error {
	return func(c *cast) func() error {
		var room chamber
		acquire, release, left := make()
		for i := range tasks {
			c.task(fmt.Sprint("t", i), func(ctx context.Context) error {
				if err := acquire(ctx); err != nil {
					return err
				}
				defer release()
				return room.visit(ctx)
			})
		}
		return all(room.atMost(most), left)
	}
}

var smallLocks = []small{
	{"a lock lets one in", 3, guarded(3, 1, func() (func(context.Context) error, func(), func() error) {
		l := new(asyncio.Lock)
		return l.Acquire, l.Release, func() error { return same("lock", l.Stats(), asyncio.LockStats{}) }
	})},
	{"a semaphore keeps its permits", 3, guarded(3, 2, func() (func(context.Context) error, func(), func() error) {
		s := asyncio.NewSemaphore(2)
		return s.Acquire, s.Release, func() error { return same("permits", s.Value(), 2) }
	})},
	{"a bounded semaphore keeps its permit", 2, guarded(2, 1, func() (func(context.Context) error, func(), func() error) {
		s := asyncio.NewBoundedSemaphore(1)
		return s.Acquire, s.Release, func() error { return same("permits", s.Value(), 1) }
	})},
	{"a limiter keeps its tokens", 3, guarded(3, 1, func() (func(context.Context) error, func(), func() error) {
		l := asyncio.NewCapacityLimiter(1)
		return l.Acquire, l.Release, func() error { return same("limiter", l.Stats(), asyncio.CapacityStats{Total: 1}) }
	})},
	{"a semaphore of which one takes all", 3, func(c *cast) func() error {
		s := asyncio.NewSemaphore(2)
		for i, n := range []int{1, 2, 1} {
			c.task(fmt.Sprint("t", i), func(ctx context.Context) error {
				if err := s.AcquireN(ctx, n); err != nil {
					return err
				}
				defer s.ReleaseN(n)
				return asyncio.Yield(ctx)
			})
		}
		return func() error { return same("permits", s.Value(), 2) }
	}},
	{"readers and writers do not meet", 3, func(c *cast) func() error {
		var (
			l    asyncio.RWLock
			room chamber
			met  error
		)
		c.task("writer", func(ctx context.Context) error {
			if err := l.AcquireWrite(ctx); err != nil {
				return err
			}
			defer l.ReleaseWrite()
			return room.visit(ctx)
		})
		for range 2 {
			c.task("reader", func(ctx context.Context) error {
				if err := l.AcquireRead(ctx); err != nil {
					return err
				}
				defer l.ReleaseRead()
				if room.inside > 0 {
					met = errors.New("a reader is beside a writer")
				}
				return asyncio.Yield(ctx)
			})
		}
		return all(room.atMost(1), func() error { return met },
			func() error { return same("lock", l.Stats(), asyncio.RWLockStats{}) })
	}},
	{"a writer that gives up lets the readers in", 2, func(c *cast) func() error {
		var l asyncio.RWLock
		l.TryAcquireRead()
		c.task("writer", func(ctx context.Context) error {
			if err := l.AcquireWrite(ctx); err != nil {
				return err
			}
			l.ReleaseWrite()
			return nil
		})
		reader := c.task("reader", func(ctx context.Context) error {
			if err := l.AcquireRead(ctx); err != nil {
				return err
			}
			l.ReleaseRead()
			return nil
		})
		c.task("first reader", func(context.Context) error {
			l.ReleaseRead()
			return nil
		})
		_ = reader
		return func() error { return same("lock", l.Stats(), asyncio.RWLockStats{}) }
	}},
	{"those in line for a lock get it in their order", 3, inLine(func() (func(context.Context) error, func()) {
		l := new(asyncio.Lock)
		l.TryAcquire()
		return l.Acquire, l.Release
	})},
	{"those in line for a semaphore get it in their order", 3, inLine(func() (func(context.Context) error, func()) {
		s := asyncio.NewSemaphore(0)
		return s.Acquire, s.Release
	})},
	{"those in line to write get it in their order", 3, inLine(func() (func(context.Context) error, func()) {
		l := new(asyncio.RWLock)
		l.TryAcquireWrite()
		return l.AcquireWrite, l.ReleaseWrite
	})},
	{"a lock of which the holder is cancelled is free", 2, func(c *cast) func() error {
		var l asyncio.Lock
		for i := range 2 {
			c.task(fmt.Sprint("t", i), func(ctx context.Context) error {
				if err := l.Acquire(ctx); err != nil {
					return err
				}
				defer l.Release()
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
				return asyncio.Yield(ctx)
			})
		}
		return func() error { return same("locked", l.Locked(), false) }
	}},
}

// inLine is a program of three tasks that come to a guard that is taken, and that
// somebody frees. They come when they begin to wait.
func inLine(make func() (acquire func(context.Context) error, release func())) func(c *cast) func() error {
	return func(c *cast) func() error {
		acquire, release := make()
		var came, got []int
		for i := range 3 {
			c.task(fmt.Sprint("t", i), func(ctx context.Context) error {
				if err := acquire(ctx); err != nil {
					return err
				}
				got = append(got, i)
				release()
				return nil
			})
		}
		c.task("releaser", func(context.Context) error {
			release()
			return nil
		})
		c.eachStep(func() {
			for i, t := range c.tasks[:3] {
				if t.Info().State == "waiting" && !slices.Contains(came, i) {
					came = append(came, i)
				}
			}
		})
		return func() error {
			came = slices.DeleteFunc(came, func(i int) bool { return !slices.Contains(got, i) })
			waited := slices.DeleteFunc(got, func(i int) bool { return !slices.Contains(came, i) })
			if !slices.Equal(came, waited) {
				return fmt.Errorf("they came in the order %v and got it in the order %v", came, waited)
			}
			return nil
		}
	}
}
