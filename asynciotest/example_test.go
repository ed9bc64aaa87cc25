package asynciotest_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// t stands for the *testing.T of a test: it prints what would make the test fail.
var t = printing{}

type printing struct{ testing.TB }

func (printing) Helper()                           {}
func (printing) Name() string                      { return "TestOfYours" }
func (printing) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }

// A day passes at once, and takes exactly a day.
func ExampleRun() {
	asynciotest.Run(t, func(ctx context.Context) {
		start := asyncio.Now(ctx)
		if err := asyncio.Sleep(ctx, 24*time.Hour); err != nil {
			t.Errorf("sleep: %v", err)
		}
		if took := asyncio.Now(ctx).Sub(start); took != 24*time.Hour {
			t.Errorf("a day took %v", took)
		}
		fmt.Println("passed")
	})
	// Output:
	// passed
}

// What would hang for ever fails at once, and Main tells how the program ended.
func ExampleMain() {
	err := asynciotest.Main(t, func(ctx context.Context) error {
		var never asyncio.Event
		return never.Wait(ctx)
	})
	fmt.Println(err != nil)
	// Output:
	// true
}

// A virtual clock for a loop that the code under test starts itself.
func ExampleContext() {
	ctx := asynciotest.Context(context.Background())
	start := time.Now()
	err := asyncio.Run(ctx, func(ctx context.Context) error {
		return asyncio.Sleep(ctx, 1000*time.Hour)
	})
	fmt.Println(err, time.Since(start) < time.Hour)
	// Output:
	// <nil> true
}

// The blocks of two tasks run in the order of their numbers.
func ExampleSequencer() {
	asynciotest.Run(t, func(ctx context.Context) {
		var order asynciotest.Sequencer
		say := func(position int, word string) func(context.Context) error {
			return func(ctx context.Context) error {
				return order.Do(ctx, position, func() error {
					fmt.Println(word)
					return nil
				})
			}
		}
		err := asyncio.WithTaskGroup(ctx, func(_ context.Context, g *asyncio.TaskGroup) error {
			g.Go(say(2, "three"))
			g.Go(say(0, "one"))
			g.Go(say(1, "two"))
			return nil
		})
		if err != nil {
			t.Errorf("%v", err)
		}
	})
	// Output:
	// one
	// two
	// three
}

// After WaitIdle every other task has come to its wait: no sleep "long enough".
func ExampleWaitIdle() {
	asynciotest.Run(t, func(ctx context.Context) {
		var lock asyncio.Lock
		if err := lock.Acquire(ctx); err != nil {
			t.Errorf("%v", err)
		}
		for range 3 {
			asyncio.Go(ctx, func(ctx context.Context) error {
				if err := lock.Acquire(ctx); err != nil {
					return err
				}
				lock.Release()
				return nil
			})
		}
		if err := asynciotest.WaitIdle(ctx); err != nil {
			t.Errorf("%v", err)
		}
		fmt.Println(lock.Stats().Waiting, "tasks wait")
		lock.Release()
		asynciotest.WaitIdle(ctx)
	})
	// Output:
	// 3 tasks wait
}
