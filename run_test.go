package asyncio_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// virtual is the context for a Run under a virtual clock.
func virtual() context.Context { return asynciotest.Context(context.Background()) }

func TestRunReturnsWhatMainReturns(t *testing.T) {
	expect(t, "error", asyncio.Run(virtual(), func(context.Context) error { return errBoom }), errBoom)
	v, err := asyncio.RunValue(virtual(), sleeps(time.Hour, 7))
	expect(t, "value", []any{v, err}, []any{7, nil})
	v, err = asyncio.RunValue(virtual(), func(context.Context) (int, error) { return 3, errBoom })
	expect(t, "value beside an error", []any{v, err}, []any{3, errBoom})
}

func TestRunUnderAContextThatHasEnded(t *testing.T) {
	scene(t, "calls main, whose first wait fails (C7)", func(t *testing.T, _ context.Context) {
		ctx, cancel := context.WithCancelCause(virtual())
		cancel(errWhy)
		called := false
		err := asyncio.Run(ctx, func(ctx context.Context) error {
			called = true
			expect(t, "cause", context.Cause(ctx), errWhy)
			return asyncio.Sleep(ctx, time.Hour)
		})
		expect(t, "called", called, true)
		expectIs(t, "Run", err, context.Canceled)
		expectIs(t, "its cause", err, errWhy)
		expectNot(t, "Run", err, asyncio.ErrTaskCancelled)
	})
	scene(t, "returns main's value where main does not wait", func(t *testing.T, _ context.Context) {
		ctx, cancel := context.WithCancel(virtual())
		cancel()
		v, err := asyncio.RunValue(ctx, func(context.Context) (int, error) { return 5, nil })
		expect(t, "value", []any{v, err}, []any{5, nil})
	})
	t.Run("that ends by a deadline wakes a loop that sleeps", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
		defer cancel()
		err := asyncio.Run(ctx, func(ctx context.Context) error {
			_, has := ctx.Deadline()
			expect(t, "main's context has the deadline", has, true)
			return asyncio.Sleep(ctx, time.Hour)
		})
		expectIs(t, "Run", err, context.DeadlineExceeded)
	})
}

func TestRunInsideRun(t *testing.T) {
	scene(t, "with a task's context is refused, under any wrapping", func(t *testing.T, ctx context.Context) {
		type key struct{}
		std, cancel := context.WithCancel(ctx)
		defer cancel()
		for _, own := range []context.Context{ctx, std, context.WithValue(ctx, key{}, 1), context.WithoutCancel(ctx)} {
			err := asyncio.Run(own, func(context.Context) error { t.Error("main was called"); return nil })
			expectIs(t, "Run", err, asyncio.ErrLoopRunning)
			expect(t, "the message names the loop", strings.Contains(err.Error(), t.Name()), true)
		}
		must(t, asyncio.Yield(ctx))
	})
	scene(t, "on a thread is a loop of its own", func(t *testing.T, ctx context.Context) {
		v, err := asyncio.ToThread(ctx, func(ctx context.Context) (int, error) {
			return asyncio.RunValue(asynciotest.Context(ctx), sleeps(time.Hour, 9))
		})
		expect(t, "value", []any{v, err}, []any{9, nil})
	})
}

func TestRunTellsAllThatWentWrong(t *testing.T) {
	var reports []asyncio.Report
	play := func(main func(ctx context.Context) error) (err error) {
		reports = nil
		return asyncio.Run(virtual(), main, quiet(&reports))
	}
	t.Run("a panic of main does not hide another task's (L2)", func(t *testing.T) {
		v := recovered(func() {
			play(func(ctx context.Context) error {
				asyncio.Go(ctx, func(context.Context) error { panic(errWhy) })
				must(t, asyncio.Yield(ctx))
				panic("main")
			})
		})
		e, ok := v.(*asyncio.PanicError)
		expect(t, "raised", ok && e.Value == "main", true)
		expect(t, "reports", messages(reports), []string{"a panic in a task that nobody awaited"})
	})
	t.Run("a Goexit does not hide the errors that nobody looked at (L2)", func(t *testing.T) {
		returned := inGoroutine(func() {
			play(func(ctx context.Context) error {
				asyncio.Go(ctx, func(context.Context) error { return errBoom })
				asyncio.Go(ctx, func(context.Context) error { panic(errWhy) })
				must(t, asyncio.Yield(ctx))
				runtime.Goexit()
				return nil
			})
		})
		expect(t, "returned", returned, false)
		expect(t, "reports of the error", reported(reports, errBoom), 1)
		expect(t, "reports", len(reports), 2)
	})
	t.Run("a deadlock does not hide main's own error", func(t *testing.T) {
		err := play(func(ctx context.Context) error {
			var q asyncio.WaitQueue
			q.Park(ctx, "nobody")
			return errBoom
		})
		expectIs(t, "Run", err, asyncio.ErrDeadlock)
		expectIs(t, "Run", err, errBoom)
	})
	t.Run("a deadlock alone is told without the cancellation that it brought", func(t *testing.T) {
		err := play(func(ctx context.Context) error {
			var q asyncio.WaitQueue
			_, err := q.Park(ctx, "nobody")
			return err
		})
		expectIs(t, "Run", err, asyncio.ErrDeadlock)
		expectNot(t, "Run", err, context.Canceled)
	})
	t.Run("a panic in the clean-up of main is raised", func(t *testing.T) {
		v := recovered(func() {
			play(func(ctx context.Context) error {
				defer func() { panic(errWhy) }()
				return errBoom
			})
		})
		e, _ := v.(error)
		expectIs(t, "raised", e, errWhy)
	})
}

func TestLoop(t *testing.T) {
	t.Run("can be closed before, during and after a run", func(t *testing.T) {
		loop := asyncio.NewLoop(asyncio.LoopName("mine"))
		expect(t, "name", loop.Name(), "mine")
		must(t, loop.Run(virtual(), func(ctx context.Context) error {
			expect(t, "the running loop", asyncio.RunningLoop(ctx), loop)
			must(t, loop.Close())
			return asyncio.Sleep(ctx, time.Hour) // is not disturbed
		}))
		must(t, loop.Close())
		expectIs(t, "Run", loop.Run(virtual(), nil), asyncio.ErrLoopClosed)
		_, err := asyncio.ToThread(virtual(), func(context.Context) (int, error) { return 0, nil })
		expectIs(t, "a wait without a loop", err, asyncio.ErrNoLoop)
	})
	t.Run("runs again after an error, a panic, a deadlock and a Goexit", func(t *testing.T) {
		loop := asyncio.NewLoop()
		fine := func() {
			t.Helper()
			must(t, loop.Run(virtual(), func(ctx context.Context) error {
				task := asyncio.CreateTask(ctx, sleeps(time.Second, 1))
				expect(t, "IDs begin anew", task.ID(), 2)
				return second(task.Await(ctx))
			}))
		}
		fine()
		expect(t, "error", loop.Run(virtual(), func(context.Context) error { return errBoom }), errBoom)
		fine()
		recovered(func() { loop.Run(virtual(), func(context.Context) error { panic(1) }) })
		fine()
		expectIs(t, "deadlock", loop.Run(virtual(), func(ctx context.Context) error {
			var q asyncio.WaitQueue
			return second(q.Park(ctx, "nobody"))
		}), asyncio.ErrDeadlock)
		fine()
		inGoroutine(func() { loop.Run(virtual(), func(context.Context) error { runtime.Goexit(); return nil }) })
		fine()
		inGoroutine(func() {
			loop.Run(virtual(), func(ctx context.Context) error {
				asyncio.CallSoon(ctx, runtime.Goexit)
				return asyncio.Sleep(ctx, time.Hour)
			})
		})
		fine()
	})
	scene(t, "refuses a second Run at the same time, and the first goes on", func(t *testing.T, ctx context.Context) {
		loop := asyncio.RunningLoop(ctx)
		done := make(chan error)
		go func() { done <- loop.Run(context.Background(), func(context.Context) error { return nil }) }()
		expectIs(t, "the second", <-done, asyncio.ErrLoopRunning)
		must(t, asyncio.Sleep(ctx, time.Hour))
	})
	scene(t, "of a context is found under any wrapping, and nowhere else", func(t *testing.T, ctx context.Context) {
		std, cancel := context.WithCancel(context.WithoutCancel(ctx))
		defer cancel()
		expect(t, "wrapped", asyncio.RunningLoop(std) == asyncio.RunningLoop(ctx), true)
		expect(t, "background", asyncio.RunningLoop(context.Background()) == nil, true)
		expect(t, "nil", asyncio.RunningLoop(nil) == nil, true) //lint:ignore SA1012 that is the test
	})
}

func TestOptions(t *testing.T) {
	// In debug mode the loop remembers the call that creates a task, else its function.
	inDebugMode := func(opts ...asyncio.Option) (on bool) {
		must(t, asyncio.Run(virtual(), func(ctx context.Context) error {
			task := asyncio.Go(ctx, forOptions)
			on = strings.Contains(task.Info().Created, "TestOptions")
			return second(task.Await(ctx))
		}, opts...))
		return on
	}
	for value, want := range map[string]bool{"": false, "0": false, "false": false, "1": true, "true": true, "yes": true} {
		t.Run("ASYNCIO_DEBUG="+value, func(t *testing.T) {
			t.Setenv("ASYNCIO_DEBUG", value)
			expect(t, "debug mode", inDebugMode(), want)
			expect(t, "turned off in the program", inDebugMode(asyncio.Debug(false)), false)
			expect(t, "turned on in the program", inDebugMode(asyncio.Debug(true)), true)
		})
	}
	t.Run("a GracePeriod of nothing gives a cancelled task its step, and no more", func(t *testing.T) {
		var tr trail
		var reports []asyncio.Report
		err := asyncio.Run(virtual(), func(ctx context.Context) error {
			asyncio.Go(ctx, func(ctx context.Context) error {
				defer tr.log("deferred")
				err := asyncio.Sleep(ctx, time.Hour)
				tr.log("cancelled")
				asyncio.Sleep(context.WithoutCancel(ctx), time.Second)
				tr.log("not reached")
				return err
			})
			return asyncio.Yield(ctx)
		}, asyncio.GracePeriod(0), quiet(&reports))
		tr.want(t, "cancelled", "deferred")
		expect(t, "forced", errors.Is(err, asyncio.ErrNotEnded), true)
		expect(t, "reports", len(reports), 1)
	})
}

func forOptions(context.Context) error { return nil }
