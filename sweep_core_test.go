package asyncio_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

var errSwept = errors.New("as planned")

func TestSweepTasksAndFutures(t *testing.T) {
	sweepAll(t, []swept{
		{"tasks that yield and sleep", func(ctx context.Context, trial *asynciotest.Trial) error {
			return together(ctx, times(3, func(ctx context.Context, i int) error { return steps(ctx) })...)
		}},
		{"a chain of tasks, each awaited by the one before", func(ctx context.Context, trial *asynciotest.Trial) error {
			var link func(ctx context.Context, depth int) error
			link = func(ctx context.Context, depth int) error {
				if depth == 0 {
					return steps(ctx)
				}
				_, err := asyncio.Go(ctx, func(ctx context.Context) error { return link(ctx, depth-1) }).Join(ctx)
				return err
			}
			return link(ctx, 4)
		}},
		{"several tasks await one, and one of them leaves early", func(ctx context.Context, trial *asynciotest.Trial) error {
			work := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) { return 7, steps(ctx) })
			return together(ctx, times(3, func(ctx context.Context, i int) error {
				ctx, timeout := asyncio.WithTimeout(ctx, time.Duration(i)*time.Millisecond)
				defer timeout.Cancel()
				if _, err := work.Await(ctx); err != nil && !timeout.Caused(err) {
					return err
				}
				return nil
			})...)
		}},
		{"a future that a task sets and others await", func(ctx context.Context, trial *asynciotest.Trial) error {
			f := asyncio.NewFuture[int](ctx)
			await := func(ctx context.Context) error { _, err := f.Await(ctx); return err }
			return together(ctx, await, await, func(ctx context.Context) error {
				defer f.SetResult(1) // also where it is cancelled: the others must not wait for ever
				return steps(ctx)
			})
		}},
		{"callbacks that set futures", func(ctx context.Context, trial *asynciotest.Trial) error {
			f := asyncio.NewFuture[int](ctx)
			h := asyncio.CallLater(ctx, time.Millisecond, func() { f.SetResult(1) })
			defer h.Cancel()
			task := asyncio.Go(ctx, func(ctx context.Context) error { _, err := f.Await(ctx); return err })
			called := false
			task.AddDoneCallback(func(*asyncio.Task[struct{}]) { called = true })
			trial.After(func() error { return equal("done callback called", called, true) })
			_, err := task.Join(ctx)
			return err
		}},
		{"tasks that outlive the one that made them", func(ctx context.Context, trial *asynciotest.Trial) error {
			_, err := asyncio.Go(ctx, func(ctx context.Context) error {
				asyncio.Go(ctx, steps)
				asyncio.Go(context.WithoutCancel(ctx), steps)
				return nil
			}).Join(ctx)
			return err
		}},
		{"a clean-up that waits", func(ctx context.Context, trial *asynciotest.Trial) error {
			begun, cleaned := 0, 0
			trial.After(func() error { return equal("clean-ups", cleaned, begun) })
			return together(ctx, times(2, func(ctx context.Context, i int) error {
				begun++
				defer func() {
					ctx, cancel := asyncio.Shield(ctx, time.Second)
					defer cancel()
					if steps(ctx) == nil {
						cleaned++
					}
				}()
				return steps(ctx)
			})...)
		}},
		{"eager tasks", func(ctx context.Context, trial *asynciotest.Trial) error {
			a := asyncio.Go(ctx, steps, asyncio.Eager())
			b := asyncio.Go(ctx, func(context.Context) error { return nil }, asyncio.Eager())
			if !b.Done() {
				return errors.New("an eager task that does not wait is not done")
			}
			_, err := a.Join(ctx)
			return err
		}},
		{"tasks of several priorities", func(ctx context.Context, trial *asynciotest.Trial) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
				for i := range 4 {
					g.Go(steps, asyncio.Priority(i%2))
				}
				return nil
			})
		}},
	})
}

func TestSweepGroups(t *testing.T) {
	fails := func(ctx context.Context) error {
		if err := steps(ctx); err != nil {
			return err
		}
		return errSwept
	}
	sweepAll(t, []swept{
		{"a child of a group fails", func(ctx context.Context, trial *asynciotest.Trial) error {
			err := together(ctx, steps, fails, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
			if trial.Undisturbed() && !errors.Is(err, errSwept) {
				return err
			}
			return nil
		}},
		{"groups in groups", func(ctx context.Context, trial *asynciotest.Trial) error {
			inner := func(ctx context.Context) error { return together(ctx, steps, steps) }
			return together(ctx, inner, inner, steps)
		}},
		{"an inner group fails and the outer one goes on", func(ctx context.Context, trial *asynciotest.Trial) error {
			return together(ctx, steps, func(ctx context.Context) error {
				if err := together(ctx, fails, steps); err != nil && !errors.Is(err, errSwept) {
					return err
				}
				return steps(ctx)
			})
		}},
		{"children that make children while the group ends", func(ctx context.Context, trial *asynciotest.Trial) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
				g.Go(func(ctx context.Context) error {
					err := steps(ctx)
					g.Go(steps)
					return err
				})
				return nil
			})
		}},
		{"a group that is cancelled by its own task", func(ctx context.Context, trial *asynciotest.Trial) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
				g.Go(func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
				g.Go(func(ctx context.Context) error { defer g.Cancel(nil); return steps(ctx) })
				return steps(ctx)
			})
		}},
		{"a group with a bound", func(ctx context.Context, trial *asynciotest.Trial) error {
			var p place
			trial.After(p.atMost(2))
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
				for range 4 {
					g.Go(func(ctx context.Context) error {
						if err := asyncio.Checkpoint(ctx); err != nil {
							return err // called out of turn, to clean up: it is not at work
						}
						return p.visit(ctx)
					})
				}
				return nil
			}, asyncio.MaxTasks(2))
		}},
		{"start a server in a group and wait until it is ready", func(ctx context.Context, trial *asynciotest.Trial) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
				port, err := asyncio.StartIn(ctx, g, func(ctx context.Context, started func(int)) error {
					if err := steps(ctx); err != nil {
						return err
					}
					started(80)
					return steps(ctx)
				})
				if err != nil {
					return err
				}
				return equal("port", port, 80)
			})
		}},
		{"a child that ignores its cancellation for a while", func(ctx context.Context, trial *asynciotest.Trial) error {
			return together(ctx, steps, func(ctx context.Context) error {
				return steps(context.WithoutCancel(ctx))
			})
		}},
	})
}
