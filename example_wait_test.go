package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/goasyncio/asyncio"
)

func ExampleGather() {
	play(func(ctx context.Context) error {
		a := asyncio.CreateTask(ctx, greeting("A", 2*time.Second))
		b := asyncio.CreateTask(ctx, greeting("B", time.Second))
		fmt.Println(asyncio.Gather(ctx, a, b)) // in the order of the arguments
		return nil
	})
	// Output:
	// [hello from A hello from B] <nil>
}

// Where each outcome counts, also the failures.
func ExampleGatherSettled() {
	play(func(ctx context.Context) error {
		a := asyncio.CreateTask(ctx, greeting("A", time.Second))
		b := asyncio.CreateTask(ctx, func(context.Context) (string, error) {
			return "", errors.New("B is broken")
		})
		outcomes, err := asyncio.GatherSettled(ctx, a, b)
		for _, o := range outcomes {
			fmt.Printf("%q %v\n", o.Value, o.Err)
		}
		return err
	})
	// Output:
	// "hello from A" <nil>
	// "" B is broken
}

func ExampleWait() {
	play(func(ctx context.Context) error {
		fast := asyncio.CreateTask(ctx, greeting("fast", time.Second), asyncio.TaskName("fast"))
		slow := asyncio.CreateTask(ctx, greeting("slow", time.Hour), asyncio.TaskName("slow"))
		done, pending, err := asyncio.Wait(ctx, asyncio.FirstCompleted, fast, slow)
		if err != nil {
			return err
		}
		fmt.Println("done:", done[0].Name(), "pending:", pending[0].Name())
		return nil
	})
	// Output:
	// done: fast pending: slow
}

func ExampleWaitUpTo() {
	play(func(ctx context.Context) error {
		a := asyncio.CreateTask(ctx, greeting("A", time.Second))
		b := asyncio.CreateTask(ctx, greeting("B", time.Hour))
		done, pending, err := asyncio.WaitUpTo(ctx, time.Minute, asyncio.AllCompleted, a, b)
		fmt.Println("after a minute:", len(done), "done,", len(pending), "pending")
		return err
	})
	// Output:
	// after a minute: 1 done, 1 pending
}

func ExampleAsCompleted() {
	play(func(ctx context.Context) error {
		tasks := []*asyncio.Task[string]{
			asyncio.CreateTask(ctx, greeting("A", 3*time.Second)),
			asyncio.CreateTask(ctx, greeting("B", 1*time.Second)),
			asyncio.CreateTask(ctx, greeting("C", 2*time.Second)),
		}
		for task, err := range asyncio.AsCompleted(ctx, tasks...) {
			if err != nil {
				return err // of the wait; the task's own is in its Result
			}
			fmt.Println(task.Result())
		}
		return nil
	})
	// Output:
	// hello from B <nil>
	// hello from C <nil>
	// hello from A <nil>
}

// The first that succeeds wins; the others are cancelled.
func ExampleRace() {
	play(func(ctx context.Context) error {
		elapsed := stopwatch(ctx)
		winner, err := asyncio.Race(ctx,
			greeting("the far mirror", 300*time.Millisecond),
			greeting("the near mirror", 20*time.Millisecond),
			func(context.Context) (string, error) { return "", errors.New("this one is down") },
		)
		fmt.Println(winner, err, elapsed())
		return nil
	})
	// Output:
	// hello from the near mirror <nil> 20ms
}

// The second address is tried when the first has not answered for a while.
func ExampleStaggeredRace() {
	play(func(ctx context.Context) error {
		elapsed := stopwatch(ctx)
		winner, err := asyncio.StaggeredRace(ctx, 250*time.Millisecond,
			greeting("the IPv6 address", time.Hour),
			greeting("the IPv4 address", 50*time.Millisecond),
		)
		fmt.Println(winner, err, elapsed())
		return nil
	})
	// Output:
	// hello from the IPv4 address <nil> 300ms
}

// Three at a time; the results come in the order of the names.
func ExampleMap() {
	play(func(ctx context.Context) error {
		elapsed := stopwatch(ctx)
		names := slices.Values([]string{"A", "B", "C", "D", "E"})
		for s, err := range asyncio.Map(ctx, 3, names, func(ctx context.Context, name string) (string, error) {
			return greet(ctx, name, time.Second)
		}) {
			if err != nil {
				return err
			}
			fmt.Println(s, "after", elapsed())
		}
		return nil
	})
	// Output:
	// hello from A after 1s
	// hello from B after 1s
	// hello from C after 1s
	// hello from D after 2s
	// hello from E after 2s
}
