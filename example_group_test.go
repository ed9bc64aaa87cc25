package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/goasyncio/asyncio"
)

// A group ends after its last task. The first failure cancels the others.
func ExampleWithTaskGroup() {
	play(func(ctx context.Context) error {
		down := errors.New("the second server is down")
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			g.Go(func(ctx context.Context) error {
				_, err := greet(ctx, "the first server", time.Hour)
				fmt.Println("first:", err)
				return err
			})
			g.Go(func(ctx context.Context) error {
				if err := asyncio.Sleep(ctx, time.Second); err != nil {
					return err
				}
				return down
			})
			return nil
		})
		fmt.Println(err)
		fmt.Println(errors.Is(err, down))
		return nil
	})
	// Output:
	// first: context canceled: asyncio: another task of the group, or its body, has failed
	// asyncio: task group: 1 failed
	//   the second server is down
	// true
}

func ExampleCreateTaskIn() {
	play(func(ctx context.Context) error {
		var a, b *asyncio.Task[string]
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			a = asyncio.CreateTaskIn(g, greeting("A", time.Second))
			b = asyncio.CreateTaskIn(g, greeting("B", time.Second))
			return nil
		})
		if err != nil {
			return err
		}
		fmt.Println(a.Result())
		fmt.Println(b.Result())
		return nil
	})
	// Output:
	// hello from A <nil>
	// hello from B <nil>
}

// A server is started, and the body goes on when it is ready.
func ExampleStartIn() {
	play(func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			address, err := asyncio.StartIn(ctx, g, func(ctx context.Context, started func(string)) error {
				if err := asyncio.Sleep(ctx, time.Second); err != nil { // loading its data
					return err
				}
				started("127.0.0.1:7000")
				return asyncio.Sleep(ctx, time.Hour) // serving
			})
			if err != nil {
				return err
			}
			fmt.Println("it listens on", address)
			g.Cancel(nil)
			return nil
		})
	})
	// Output:
	// it listens on 127.0.0.1:7000
}

// Cancel ends a group early, and that is no error.
func ExampleTaskGroup_Cancel() {
	play(func(ctx context.Context) error {
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			for i := range 10 {
				g.Go(func(ctx context.Context) error {
					if err := asyncio.Sleep(ctx, time.Duration(i)*time.Second); err != nil {
						return err
					}
					fmt.Println("task", i, "has slept")
					if i == 2 {
						g.Cancel(errors.New("that is enough"))
					}
					return nil
				})
			}
			return nil
		})
		fmt.Println(err)
		return nil
	})
	// Output:
	// task 0 has slept
	// task 1 has slept
	// task 2 has slept
	// <nil>
}

// A group can bound how many of its tasks are at work at a time.
func ExampleMaxTasks() {
	play(func(ctx context.Context) error {
		elapsed := stopwatch(ctx)
		err := asyncio.WithTaskGroup(ctx, func(_ context.Context, g *asyncio.TaskGroup) error {
			for range 10 {
				g.Go(func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Second) })
			}
			return nil
		}, asyncio.MaxTasks(4))
		fmt.Println(elapsed())
		return err
	})
	// Output:
	// 3s
}
