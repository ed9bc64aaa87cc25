package asyncio_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
)

// A task that is ended by force leaves a wait without what the wait promises, here
// the condition's lock, and then runs its deferred calls. Those must not turn the
// report of the forced end into a panic about a lock.
func TestL1_TasksEndedByForceInAConditionOrBarrierReleaseQuietly(t *testing.T) {
	for name, wait := range map[string]func(c *asyncio.Condition, b *asyncio.Barrier) func(ctx context.Context) error{
		"condition": func(c *asyncio.Condition, _ *asyncio.Barrier) func(ctx context.Context) error {
			return func(ctx context.Context) error {
				if err := c.Acquire(ctx); err != nil {
					return err
				}
				defer c.Release()
				return c.Wait(context.WithoutCancel(ctx))
			}
		},
		"condition whose lock is held": func(c *asyncio.Condition, _ *asyncio.Barrier) func(ctx context.Context) error {
			return func(ctx context.Context) error {
				if err := c.Acquire(ctx); err != nil {
					return err
				}
				defer c.Release()
				asyncio.Go(context.WithoutCancel(ctx), func(ctx context.Context) error {
					ctx = context.WithoutCancel(ctx)
					if err := c.Acquire(ctx); err != nil {
						return err
					}
					defer c.Release()
					return new(asyncio.Event).Wait(ctx)
				})
				return c.Wait(ctx)
			}
		},
		"barrier": func(_ *asyncio.Condition, b *asyncio.Barrier) func(ctx context.Context) error {
			return func(ctx context.Context) error {
				_, err := b.Wait(context.WithoutCancel(ctx))
				return err
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			quiet := asyncio.OnError(func(asyncio.Report) {})
			err := asyncio.Run(context.Background(), func(ctx context.Context) error {
				asyncio.Go(ctx, wait(asyncio.NewCondition(nil), asyncio.NewBarrier(2)))
				return asyncio.Sleep(ctx, time.Millisecond)
			}, asyncio.GracePeriod(time.Millisecond), quiet)
			if !errors.Is(err, asyncio.ErrNotEnded) {
				t.Errorf("Run returned %v, want ErrNotEnded", err)
			}
		})
	}
}

// Found with the test above: a panic in the deferred calls of a task that is ended
// by force must not end the goroutine of Run instead.
func TestL1_PanicWhileATaskIsEndedByForceIsRaisedByRun(t *testing.T) {
	defer func() {
		if p, _ := recover().(*asyncio.PanicError); p == nil || p.Value != "while ending" {
			t.Errorf("Run raised %v, want the task's panic", p)
		}
	}()
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		asyncio.Go(ctx, func(ctx context.Context) error {
			defer func() { panic("while ending") }()
			return new(asyncio.Event).Wait(context.WithoutCancel(ctx))
		})
		return asyncio.Sleep(ctx, time.Millisecond)
	}, asyncio.GracePeriod(time.Millisecond), asyncio.OnError(func(asyncio.Report) {}))
	t.Errorf("Run returned %v", err)
}

// A limiter of a whole package outlives a run that had to end the borrowers in line.
func TestL1_ACapacityLimiterForgetsWhoWasEndedByForceInItsLine(t *testing.T) {
	limiter := asyncio.NewCapacityLimiter(1)
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		limiter.AcquireOnBehalfOf(ctx, "run")
		defer limiter.ReleaseOnBehalfOf("run")
		asyncio.Go(ctx, func(ctx context.Context) error {
			return limiter.Acquire(context.WithoutCancel(ctx))
		})
		asyncio.Yield(ctx)
		limiter.SetTotal(0)
		return nil
	}, asyncio.GracePeriod(0), asyncio.OnError(func(asyncio.Report) {}))
	limiter.SetTotal(1)
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		if err := limiter.Acquire(ctx); err != nil {
			return err
		}
		limiter.Release()
		return nil
	})
	if err != nil {
		t.Errorf("in the next run Acquire returned %v", err)
	}
}
