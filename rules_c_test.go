package asyncio_test

// The rules of docs/DESIGN.md: C, cancellation.

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

var errWhy = errors.New("why")

func TestRuleC1EveryWaitUnderACancelledScopeFails(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var q asyncio.WaitQueue
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			waits := map[string]func() error{
				"Sleep":      func() error { return asyncio.Sleep(ctx, time.Hour) },
				"Yield":      func() error { return asyncio.Yield(ctx) },
				"Park":       func() error { _, err := q.Park(ctx, "x"); return err },
				"Checkpoint": func() error { return asyncio.Checkpoint(ctx) },
			}
			asyncio.Sleep(ctx, time.Hour) // ends by the cancellation
			for name, wait := range waits {
				for range 3 {
					if err := wait(); !errors.Is(err, context.Canceled) || !errors.Is(err, errWhy) {
						t.Errorf("%s under a cancelled scope: %v", name, err)
					}
				}
			}
			if context.Cause(ctx) != errWhy || ctx.Err() != context.Canceled {
				t.Errorf("cause %v, err %v", context.Cause(ctx), ctx.Err())
			}
			return ctx.Err()
		})
		asyncio.Yield(ctx)
		if !task.Cancel(errWhy) {
			t.Error("Cancel of a task that waits returned false")
		}
		_, err := task.Await(ctx)
		if !errors.Is(err, asyncio.ErrTaskCancelled) || !errors.Is(err, errWhy) || errors.Is(err, context.Canceled) {
			t.Errorf("the one who awaits gets %v", err)
		}
	})
}

func TestRuleC1ScopesNest(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		outer, cancelOuter := asyncio.WithCancel(ctx)
		inner, cancelInner := asyncio.WithCancel(outer)
		sibling, cancelSibling := asyncio.WithCancel(outer)
		defer cancelSibling(nil)
		cancelInner(nil)
		if asyncio.Checkpoint(inner) == nil || asyncio.Checkpoint(outer) != nil || asyncio.Checkpoint(sibling) != nil {
			t.Error("a cancellation went up or sideways")
		}
		cancelOuter(errWhy)
		if asyncio.Checkpoint(sibling) == nil || context.Cause(sibling) != errWhy {
			t.Error("a cancellation did not go down")
		}
		if err := asyncio.Checkpoint(ctx); err != nil {
			t.Error(err)
		}
	})
}

func TestRuleC2ACancelledTaskRunsInTheNextRound(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var j journal
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			err := asyncio.Sleep(ctx, time.Hour)
			j.add("cancelled")
			return err
		})
		asyncio.Yield(ctx)
		task.Cancel(nil)
		asyncio.CallSoon(ctx, func() { j.add("callback") })
		asyncio.Yield(ctx)
		j.check(t, "cancelled callback")
	})
}

// A place that was handed over is handed on by a waiter that is cancelled between
// its wake-up and its resumption.
func TestRuleC3AParkTellsThatAWakeWasSpent(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var q asyncio.WaitQueue
		var j journal
		waiter := func(name string) *asyncio.Task[struct{}] {
			return asyncio.Go(ctx, func(ctx context.Context) error {
				woken, err := q.Park(ctx, "turn")
				j.add("%s:%v,%v", name, woken, err != nil)
				if woken && err != nil {
					q.Wake(1)
				}
				return err
			})
		}
		a, _ := waiter("a"), waiter("b")
		asyncio.Yield(ctx)
		q.Wake(1)
		a.Cancel(nil)
		for range 3 {
			asyncio.Yield(ctx)
		}
		j.check(t, "a:true,true b:true,false")
	})
}

func TestRuleC3ACancelledWaiterLeavesTheQueueAtOnce(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var q asyncio.WaitQueue
		a := asyncio.Go(ctx, func(ctx context.Context) error {
			woken, err := q.Park(ctx, "turn")
			if woken {
				t.Error("a wake was spent on a task that was cancelled before")
			}
			return err
		})
		asyncio.Yield(ctx)
		a.Cancel(nil)
		if q.Len() != 0 || q.Wake(1) != 0 {
			t.Error("the cancelled task is still in the queue")
		}
	})
}

// The same under a context of the standard library that has ended, whatever became of
// the task's last wait.
func TestRuleC3AParkThatNeverBeganWasNotWoken(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var q asyncio.WaitQueue
		asyncio.CallSoon(ctx, func() { q.Wake(1) })
		if woken, err := q.Park(ctx, "turn"); !woken || err != nil {
			t.Errorf("woken %v, error %v", woken, err)
		}
		ended, cancel := context.WithCancel(ctx)
		cancel()
		if woken, err := q.Park(ended, "turn"); woken || !errors.Is(err, context.Canceled) || q.Len() != 0 {
			t.Errorf("woken %v, error %v, %d in the queue", woken, err, q.Len())
		}
	})
}

func TestRuleC4CleanUpWaitsUnderWithoutCancelAndShield(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		begin := asyncio.Now(ctx)
		took := func() time.Duration { return asyncio.Now(ctx).Sub(begin) }
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			defer func() {
				if err := asyncio.Sleep(context.WithoutCancel(ctx), time.Second); err != nil || took() != time.Second {
					t.Errorf("under WithoutCancel: %v after %v", err, took())
				}
				ctx, cancel := asyncio.Shield(ctx, time.Second)
				defer cancel()
				if err := asyncio.Sleep(ctx, time.Second/2); err != nil {
					t.Errorf("within the grace period: %v", err)
				}
				if err := asyncio.Sleep(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) || took() != 2*time.Second {
					t.Errorf("after the grace period: %v after %v", err, took())
				}
			}()
			return asyncio.Sleep(ctx, time.Hour)
		})
		asyncio.Yield(ctx)
		task.Cancel(nil)
		asynciotestWait(ctx, task)
	})
}

// The grace period begins with the cancellation, however long the shielded work
// has taken before.
func TestRuleC4ShieldCountsFromTheCancellation(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		begin := asyncio.Now(ctx)
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			ctx, cancel := asyncio.Shield(ctx, time.Second)
			defer cancel()
			return asyncio.Sleep(ctx, time.Hour)
		})
		asyncio.Sleep(ctx, time.Minute)
		task.Cancel(nil)
		_, err := task.Await(ctx)
		if d := asyncio.Now(ctx).Sub(begin); d != time.Minute+time.Second {
			t.Errorf("ended after %v with %v", d, err)
		}
	})
}

func TestRuleC5BeingCancelledAndAwaitingSomethingCancelledDiffer(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		task := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
		asyncio.Yield(ctx)

		bounded, timeout := asyncio.WithTimeout(ctx, time.Second)
		_, err := task.Await(bounded)
		timeout.Cancel()
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, asyncio.ErrTaskCancelled) {
			t.Errorf("the wait was cancelled, the error is %v", err)
		}
		if task.Done() {
			t.Error("awaiting a task under a context that ended has cancelled the task")
		}

		task.Cancel(nil)
		_, err = task.Await(ctx)
		if !errors.Is(err, asyncio.ErrTaskCancelled) || errors.Is(err, context.Canceled) || ctx.Err() != nil {
			t.Errorf("the task was cancelled, the error is %v", err)
		}
	})
}

func TestRuleC6CancellingATaskCancelsWhatItStarted(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var child, free *asyncio.Task[struct{}]
		sleep := func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) }
		parent := asyncio.Go(ctx, func(ctx context.Context) error {
			child = asyncio.Go(ctx, sleep)
			free = asyncio.Go(context.WithoutCancel(ctx), sleep)
			return asyncio.Sleep(ctx, time.Hour)
		})
		asyncio.Sleep(ctx, time.Millisecond)
		parent.Cancel(nil)
		asynciotestWait(ctx, parent)
		if !child.Cancelled() {
			t.Error("the child goes on")
		}
		if free.Done() {
			t.Error("the detached task was cancelled")
		}
	})
}

// A task that has ended does not end what it started, and its end does not cut the
// way of a later cancellation from further above.
func TestRuleC6ATaskThatEndsLeavesItsChildrenToItsParent(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		above, cancel := asyncio.WithCancel(ctx)
		var children []*asyncio.Task[struct{}]
		parent := asyncio.Go(above, func(ctx context.Context) error {
			for range 3 {
				children = append(children, asyncio.Go(ctx, func(ctx context.Context) error {
					return asyncio.Sleep(ctx, time.Hour)
				}))
			}
			return nil
		})
		asyncio.Sleep(ctx, time.Minute)
		for _, c := range children {
			if c.Done() || !parent.Done() {
				t.Fatal("the children ended with their parent")
			}
		}
		cancel(nil)
		asyncio.Sleep(ctx, time.Millisecond)
		for _, c := range children {
			if !c.Cancelled() {
				t.Error("a cancellation from above did not reach a child whose parent has ended")
			}
		}
	})
}

// A chain of tasks, each started by the one before, which then ends, must not grow
// in memory or in depth.
func TestRuleC6AChainOfTasksDoesNotGrow(t *testing.T) {
	const links = 20000
	asynciotest.Run(t, func(ctx context.Context) {
		done := asyncio.NewFuture[struct{}](ctx)
		depth := 0
		var link func(n int) func(context.Context) error
		link = func(n int) func(context.Context) error {
			return func(ctx context.Context) error {
				if n == 0 {
					depth = asyncio.ScopeDepth(ctx)
					return done.SetResult(struct{}{})
				}
				asyncio.Go(ctx, link(n-1))
				return nil
			}
		}
		asyncio.Go(ctx, link(links))
		if _, err := done.Await(ctx); err != nil {
			t.Fatal(err)
		}
		if depth > 4 {
			t.Errorf("after %d links the scope is %d deep", links, depth)
		}
	})
}

func TestRuleC6AGroupThatEndsLeavesWhatWasStartedBesideIt(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var beside *asyncio.Task[struct{}]
		outer := asyncio.Go(ctx, func(ctx context.Context) error {
			asyncio.WithTaskGroup(ctx, func(ctx context.Context, _ *asyncio.TaskGroup) error {
				beside = asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
				return nil
			})
			return asyncio.Sleep(ctx, time.Hour)
		})
		asyncio.Sleep(ctx, time.Second)
		if beside.Done() {
			t.Error("it ended with the group")
		}
		outer.Cancel(nil)
		asyncio.Sleep(ctx, time.Second)
		if !beside.Cancelled() {
			t.Error("the cancellation of the task around the group did not reach it")
		}
	})
}

func TestRuleC6WhatIsStartedWithTheContextOfAnEndedTaskStandsUnderTheOneAbove(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var late *asyncio.Task[struct{}]
		outer := asyncio.Go(ctx, func(ctx context.Context) error {
			var old context.Context
			asyncio.Go(ctx, func(ctx context.Context) error { old = ctx; return nil }).Await(ctx)
			late = asyncio.Go(old, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
			return asyncio.Sleep(ctx, time.Hour)
		})
		asyncio.Sleep(ctx, time.Second)
		outer.Cancel(nil)
		asyncio.Sleep(ctx, time.Second)
		if !late.Cancelled() {
			t.Error("the cancellation from above did not reach it")
		}
	})
}

func TestRuleC6WhoWatchesAnEndedTaskHearsOfACancellationFromAbove(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		above, cancel := asyncio.WithCancel(ctx)
		var whole, derived context.Context
		var channel <-chan struct{}
		watch := func(f func(ctx context.Context)) {
			asyncio.Go(above, func(ctx context.Context) error { f(ctx); return nil }).Await(ctx)
		}
		watch(func(ctx context.Context) { whole = ctx; ctx.Done() })
		watch(func(ctx context.Context) { channel = ctx.Done() })
		watch(func(ctx context.Context) {
			var stop context.CancelFunc
			derived, stop = context.WithCancel(ctx)
			t.Cleanup(stop)
		})
		runtime.GC() // the second context is gone now
		cancel(errWhy)
		for name, done := range map[string]<-chan struct{}{
			"a context": whole.Done(), "a bare channel": channel, "a derived context": derived.Done(),
		} {
			select {
			case <-done:
			case <-time.After(5 * time.Second):
				t.Errorf("who watches %s hears nothing", name)
			}
		}
		if context.Cause(whole) != errWhy || context.Cause(derived) != errWhy {
			t.Errorf("causes %v and %v", context.Cause(whole), context.Cause(derived))
		}
	})
}

func TestRuleC6EndedTasksThatWereWatchedTakeNoMemory(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		for i := range 5000 {
			asyncio.Go(ctx, func(ctx context.Context) error {
				ctx, cancel := context.WithTimeout(ctx, time.Hour)
				defer cancel()
				return asyncio.Yield(ctx)
			}).Await(ctx)
			if i%500 == 0 {
				runtime.GC()
			}
		}
		if n := asyncio.Remnants(ctx); n > 2000 {
			t.Errorf("%d of 5000 tasks are still in the tree", n)
		}
	})
}

func TestRuleC6AScopeOfAnEarlierRunDoesNotDisturbTheNext(t *testing.T) {
	l := asyncio.NewLoop()
	var old *asyncio.Timeout
	l.Run(asynciotest.Context(context.Background()), func(ctx context.Context) error {
		_, old = asyncio.WithTimeout(ctx, time.Hour)
		return nil
	})
	ctx, cancel := context.WithCancel(asynciotest.Context(context.Background()))
	defer cancel()
	err := l.Run(ctx, func(ctx context.Context) error {
		old.Cancel()
		cancel()
		return asyncio.Sleep(ctx, time.Hour)
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the end of Run's context did not reach main: %v", err)
	}
}

func TestRuleC7ATaskCancelledBeforeItsFirstStepStillRuns(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		closed := false
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			defer func() { closed = true }()
			return asyncio.Sleep(ctx, time.Hour)
		})
		task.Cancel(nil)
		if task.Done() {
			t.Error("done before it ran")
		}
		asyncio.Yield(ctx)
		if !closed || !task.Cancelled() {
			t.Errorf("closed %v, cancelled %v", closed, task.Cancelled())
		}
	})
}

func TestRuleC8ContextsOfTheStandardLibraryWork(t *testing.T) {
	type key struct{}
	asynciotest.Run(t, func(ctx context.Context) {
		valued := context.WithValue(ctx, key{}, "v")
		task := asyncio.CreateTask(valued, func(ctx context.Context) (any, error) { return ctx.Value(key{}), nil })
		if v, err := task.Await(ctx); v != "v" || err != nil {
			t.Errorf("value %v, error %v", v, err)
		}

		std, cancel := context.WithCancelCause(ctx)
		asyncio.CallLater(ctx, time.Second, func() { cancel(errWhy) })
		err := asyncio.Sleep(std, time.Hour)
		if !errors.Is(err, context.Canceled) || !errors.Is(err, errWhy) {
			t.Errorf("a sleep under a context that the standard library cancelled: %v", err)
		}
		if err := asyncio.Checkpoint(std); !errors.Is(err, context.Canceled) {
			t.Errorf("a later wait: %v", err)
		}

		child := asyncio.Go(std, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
		if _, err := child.Await(ctx); !errors.Is(err, asyncio.ErrTaskCancelled) {
			t.Errorf("a task born under it: %v", err)
		}
	})
}

func TestRuleC8DerivedContextsNeedNoGoroutine(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		base := runtime.NumGoroutine()
		scope, cancel := asyncio.WithCancel(ctx)
		var derived []context.Context
		for range 100 {
			c, stop := context.WithCancel(scope)
			defer stop()
			derived = append(derived, c)
		}
		if n := runtime.NumGoroutine(); n > base { // those of other tests may end meanwhile
			t.Errorf("100 derived contexts took %d goroutines", n-base)
		}
		cancel(errWhy)
		for _, c := range derived {
			if c.Err() != context.Canceled || context.Cause(c) != errWhy {
				t.Fatalf("a derived context has %v, %v", c.Err(), context.Cause(c))
			}
		}
	})
}

func TestRuleC8StandardTimeoutWakesARealLoop(t *testing.T) {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Millisecond)
		defer cancel()
		var q asyncio.WaitQueue
		_, err := q.Park(ctx, "nobody")
		return err
	})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

func asynciotestWait(ctx context.Context, tasks ...*asyncio.Task[struct{}]) {
	asyncio.Wait(ctx, asyncio.AllCompleted, tasks...)
}
