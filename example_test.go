package asyncio_test

import (
	"context"
	"fmt"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// play is asyncio.Run under a virtual clock, for examples in which time passes:
// they take none, and their durations are exact.
func play(main func(ctx context.Context) error) {
	err := asyncio.Run(asynciotest.Context(context.Background()), main)
	if err != nil {
		fmt.Println("error:", err)
	}
}

// stopwatch tells how much time has passed on the loop's clock.
func stopwatch(ctx context.Context) func() time.Duration {
	start := asyncio.Now(ctx)
	return func() time.Duration { return asyncio.Now(ctx).Sub(start) }
}

// greet is the coroutine of several examples: it returns a greeting after a while.
func greet(ctx context.Context, name string, after time.Duration) (string, error) {
	if err := asyncio.Sleep(ctx, after); err != nil {
		return "", err
	}
	return "hello from " + name, nil
}

// greeting is greet as a function for those who start tasks.
func greeting(name string, after time.Duration) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) { return greet(ctx, name, after) }
}

// Two tasks wait at the same time: three seconds and two seconds are three seconds.
func Example() {
	play(func(ctx context.Context) error {
		elapsed := stopwatch(ctx)
		a := asyncio.CreateTask(ctx, greeting("A", 3*time.Second))
		b := asyncio.CreateTask(ctx, greeting("B", 2*time.Second))
		greetings, err := asyncio.Gather(ctx, a, b)
		fmt.Println(greetings, "after", elapsed())
		return err
	})
	// Output:
	// [hello from A hello from B] after 3s
}

// State that many tasks share needs no lock as long as no wait is between its
// reading and its writing: nobody else runs meanwhile.
func Example_sharedState() {
	play(func(ctx context.Context) error {
		balance := 100
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			for range 1000 {
				g.Go(func(ctx context.Context) error {
					if balance >= 30 {
						balance -= 30
					}
					return asyncio.Yield(ctx)
				})
			}
			return nil
		})
		fmt.Println("left:", balance)
		return err
	})
	// Output:
	// left: 10
}
