package asyncio_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/internal/coro"
)

func TestReliabilityL1_GoexitInATaskEndsRunsGoroutineAfterTheOthersHaveCleanedUp(t *testing.T) {
	defer asynciotest.CheckLeaks(t)()
	cleaned, returned := false, false
	over := make(chan struct{})
	go func() {
		defer close(over)
		asyncio.Run(asynciotest.Context(context.Background()), func(ctx context.Context) error {
			asyncio.Go(ctx, func(ctx context.Context) error {
				defer func() { cleaned = asyncio.Yield(context.WithoutCancel(ctx)) == nil }()
				return asyncio.Sleep(ctx, time.Hour)
			})
			asyncio.Go(ctx, func(context.Context) error { return goexit() })
			return asyncio.Sleep(ctx, time.Hour)
		})
		returned = true
	}()
	<-over
	if !cleaned || returned {
		t.Errorf("cleaned: %v, Run returned: %v", cleaned, returned)
	}
}

func TestReliabilityL2_APanicKeepsItsValueAndTheStackOfItsPlace(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		task := asyncio.Go(ctx, func(context.Context) error { return dividesByZero(0) })
		defer func() {
			p, ok := recover().(*asyncio.PanicError)
			var re runtime.Error
			if !ok || !errors.As(p, &re) || !strings.Contains(string(p.Stack), "dividesByZero") {
				t.Errorf("raised %v", p)
			}
		}()
		task.Await(ctx)
		t.Error("the panic was not raised")
	})
}

func dividesByZero(n int) error {
	_ = 1 / n
	return nil
}

// panicky is an observer that panics at every event.
type panicky struct{}

func (panicky) Observe(asyncio.LoopEvent) { panic("observer") }

func TestReliabilityL3_PanicsOutsideTasksAreContainedAndReported(t *testing.T) {
	run := func(main func(ctx context.Context) error, opts ...asyncio.Option) (reports []string, err error) {
		opts = append(opts, asyncio.OnError(func(r asyncio.Report) { reports = append(reports, r.Message) }))
		err = asyncio.Run(asynciotest.Context(context.Background()), main, opts...)
		return reports, err
	}

	t.Run("in an observer", func(t *testing.T) {
		reports, err := run(func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Second) }, asyncio.Observe(panicky{}))
		if err != nil || len(reports) == 0 || reports[0] != "panic in the observer" {
			t.Errorf("%v, %q", err, reports)
		}
	})

	t.Run("in a timer's callback", func(t *testing.T) {
		after := false
		reports, err := run(func(ctx context.Context) error {
			asyncio.CallLater(ctx, time.Second, func() { panic("callback") })
			asyncio.CallLater(ctx, time.Second, func() { after = true })
			return asyncio.Sleep(ctx, time.Minute)
		})
		if err != nil || len(reports) != 1 || !after {
			t.Errorf("%v, %q, the next callback ran: %v", err, reports, after)
		}
	})

	t.Run("in the clean-up of a cancelled task, for whoever awaits it", func(t *testing.T) {
		var raised any
		_, err := run(func(ctx context.Context) error {
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				defer func() { panic("clean-up") }()
				return asyncio.Sleep(ctx, time.Hour)
			})
			asyncio.Yield(ctx)
			task.Cancel(nil)
			defer func() { raised = recover() }()
			task.Await(ctx)
			return nil
		})
		if p, ok := raised.(*asyncio.PanicError); err != nil || !ok || p.Value != "clean-up" {
			t.Errorf("%v, raised %v", err, raised)
		}
	})
}

func TestReliabilityL4_ATaskThatNeverStartedLeavesNoCoroutine(t *testing.T) {
	defer asynciotest.CheckLeaks(t)()
	before, ran := coro.Live(), 0
	asynciotest.Run(t, func(ctx context.Context) {
		for range 100 {
			asyncio.Go(ctx, func(ctx context.Context) error { ran++; return asyncio.Yield(ctx) })
		}
	})
	if n := coro.Live() - before; n != 0 || ran != 100 {
		t.Errorf("%d coroutines are left; %d bodies saw their cancellation", n, ran)
	}
}

func TestReliabilityL5_ARunInsideARunIsRefused(t *testing.T) {
	t.Run("with a task's context", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			err := asyncio.Run(ctx, func(context.Context) error { t.Error("it ran"); return nil })
			if !errors.Is(err, asyncio.ErrLoopRunning) {
				t.Error(err)
			}
		})
	})

	t.Run("of one loop on two goroutines", func(t *testing.T) {
		l := asyncio.NewLoop()
		main := func(context.Context) error {
			second := make(chan error)
			go func() { second <- l.Run(context.Background(), func(context.Context) error { return nil }) }()
			return <-second
		}
		if err := l.Run(context.Background(), main); !errors.Is(err, asyncio.ErrLoopRunning) {
			t.Error(err)
		}
		if err := l.Run(context.Background(), func(context.Context) error { return nil }); err != nil {
			t.Errorf("the loop cannot be run again: %v", err)
		}
	})
}

// lockThread is the environment variable by which the test runs itself.
const lockThread = "ASYNCIO_TEST_LOCK_THREAD"

func TestReliabilityL6_LockOSThread(t *testing.T) {
	if os.Getenv(lockThread) != "" {
		asyncio.Run(context.Background(), func(ctx context.Context) error {
			runtime.LockOSThread() // in a task: not allowed, and nobody can stop it
			return asyncio.Yield(ctx)
		})
		return
	}

	t.Run("before Run works", func(t *testing.T) {
		over := make(chan struct{})
		go func() {
			defer close(over)
			runtime.LockOSThread() // the thread ends with the goroutine
			asynciotest.Run(t, func(ctx context.Context) {
				if err := together(ctx, steps, steps); err != nil {
					t.Error(err)
				}
			})
		}()
		<-over
	})

	t.Run("in a task ends the process, and says why", func(t *testing.T) {
		cmd := exec.Command(os.Args[0], "-test.run", "^TestReliabilityL6_LockOSThread$")
		cmd.Env = append(os.Environ(), lockThread+"=1")
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(out), "coro: OS thread locking must match locking at coroutine creation") {
			t.Errorf("%v:\n%s", err, out)
		}
	})
}

func TestReliabilityL7_ManyParkedTasksEnd(t *testing.T) {
	const n = 50_000
	defer asynciotest.CheckLeaks(t)()
	ended := 0
	asynciotest.Run(t, func(ctx context.Context) {
		for range n {
			asyncio.Go(ctx, func(ctx context.Context) error {
				defer func() { ended++ }()
				return asyncio.Sleep(ctx, time.Hour)
			})
		}
		asynciotest.WaitIdle(ctx)
	})
	if ended != n {
		t.Errorf("%d of %d ended", ended, n)
	}
}
