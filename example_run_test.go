package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/pprof"
	"strings"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// Run's error is main's. What main has left behind is cancelled, and has ended
// when Run returns.
func ExampleRun() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		asyncio.Go(ctx, func(ctx context.Context) error {
			defer fmt.Println("the other task has cleaned up")
			return asyncio.Sleep(ctx, time.Hour)
		})
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		return errors.New("main has failed")
	})
	fmt.Println(err)
	// Output:
	// the other task has cleaned up
	// main has failed
}

func ExampleRun_context() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	err := asyncio.Run(ctx, func(ctx context.Context) error {
		return asyncio.Sleep(ctx, time.Hour)
	})
	fmt.Println(err)
	// Output:
	// context deadline exceeded
}

func ExampleRunValue() {
	sum, err := asyncio.RunValue(context.Background(), func(ctx context.Context) (int, error) {
		a := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) { return 1, nil })
		b := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) { return 2, nil })
		values, err := asyncio.Gather(ctx, a, b)
		if err != nil {
			return 0, err
		}
		return values[0] + values[1], nil
	})
	fmt.Println(sum, err)
	// Output:
	// 3 <nil>
}

// A loop of its own can run several mains, one after the other.
func ExampleNewLoop() {
	loop := asyncio.NewLoop(asyncio.LoopName("worker"))
	for i := range 2 {
		err := loop.Run(context.Background(), func(ctx context.Context) error {
			fmt.Println("run", i, "on", asyncio.RunningLoop(ctx).Name())
			return nil
		})
		if err != nil {
			fmt.Println(err)
		}
	}
	loop.Close()
	fmt.Println(loop.Run(context.Background(), func(context.Context) error { return nil }))
	// Output:
	// run 0 on worker
	// run 1 on worker
	// asyncio: the loop is closed
}

// An error that nobody looked at is reported at the end of Run, by default to the
// default logger of log/slog.
func ExampleOnError() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		asyncio.Go(ctx, func(ctx context.Context) error {
			return errors.New("disk is full")
		}, asyncio.TaskName("saver"))
		return asyncio.Yield(ctx)
	}, asyncio.OnError(func(r asyncio.Report) {
		fmt.Printf("%s: %s: %v\n", r.Task, r.Message, r.Err)
	}))
	// Output:
	// saver: an error that nobody looked at: disk is full
}

// What a library has nobody to tell goes where the loop's own reports go.
func ExampleReportError() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		asyncio.ReportError(ctx, asyncio.Report{Message: "a client has gone", Err: io.ErrUnexpectedEOF})
		return nil
	}, asyncio.OnError(func(r asyncio.Report) { fmt.Printf("%s: %v\n", r.Message, r.Err) }))
	// Output:
	// a client has gone: unexpected EOF
}

// recorder notes the events of a loop.
type recorder struct{}

func (recorder) Observe(e asyncio.LoopEvent) {
	line := fmt.Sprintf("%s %s %v %s", e.At.UTC().Format("15:04:05"), e.Name, e.Kind, e.On)
	fmt.Println(strings.TrimSpace(line))
}

// An observer sees every step of every task.
func ExampleObserve() {
	ctx := asynciotest.Context(context.Background()) // its clock begins at midnight
	asyncio.Run(ctx, func(ctx context.Context) error {
		return asyncio.Sleep(ctx, time.Second)
	}, asyncio.Observe(recorder{}))
	// Output:
	// 00:00:00 main created
	// 00:00:00 main step begin
	// 00:00:00 main parked sleep
	// 00:00:00 main step end
	// 00:00:01 main woken
	// 00:00:01 main step begin
	// 00:00:01 main done
	// 00:00:01 main step end
}

// Where nobody can ever be woken again Run says so, and who waits for what.
func ExampleDeadlockError() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		var left, right *asyncio.Task[struct{}]
		left = asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := right.Await(ctx)
			return err
		}, asyncio.TaskName("left"))
		right = asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := left.Await(ctx)
			return err
		}, asyncio.TaskName("right"))
		_, err := left.Await(ctx)
		return err
	})
	var deadlock *asyncio.DeadlockError
	if errors.As(err, &deadlock) {
		for _, cycle := range deadlock.Cycles {
			for _, t := range cycle {
				fmt.Printf("%s waits for %s\n", t.Name, t.WaitsFor)
			}
		}
		fmt.Println(len(deadlock.Tasks), "tasks wait")
	}
	fmt.Println(errors.Is(err, asyncio.ErrDeadlock))
	// Output:
	// left waits for task "right"
	// right waits for task "left"
	// 3 tasks wait
	// true
}

// A panic comes out where the task is awaited, with the stack of the place where it
// happened. Where nobody awaits the task it comes out of Run.
func ExamplePanicError() {
	play(func(ctx context.Context) error {
		task := asyncio.Go(ctx, func(context.Context) error {
			var names []string
			fmt.Println("the first is", names[0])
			return nil
		}, asyncio.TaskName("careless"))
		defer func() {
			p := recover().(*asyncio.PanicError)
			fmt.Printf("%s: %v\n", p.Task, p.Value)
			fmt.Println(strings.Contains(string(p.Stack), "ExamplePanicError"))
		}()
		_, err := task.Await(ctx)
		return err
	})
	// Output:
	// careless: runtime error: index out of range [0] with length 0
	// true
}

// A task that does not end when it is cancelled is given some time, and then ended
// by force, with its deferred functions. Run says so.
func ExampleGracePeriod() {
	virtual := asynciotest.Context(context.Background())
	err := asyncio.Run(virtual, func(ctx context.Context) error {
		asyncio.Go(ctx, func(ctx context.Context) error {
			defer fmt.Println("deferred functions run")
			for {
				asyncio.Sleep(context.WithoutCancel(ctx), time.Second) // deaf to cancellation
			}
		}, asyncio.TaskName("deaf"))
		return asyncio.Yield(ctx)
	}, asyncio.GracePeriod(time.Minute), asyncio.OnError(func(r asyncio.Report) { fmt.Println(r.Message) }))
	fmt.Println(errors.Is(err, asyncio.ErrNotEnded))
	// Output:
	// task "deaf" did not end within the grace period of 1m0s: ended by force
	// deferred functions run
	// true
}

// The loop is blocked by something that does not wait on it: the watchdog tells
// while it happens, with the stack.
func ExampleSlowStep() {
	told := make(chan struct{})
	asyncio.Run(context.Background(), func(context.Context) error {
		<-told // blocks the loop; asyncio.Receive would wait on it
		return nil
	}, asyncio.LoopName("main"), asyncio.SlowStep(20*time.Millisecond), asyncio.OnError(func(r asyncio.Report) {
		fmt.Println(r.Message)
		fmt.Println(strings.Contains(string(r.Stack), "ExampleSlowStep"))
		close(told)
	}))
	// Output:
	// loop "main" is blocked: one step has taken more than 20ms
	// true
}

// The debug mode refuses calls from goroutines that are not the loop's.
func ExampleDebug() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		refused := make(chan error)
		go func() { refused <- asyncio.Sleep(ctx, time.Second) }()
		fmt.Println(errors.Is(<-refused, asyncio.ErrNotInTask))
		return nil
	}, asyncio.Debug(true))
	// Output:
	// true
}

// Which task takes the time? With labels a profile tells it by the tasks' names:
//
//	go tool pprof -tagshow=asyncio_task -tagroot=asyncio_task cpu.out
func ExampleProfileLabels() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		task, _ := pprof.Label(ctx, "asyncio_task")
		loop, _ := pprof.Label(ctx, "asyncio_loop")
		fmt.Println(task, "on", loop)
		return nil
	}, asyncio.ProfileLabels(true))
	fmt.Println(err)
	// Output:
	// main on loop
	// <nil>
}
