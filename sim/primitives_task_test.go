package sim_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/goasyncio/asyncio"
)

var errSmall = errors.New("went wrong")

var smallTasks = []small{
	{"a future tells all who wait", 2, func(c *cast) func() error {
		f := asyncio.NewFuture[int](c.group.Context())
		sum := 0
		for i := range 2 {
			c.task(fmt.Sprint("t", i), func(ctx context.Context) error {
				v, err := f.Await(ctx)
				sum += v
				if err == nil && v != 7 {
					return fmt.Errorf("got %d", v)
				}
				return err
			})
		}
		c.task("setter", func(context.Context) error { return f.SetResult(7) })
		return func() error {
			if sum < 7 || sum%7 != 0 || f.Cancelled() {
				return fmt.Errorf("the values add up to %d, and the future is cancelled: %v", sum, f.Cancelled())
			}
			return nil
		}
	}},
	{"a group ends after its children", 1, func(c *cast) func() error {
		inside := 0
		child := func(ctx context.Context) error {
			inside++
			defer func() { inside-- }()
			return asyncio.Yield(ctx)
		}
		var left error
		c.task("owner", func(ctx context.Context) error {
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
				g.Go(child)
				g.Go(child)
				return asyncio.Yield(ctx)
			})
			if inside != 0 {
				left = fmt.Errorf("%d children live on", inside)
			}
			return err
		})
		return func() error { return left }
	}},
	{"the first error of a group ends it and comes back", 1, func(c *cast) func() error {
		var seen error
		c.task("owner", func(ctx context.Context) error {
			seen = asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
				g.Go(func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
				g.Go(func(ctx context.Context) error {
					asyncio.Yield(ctx)
					return errSmall
				})
				return nil
			})
			return ctx.Err()
		})
		return func() error {
			if !errors.Is(seen, errSmall) && !errors.Is(seen, context.Canceled) {
				return fmt.Errorf("the group returned %v", seen)
			}
			return nil
		}
	}},
	{"a race has one winner and no loser lives on", 1, func(c *cast) func() error {
		inside := 0
		racer := func(ctx context.Context) (int, error) {
			inside++
			defer func() { inside-- }()
			if err := asyncio.Yield(ctx); err != nil {
				return 0, err
			}
			return 1, nil
		}
		c.task("owner", func(ctx context.Context) error {
			v, err := asyncio.Race(ctx, racer, racer)
			if (err == nil) != (v == 1) {
				return fmt.Errorf("%d and %v", v, err)
			}
			return err
		})
		return func() error { return same("racers that live on", inside, 0) }
	}},
	{"a gather has all values or an error", 2, func(c *cast) func() error {
		child := asyncio.CreateTaskIn(c.group, func(ctx context.Context) (int, error) {
			return 3, asyncio.Yield(ctx)
		})
		c.task("owner", func(ctx context.Context) error {
			all, err := asyncio.Gather(ctx, child, child)
			if err == nil && (len(all) != 2 || all[0]+all[1] != 6) {
				return fmt.Errorf("gathered %v", all)
			}
			return err
		})
		c.task("other", func(ctx context.Context) error {
			_, err := child.Await(ctx)
			return err
		})
		return func() error { return same("the child is cancelled", child.Cancelled(), false) }
	}},
	{"a task that starts in a group has started or ends", 1, func(c *cast) func() error {
		var left error
		c.task("owner", func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
				served := false
				v, err := asyncio.StartIn(ctx, g, func(ctx context.Context, started func(int)) error {
					if err := asyncio.Yield(ctx); err != nil {
						return err
					}
					served = true
					started(5)
					return nil
				})
				if (err == nil) != (v == 5) || err == nil && !served {
					left = fmt.Errorf("started with %d, %v", v, err)
				}
				return err
			})
		})
		return func() error { return left }
	}},
	{"a timeout at the moment of the result is one of the two", 1, func(c *cast) func() error {
		const moment = time.Millisecond
		var wrong error
		c.task("owner", func(ctx context.Context) error {
			ctx, timeout := asyncio.WithTimeout(ctx, moment)
			defer timeout.Cancel()
			err := asyncio.Sleep(ctx, moment)
			if timeout.Caused(err) != errors.Is(err, context.DeadlineExceeded) {
				wrong = fmt.Errorf("caused %v, %w", timeout.Caused(err), err)
			}
			if timeout.Caused(err) {
				return nil
			}
			return err
		})
		c.task("sleeper", func(ctx context.Context) error { return asyncio.Sleep(ctx, moment) })
		return func() error { return wrong }
	}},
	{"a cancellation is met by every later wait", 1, func(c *cast) func() error {
		var wrong error
		c.task("t0", func(ctx context.Context) error {
			for i := range 3 {
				if asyncio.Yield(ctx) == nil {
					continue
				}
				for _, err := range []error{asyncio.Yield(ctx), asyncio.Checkpoint(ctx), asyncio.Sleep(ctx, time.Hour)} {
					if err == nil {
						wrong = fmt.Errorf("after wait %d one went on", i)
					}
				}
				return ctx.Err()
			}
			return nil
		})
		return func() error { return wrong }
	}},
}
