package asyncio_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// sleepers are tasks of which the i-th sleeps i ms and returns i.
func sleepers(ctx context.Context, n int) (tasks []*asyncio.Task[int]) {
	for i := range n {
		tasks = append(tasks, asyncio.CreateTask(ctx, sleeper(i)))
	}
	return tasks
}

func sleeper(i int) func(ctx context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		return i, asyncio.Sleep(ctx, time.Duration(i)*time.Millisecond)
	}
}

type sweptKey struct{}

func TestSweepWaiting(t *testing.T) {
	sweepAll(t, []swept{
		{"gather", func(ctx context.Context, trial *asynciotest.Trial) error {
			values, err := asyncio.Gather(ctx, sleepers(ctx, 3)...)
			if err == nil && !slices.Equal(values, []int{0, 1, 2}) {
				t.Errorf("gathered %v", values)
			}
			return err
		}},
		{"gather that meets an error, with the rest settled", func(ctx context.Context, trial *asynciotest.Trial) error {
			bad := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) { return 0, errSwept })
			all := append(sleepers(ctx, 2), bad)
			if _, err := asyncio.Gather(ctx, all...); trial.Undisturbed() && !errors.Is(err, errSwept) {
				return err
			}
			_, err := asyncio.GatherSettled(ctx, all...)
			return err
		}},
		{"wait for the first, then for all", func(ctx context.Context, trial *asynciotest.Trial) error {
			done, pending, err := asyncio.Wait(ctx, asyncio.FirstCompleted, sleepers(ctx, 3)...)
			if err != nil {
				return err
			}
			if len(done)+len(pending) != 3 || len(done) == 0 {
				t.Errorf("%d done, %d pending", len(done), len(pending))
			}
			_, _, err = asyncio.Wait(ctx, asyncio.AllCompleted, pending...)
			return err
		}},
		{"wait up to a limit", func(ctx context.Context, trial *asynciotest.Trial) error {
			_, _, err := asyncio.WaitUpTo(ctx, time.Millisecond, asyncio.AllCompleted, sleepers(ctx, 4)...)
			return err
		}},
		{"as completed, broken off", func(ctx context.Context, trial *asynciotest.Trial) error {
			n := 0
			for _, err := range asyncio.AsCompleted(ctx, sleepers(ctx, 3)...) {
				if err != nil {
					return err
				}
				if n++; n == 2 {
					break
				}
			}
			return asyncio.Yield(ctx)
		}},
		{"a race", func(ctx context.Context, trial *asynciotest.Trial) error {
			v, err := asyncio.Race(ctx, sleeper(2), sleeper(1), sleeper(3))
			if trial.Undisturbed() && v != 1 {
				t.Errorf("%d has won", v)
			}
			return err
		}},
		{"a staggered race in which the first fails", func(ctx context.Context, trial *asynciotest.Trial) error {
			_, err := asyncio.StaggeredRace(ctx, 5*time.Millisecond, func(ctx context.Context) (int, error) {
				if err := steps(ctx); err != nil {
					return 0, err
				}
				return 0, errSwept
			}, sleeper(7), sleeper(1))
			return err
		}},
		{"a bounded map", func(ctx context.Context, trial *asynciotest.Trial) error {
			var p place
			trial.After(p.atMost(2))
			work := func(ctx context.Context, i int) (int, error) { return i, p.visit(ctx) }
			next := 0
			for v, err := range asyncio.Map(ctx, 2, slices.Values([]int{0, 1, 2, 3}), work) {
				if err != nil {
					return err
				}
				if v != next {
					t.Errorf("got %d, want %d", v, next)
				}
				next++
			}
			return nil
		}},
		{"a map over a queue, broken off", func(ctx context.Context, trial *asynciotest.Trial) error {
			q := asyncio.NewQueue[int](1)
			return together(ctx, func(ctx context.Context) error {
				defer q.Shutdown(true)
				for i := range 4 {
					if err := q.Put(ctx, i); errors.Is(err, asyncio.ErrQueueShutDown) {
						return nil
					} else if err != nil {
						return err
					}
				}
				return nil
			}, func(ctx context.Context) error {
				defer q.Shutdown(true)
				for v, err := range asyncio.Map(ctx, 2, q.All(ctx), func(ctx context.Context, i int) (int, error) { return i, steps(ctx) }) {
					if err != nil || v == 1 {
						return err
					}
				}
				return nil
			})
		}},
	})
}

func TestSweepTime(t *testing.T) {
	sweepAll(t, []swept{
		{"timeouts in timeouts", func(ctx context.Context, trial *asynciotest.Trial) error {
			ctx, outer := asyncio.WithTimeout(ctx, 2*time.Millisecond)
			defer outer.Cancel()
			inner, timeout := asyncio.WithTimeout(ctx, time.Millisecond)
			defer timeout.Cancel()
			if err := asyncio.Sleep(inner, time.Hour); trial.Undisturbed() && !timeout.Caused(err) {
				return err
			}
			if err := asyncio.Sleep(ctx, time.Hour); trial.Undisturbed() && !outer.Caused(err) {
				return err
			}
			return nil
		}},
		{"a timeout that is moved", func(ctx context.Context, trial *asynciotest.Trial) error {
			ctx, timeout := asyncio.WithTimeout(ctx, time.Millisecond)
			defer timeout.Cancel()
			timeout.Reschedule(asyncio.Now(ctx).Add(time.Second))
			return asyncio.Sleep(ctx, 10*time.Millisecond)
		}},
		{"wait for, in time and too late", func(ctx context.Context, trial *asynciotest.Trial) error {
			if _, err := asyncio.WaitFor(ctx, time.Second, sleeper(1)); err != nil {
				return err
			}
			_, err := asyncio.WaitFor(ctx, time.Millisecond, sleeper(5))
			if trial.Undisturbed() && !errors.Is(err, context.DeadlineExceeded) {
				return err
			}
			return asyncio.Yield(ctx)
		}},
		{"a shield around work in the middle", func(ctx context.Context, trial *asynciotest.Trial) error {
			begun, ended := false, false
			trial.After(func() error { return equal("shielded work done", ended, begun) })
			return together(ctx, steps, func(ctx context.Context) error {
				shielded, cancel := asyncio.Shield(ctx, time.Minute)
				defer cancel()
				begun = true
				for range 3 {
					if err := steps(shielded); err != nil {
						return err
					}
				}
				ended = true
				return steps(ctx)
			})
		}},
		{"a shield whose grace runs out", func(ctx context.Context, trial *asynciotest.Trial) error {
			ctx, cancel := asyncio.WithCancel(ctx)
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				ctx, end := asyncio.Shield(ctx, 3*time.Millisecond)
				defer end()
				return asyncio.Sleep(ctx, time.Hour)
			})
			err := steps(ctx)
			cancel(errSwept)
			task.Join(context.WithoutCancel(ctx))
			return err
		}},
		{"an interval beside another task", func(ctx context.Context, trial *asynciotest.Trial) error {
			return together(ctx, steps, func(ctx context.Context) error {
				ticks := asyncio.NewInterval(ctx, time.Millisecond, asyncio.Skip)
				for range 3 {
					if _, err := ticks.Tick(ctx); err != nil {
						return err
					}
				}
				return nil
			})
		}},
		{"waits under a context of the standard library", func(ctx context.Context, trial *asynciotest.Trial) error {
			var l asyncio.Lock
			trial.After(func() error { return equal("lock", l.Stats(), asyncio.LockStats{}) })
			return together(ctx, times(2, func(ctx context.Context, _ int) error {
				ctx, cancel := context.WithCancel(ctx)
				trial.After(func() error { cancel(); return nil }) // not before the loop shows its books
				if err := l.Acquire(ctx); err != nil {
					return err
				}
				defer l.Release()
				return steps(ctx)
			})...)
		}},
		{"contexts of the standard library", func(ctx context.Context, trial *asynciotest.Trial) error {
			ctx, cancel := context.WithCancel(context.WithValue(ctx, sweptKey{}, 1))
			defer cancel()
			task := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
			if err := steps(ctx); err != nil {
				return err
			}
			cancel()
			_, err := task.Await(context.WithoutCancel(ctx))
			if !errors.Is(err, asyncio.ErrTaskCancelled) {
				return err
			}
			return nil
		}},
	})
}
