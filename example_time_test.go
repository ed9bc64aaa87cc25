package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/goasyncio/asyncio"
)

func ExampleSleep() {
	play(func(ctx context.Context) error {
		elapsed := stopwatch(ctx)
		if err := asyncio.Sleep(ctx, 90*time.Minute); err != nil {
			return err
		}
		fmt.Println(elapsed())
		return nil
	})
	// Output:
	// 1h30m0s
}

// Yield lets the others run once: two tasks take turns.
func ExampleYield() {
	play(func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(_ context.Context, g *asyncio.TaskGroup) error {
			for _, word := range []string{"ping", "pong"} {
				g.Go(func(ctx context.Context) error {
					for range 2 {
						fmt.Println(word)
						if err := asyncio.Yield(ctx); err != nil {
							return err
						}
					}
					return nil
				})
			}
			return nil
		})
	})
	// Output:
	// ping
	// pong
	// ping
	// pong
}

func ExampleSleepUntil() {
	play(func(ctx context.Context) error {
		elapsed := stopwatch(ctx)
		midday := asyncio.Now(ctx).Truncate(24 * time.Hour).Add(12 * time.Hour)
		if err := asyncio.SleepUntil(ctx, midday); err != nil {
			return err
		}
		fmt.Println(asyncio.Now(ctx).UTC().Format(time.TimeOnly), elapsed())
		return nil
	})
	// Output:
	// 12:00:00 12h0m0s
}

// The body takes no part of the period: the ticks come on the second.
func ExampleInterval() {
	play(func(ctx context.Context) error {
		elapsed := stopwatch(ctx)
		ticks := asyncio.NewInterval(ctx, time.Second, asyncio.Skip)
		for _, work := range []time.Duration{300 * time.Millisecond, 2500 * time.Millisecond, 0} {
			if _, err := ticks.Tick(ctx); err != nil {
				return err
			}
			fmt.Println("tick at", elapsed())
			if err := asyncio.Sleep(ctx, work); err != nil {
				return err
			}
		}
		_, err := ticks.Tick(ctx)
		fmt.Println("tick at", elapsed())
		return err
	})
	// Output:
	// tick at 0s
	// tick at 1s
	// tick at 3.5s
	// tick at 4s
}

// Everything that waits under the context ends when the time has passed, and the
// timeout knows whether an error came from that.
func ExampleWithTimeout() {
	play(func(outer context.Context) error {
		ctx, timeout := asyncio.WithTimeout(outer, 5*time.Second)
		defer timeout.Cancel()
		for _, name := range []string{"the first", "the second", "the third"} {
			greeting, err := greet(ctx, name, 2*time.Second)
			if timeout.Caused(err) {
				fmt.Println("too late:", err)
				break
			}
			fmt.Println(greeting)
		}
		return nil
	})
	// Output:
	// hello from the first
	// hello from the second
	// too late: asyncio: timeout of 5s expired
}

// A deadline can be moved, for example whenever there is progress.
func ExampleTimeout_Reschedule() {
	play(func(ctx context.Context) error {
		elapsed := stopwatch(ctx)
		ctx, idle := asyncio.WithTimeout(ctx, time.Second)
		defer idle.Cancel()
		for _, pause := range []time.Duration{800 * time.Millisecond, 900 * time.Millisecond, 1100 * time.Millisecond} {
			if err := asyncio.Sleep(ctx, pause); err != nil {
				fmt.Println("no progress, given up after", elapsed())
				break
			}
			idle.Reschedule(asyncio.Now(ctx).Add(time.Second))
		}
		return nil
	})
	// Output:
	// no progress, given up after 2.7s
}

func ExampleWithDeadline() {
	play(func(outer context.Context) error {
		ctx, timeout := asyncio.WithDeadline(outer, asyncio.Now(outer).Add(time.Minute))
		defer timeout.Cancel()
		err := asyncio.Sleep(ctx, time.Hour)
		fmt.Println(errors.Is(err, context.DeadlineExceeded), timeout.Expired())
		return nil
	})
	// Output:
	// true true
}

func ExampleWaitFor() {
	play(func(ctx context.Context) error {
		fmt.Println(asyncio.WaitFor(ctx, time.Second, greeting("a quick server", time.Millisecond)))
		_, err := asyncio.WaitFor(ctx, time.Second, greeting("a slow server", time.Hour))
		fmt.Println(err)

		// For a task: cancel it where it takes too long, and wait for its end.
		task := asyncio.CreateTask(ctx, greeting("another slow server", time.Hour))
		_, err = asyncio.WaitFor(ctx, time.Second, task.Join)
		fmt.Println(err, task.Cancelled())
		return nil
	})
	// Output:
	// hello from a quick server <nil>
	// asyncio: timeout of 1s expired
	// asyncio: timeout of 1s expired true
}

func ExampleWithCancel() {
	play(func(ctx context.Context) error {
		ctx, cancel := asyncio.WithCancel(ctx)
		asyncio.CallLater(ctx, time.Second, func() { cancel(errors.New("changed my mind")) })
		err := asyncio.Sleep(ctx, time.Hour)
		fmt.Println(err)
		fmt.Println(asyncio.Sleep(ctx, time.Hour)) // and so does every later wait
		return nil
	})
	// Output:
	// context canceled: changed my mind
	// context canceled: changed my mind
}

// A clean-up that itself must wait gets a grace period after the cancellation.
func ExampleShield() {
	play(func(ctx context.Context) error {
		elapsed := stopwatch(ctx)
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			defer func() {
				ctx, cancel := asyncio.Shield(ctx, 10*time.Second)
				defer cancel()
				fmt.Println(greet(ctx, "a short goodbye", time.Second))
				fmt.Println(asyncio.Sleep(ctx, time.Hour), "after", elapsed())
			}()
			return asyncio.Sleep(ctx, time.Hour)
		})
		asyncio.CallLater(ctx, time.Minute, func() { task.Cancel(nil) })
		task.Await(ctx)
		return nil
	})
	// Output:
	// hello from a short goodbye <nil>
	// asyncio: timeout of 10s expired after 1m10s
}

func ExampleCallLater() {
	play(func(ctx context.Context) error {
		elapsed := stopwatch(ctx)
		asyncio.CallLater(ctx, 2*time.Second, func() { fmt.Println("later, after", elapsed()) })
		never := asyncio.CallLater(ctx, time.Second, func() { fmt.Println("never") })
		asyncio.CallSoon(ctx, func() { fmt.Println("soon, after", elapsed()) })
		fmt.Println("cancelled:", never.Cancel())
		return asyncio.Sleep(ctx, time.Minute)
	})
	// Output:
	// cancelled: true
	// soon, after 0s
	// later, after 2s
}

func ExampleCallSoon() {
	play(func(ctx context.Context) error {
		asyncio.CallSoon(ctx, func() { fmt.Println("in the next round") })
		fmt.Println("in this step")
		return asyncio.Yield(ctx)
	})
	// Output:
	// in this step
	// in the next round
}

func ExampleCallAt() {
	play(func(ctx context.Context) error {
		elapsed := stopwatch(ctx)
		asyncio.CallAt(ctx, asyncio.Now(ctx).Add(time.Hour), func() { fmt.Println("it is time, after", elapsed()) })
		return asyncio.Sleep(ctx, 2*time.Hour)
	})
	// Output:
	// it is time, after 1h0m0s
}

func ExampleRand() {
	play(func(ctx context.Context) error {
		elapsed := stopwatch(ctx)
		jitter := time.Duration(asyncio.Rand(ctx).Int64N(int64(time.Second)))
		if err := asyncio.Sleep(ctx, time.Minute+jitter); err != nil { // not all at the same time
			return err
		}
		fmt.Println(elapsed() >= time.Minute, elapsed() < time.Minute+time.Second)
		return nil
	})
	// Output:
	// true true
}
