package asynciotest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// sweepRecorder is a test that a Sweep may fail.
type sweepRecorder struct {
	testing.TB
	said []string
}

func (r *sweepRecorder) Helper()      {}
func (r *sweepRecorder) Failed() bool { return len(r.said) > 0 }
func (r *sweepRecorder) Errorf(format string, args ...any) {
	r.said = append(r.said, fmt.Sprintf(format, args...))
}

// sweepFinds fails the test where a Sweep of the program does not say want.
func sweepFinds(t *testing.T, want string, program func(context.Context, *asynciotest.Trial) error) {
	t.Helper()
	r := &sweepRecorder{TB: t}
	asynciotest.Sweep(r, program)
	if all := strings.Join(r.said, "\n"); !strings.Contains(all, want) {
		t.Errorf("the sweep said %q; want something with %q", all, want)
	}
}

// A leakyLock is a lock with the bug that every author of a lock has written once: a
// waiter that is cancelled after the lock was handed to it keeps it.
type leakyLock struct {
	held    bool
	waiters asyncio.WaitQueue
}

func (l *leakyLock) acquire(ctx context.Context) error {
	if err := asyncio.Checkpoint(ctx); err != nil {
		return err
	}
	if !l.held {
		l.held = true
		return nil
	}
	_, err := l.waiters.Park(ctx, "leaky lock")
	return err
}

func (l *leakyLock) release() { l.held = l.waiters.Wake(1) == 1 }

func TestSweepFindsWhatItIsFor(t *testing.T) {
	t.Run("a lock that is lost between wake-up and resumption", func(t *testing.T) {
		sweepFinds(t, "the lock is still held", func(ctx context.Context, trial *asynciotest.Trial) error {
			var l leakyLock
			trial.After(func() error {
				if l.held {
					return errors.New("the lock is still held")
				}
				return nil
			})
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
				for range 2 {
					g.Go(func(ctx context.Context) error {
						if err := l.acquire(ctx); err != nil {
							return err
						}
						defer l.release()
						return asyncio.Yield(ctx)
					})
				}
				return nil
			})
		})
	})

	t.Run("a task that waits for ever after another was cancelled", func(t *testing.T) {
		sweepFinds(t, "deadlock", func(ctx context.Context, trial *asynciotest.Trial) error {
			f := asyncio.NewFuture[int](ctx)
			asyncio.Go(ctx, func(ctx context.Context) error {
				if err := asyncio.Sleep(ctx, time.Second); err != nil {
					return err // and nobody sets f
				}
				return f.SetResult(1)
			})
			_, err := f.Await(ctx)
			return err
		})
	})

	t.Run("a task that does not end when it is cancelled", func(t *testing.T) {
		sweepFinds(t, "ended by force", func(ctx context.Context, trial *asynciotest.Trial) error {
			asyncio.Go(ctx, func(ctx context.Context) error {
				ctx = context.WithoutCancel(ctx)
				return asyncio.Sleep(ctx, time.Hour)
			})
			return nil
		})
	})

	t.Run("a timer that is left", func(t *testing.T) {
		sweepFinds(t, "1 timers", func(ctx context.Context, trial *asynciotest.Trial) error {
			asyncio.CallLater(ctx, time.Hour, func() {})
			return nil
		})
	})

	t.Run("a handle that is left open", func(t *testing.T) {
		sweepFinds(t, "1 open handles", func(ctx context.Context, trial *asynciotest.Trial) error {
			asyncio.OpenHandle(ctx)
			return nil
		})
	})

	t.Run("a goroutine that is left", func(t *testing.T) {
		quit := make(chan struct{})
		defer close(quit)
		sweepFinds(t, "leakedByTheTest", func(ctx context.Context, trial *asynciotest.Trial) error {
			go leakedByTheTest(quit)
			return nil
		})
	})

	t.Run("a panic that only a cancellation brings out", func(t *testing.T) {
		sweepFinds(t, "not prepared for this", func(ctx context.Context, trial *asynciotest.Trial) error {
			if asyncio.Yield(ctx) != nil {
				panic("not prepared for this")
			}
			return nil
		})
	})

	t.Run("a loop around a cancelled wait that spins", func(t *testing.T) {
		sweepFinds(t, "the program spins", func(ctx context.Context, trial *asynciotest.Trial) error {
			for range 1_000_000 {
				if asyncio.Sleep(ctx, time.Second) == nil {
					break
				}
			}
			return nil
		})
	})

	t.Run("a program that fails without any fault", func(t *testing.T) {
		sweepFinds(t, "undisturbed program returned as planned", func(ctx context.Context, trial *asynciotest.Trial) error {
			return errors.New("as planned")
		})
	})
}

func TestSweepTriesEveryPointOnce(t *testing.T) {
	runs, undisturbed := 0, 0
	asynciotest.Sweep(t, func(ctx context.Context, trial *asynciotest.Trial) error {
		runs++
		if trial.Undisturbed() {
			undisturbed++
		}
		return asyncio.Yield(ctx)
	})
	// Two steps are four points. The loop is closed at each, and main is cancelled at
	// those where it lives and its context is known: from the end of its first step
	// to the beginning of its second.
	if want := 1 + 4 + 2; runs != want || undisturbed != 1 {
		t.Errorf("%d runs, %d of them undisturbed; want %d and 1", runs, undisturbed, want)
	}
}
