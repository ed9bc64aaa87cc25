package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/goasyncio/asyncio"
)

func ExampleCreateTask() {
	play(func(ctx context.Context) error {
		task := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
			fmt.Println("the task begins")
			return 42, asyncio.Sleep(ctx, time.Second)
		}, asyncio.TaskName("answer"))
		fmt.Println("created", task.Name())
		v, err := task.Await(ctx)
		fmt.Println(v, err)
		return nil
	})
	// Output:
	// created answer
	// the task begins
	// 42 <nil>
}

func ExampleGo() {
	play(func(ctx context.Context) error {
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			return errors.New("no luck")
		})
		_, err := task.Await(ctx)
		fmt.Println(err)
		return nil
	})
	// Output:
	// no luck
}

// A task that was cancelled meets the cancellation at its wait, and cleans up.
// That what one awaits was cancelled is an error of its own: oneself was not.
func ExampleTask_Cancel() {
	play(func(ctx context.Context) error {
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			err := asyncio.Sleep(ctx, time.Hour)
			fmt.Println("the task:", err)
			fmt.Println("its reason:", context.Cause(ctx))
			return err
		}, asyncio.TaskName("sleeper"))
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		task.Cancel(errors.New("time to get up"))
		_, err := task.Await(ctx)
		fmt.Println("who awaits it:", err)
		fmt.Println(errors.Is(err, asyncio.ErrTaskCancelled), errors.Is(err, context.Canceled))
		return nil
	})
	// Output:
	// the task: context canceled: time to get up
	// its reason: time to get up
	// who awaits it: asyncio: sleeper was cancelled: time to get up
	// true false
}

// Where the wait ends early, Await leaves the task alone; Join cancels it.
func ExampleTask_Join() {
	play(func(ctx context.Context) error {
		task := asyncio.CreateTask(ctx, greeting("a slow server", time.Hour))

		short, timeout := asyncio.WithTimeout(ctx, time.Second)
		_, err := task.Await(short)
		timeout.Cancel()
		fmt.Println(err, "- the task is done:", task.Done())

		short, timeout = asyncio.WithTimeout(ctx, time.Second)
		_, err = task.Join(short)
		timeout.Cancel()
		fmt.Println(errors.Is(err, context.DeadlineExceeded), "- the task is done:", task.Done())
		return nil
	})
	// Output:
	// asyncio: timeout of 1s expired - the task is done: false
	// true - the task is done: true
}

func ExampleTask_AddDoneCallback() {
	play(func(ctx context.Context) error {
		task := asyncio.CreateTask(ctx, greeting("A", time.Second))
		task.AddDoneCallback(func(t *asyncio.Task[string]) {
			fmt.Println(t.Result())
		})
		return asyncio.Sleep(ctx, time.Minute)
	})
	// Output:
	// hello from A <nil>
}

// Eager runs a task up to its first wait at once.
func ExampleEager() {
	play(func(ctx context.Context) error {
		asyncio.Go(ctx, func(context.Context) error {
			fmt.Println("eager task")
			return nil
		}, asyncio.Eager())
		fmt.Println("main goes on")
		return nil
	})
	// Output:
	// eager task
	// main goes on
}

// Of the tasks that are ready in one round those of higher priority run first.
func ExamplePriority() {
	play(func(ctx context.Context) error {
		for _, p := range []int{0, 10, 5} {
			asyncio.Go(ctx, func(context.Context) error {
				fmt.Println("priority", p)
				return nil
			}, asyncio.Priority(p))
		}
		return asyncio.Yield(ctx)
	})
	// Output:
	// priority 10
	// priority 5
	// priority 0
}

// A future is the way from a callback to a task.
func ExampleNewFuture() {
	play(func(ctx context.Context) error {
		answer := asyncio.NewFuture[string](ctx)
		asyncio.CallLater(ctx, time.Second, func() {
			answer.SetResult("here it is")
			fmt.Println(answer.SetResult("again"))
		})
		fmt.Println(answer.Await(ctx))
		return nil
	})
	// Output:
	// asyncio: the future has its outcome already
	// here it is <nil>
}

// What a running loop is doing.
func ExampleAllTasks() {
	play(func(ctx context.Context) error {
		var lock asyncio.Lock
		if err := lock.Acquire(ctx); err != nil {
			return err
		}
		defer lock.Release()
		asyncio.Go(ctx, lock.Acquire, asyncio.TaskName("polite"))
		asyncio.CreateTask(ctx, greeting("A", time.Hour), asyncio.TaskName("sleepy"))
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		for _, t := range asyncio.AllTasks(ctx) {
			info := t.Info()
			fmt.Printf("%s: %s %q\n", info.Name, info.State, info.WaitsFor)
		}
		fmt.Println("this is", asyncio.CurrentTask(ctx).Name())
		return nil
	})
	// Output:
	// main: running ""
	// polite: waiting "Lock held by task \"main\""
	// sleepy: waiting "sleep"
	// this is main
}

// A value in the context reaches every task below it.
func ExampleCreateTask_values() {
	type key struct{}
	play(func(ctx context.Context) error {
		ctx = context.WithValue(ctx, key{}, "request 7")
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			fmt.Println("working for", ctx.Value(key{}))
			return nil
		})
		_, err := task.Await(ctx)
		return err
	})
	// Output:
	// working for request 7
}

func ExampleCurrentTask() {
	play(func(ctx context.Context) error {
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			fmt.Println("this is", asyncio.CurrentTask(ctx).Name())
			return nil
		}, asyncio.TaskName("the other"))
		fmt.Println("this is", asyncio.CurrentTask(ctx).Name())
		_, err := task.Await(ctx)
		return err
	})
	// Output:
	// this is main
	// this is the other
}

func ExampleLogHandler() {
	text := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime})
	log := slog.New(asyncio.LogHandler(text))
	play(func(ctx context.Context) error {
		asyncio.Go(ctx, func(ctx context.Context) error {
			log.InfoContext(ctx, "cache is warm", "entries", 12)
			return nil
		}, asyncio.TaskName("warmer"))
		return asyncio.Yield(ctx)
	})
	// Output:
	// level=INFO msg="cache is warm" entries=12 task=warmer task_id=2 loop=loop
}

func withoutTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}
