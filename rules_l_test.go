package asyncio_test

// The rules of docs/DESIGN.md: L, lifetimes and errors.

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// reports collects what a loop reports.
type reports []asyncio.Report

func (r *reports) option() asyncio.Option {
	return asyncio.OnError(func(rep asyncio.Report) { *r = append(*r, rep) })
}

func TestRuleL1RunEndsAfterTheLastTask(t *testing.T) {
	var j journal
	asynciotest.Run(t, func(ctx context.Context) {
		for _, name := range []string{"a", "b"} {
			asyncio.Go(ctx, func(ctx context.Context) error {
				err := asyncio.Sleep(ctx, time.Hour)
				j.add("%s cancelled", name)
				asyncio.Sleep(context.WithoutCancel(ctx), time.Second)
				j.add("%s cleaned", name)
				return err
			})
		}
		asyncio.Sleep(ctx, time.Millisecond)
		j.add("main ends")
	})
	j.check(t, "main ends a cancelled b cancelled a cleaned b cleaned")
}

func TestRuleL1TasksBornDuringTheShutdownAreCancelledToo(t *testing.T) {
	born, ended := 0, 0
	asynciotest.Run(t, func(ctx context.Context) {
		var dying func(ctx context.Context) error
		dying = func(ctx context.Context) error {
			born++
			defer func() { ended++ }()
			err := asyncio.Sleep(ctx, time.Hour)
			if born < 5 {
				asyncio.Go(context.WithoutCancel(ctx), dying)
			}
			return err
		}
		asyncio.Go(ctx, dying)
		asyncio.Yield(ctx)
	})
	if born != 5 || ended != 5 {
		t.Errorf("%d were born, %d ended; want 5 and 5", born, ended)
	}
}

func TestRuleL1WhoDoesNotEndIsReportedAndEndedByForce(t *testing.T) {
	var seen reports
	cleaned := false
	err := asynciotest.Main(t, func(ctx context.Context) error {
		asyncio.Go(ctx, func(ctx context.Context) error {
			defer func() { cleaned = true }()
			for {
				asyncio.Sleep(context.WithoutCancel(ctx), time.Second) // hears no cancellation
			}
		}, asyncio.TaskName("stubborn"))
		return asyncio.Sleep(ctx, time.Millisecond)
	}, seen.option(), asyncio.GracePeriod(time.Minute))
	if !errors.Is(err, asyncio.ErrNotEnded) || !strings.Contains(err.Error(), "stubborn") {
		t.Errorf("error %v", err)
	}
	if !cleaned {
		t.Error("its deferred function did not run")
	}
	if len(seen) != 1 || !strings.Contains(string(seen[0].Stack), "rules_l_test.go") {
		t.Errorf("reports %+v", seen)
	}
}

func TestRuleL1AWaitThatNobodyCanEndIsForcedAtOnce(t *testing.T) {
	var seen reports
	start := time.Now()
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		asyncio.Go(ctx, func(ctx context.Context) error {
			var q asyncio.WaitQueue
			_, err := q.Park(context.WithoutCancel(ctx), "a wake-up that never comes")
			return err
		})
		return asyncio.Yield(ctx)
	}, seen.option(), asyncio.GracePeriod(0))
	if !errors.Is(err, asyncio.ErrNotEnded) || !strings.Contains(err.Error(), "a wake-up that never comes") {
		t.Errorf("error %v", err)
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("took %v", d)
	}
}

func TestRuleL1ManyThatDoNotEndAreAllReportedWithTheirStacks(t *testing.T) {
	const n = 2000
	var seen reports
	asynciotest.Main(t, func(ctx context.Context) error {
		for range n {
			asyncio.Go(ctx, func(ctx context.Context) error {
				return asyncio.Sleep(context.WithoutCancel(ctx), time.Hour)
			})
		}
		return asyncio.Yield(ctx)
	}, seen.option(), asyncio.GracePeriod(time.Second))
	withStack := 0
	for _, r := range seen {
		if strings.Contains(string(r.Stack), "rules_l_test.go") {
			withStack++
		}
	}
	if len(seen) != n || withStack != n {
		t.Errorf("%d reports, %d with a stack; want %d", len(seen), withStack, n)
	}
}

func TestRuleL1TasksThatStartTheirSuccessorsDoNotKeepRunFromEnding(t *testing.T) {
	started := 0
	var worker func(ctx context.Context) error
	worker = func(ctx context.Context) error {
		started++
		defer func() { asyncio.Go(context.WithoutCancel(ctx), worker) }()
		return asyncio.Sleep(ctx, time.Hour)
	}
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		asyncio.Go(ctx, worker)
		return nil
	}, asyncio.GracePeriod(time.Millisecond), asyncio.OnError(func(asyncio.Report) {}))
	if !errors.Is(err, asyncio.ErrNotEnded) || started < 2 {
		t.Errorf("%d were started, error %v", started, err)
	}
}

func TestRuleL2AnErrorThatNobodyLookedAtIsReportedOnceAtTheEnd(t *testing.T) {
	var seen reports
	err := asynciotest.Main(t, func(ctx context.Context) error {
		fail := func(name string) *asyncio.Task[struct{}] {
			return asyncio.Go(ctx, func(context.Context) error { return errors.New(name) }, asyncio.TaskName(name))
		}
		awaited, asked, _ := fail("awaited"), fail("asked"), fail("forgotten")
		awaited.Await(ctx)
		asked.Err()
		asyncio.NewFuture[int](ctx).SetError(errors.New("forgotten future"))
		f := asyncio.NewFuture[int](ctx)
		f.SetError(errors.New("future"))
		f.Await(ctx)
		if len(seen) != 0 {
			t.Errorf("reported before the end: %v", seen)
		}
		return nil
	}, seen.option())
	if err != nil || len(seen) != 2 || seen[0].Task != "forgotten" && seen[1].Task != "forgotten" {
		t.Errorf("error %v, reports %v", err, seen)
	}
}

func TestRuleL2AThousandForgottenErrorsAreNotForgotten(t *testing.T) {
	var seen reports
	const n = 5000
	asynciotest.Main(t, func(ctx context.Context) error {
		for i := range n {
			asyncio.Go(ctx, func(context.Context) error { return fmt.Errorf("error %d", i) })
		}
		return asyncio.Sleep(ctx, time.Second)
	}, seen.option())
	if len(seen) != n || seen[0].Err.Error() != "error 0" || seen[n-1].Err.Error() != "error 4999" {
		t.Errorf("%d reports", len(seen))
	}
}

func culprit() { panic(errWhy) }

func TestRuleL3APanicIsRaisedWhereTheTaskIsAwaited(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		task := asyncio.Go(ctx, func(context.Context) error { culprit(); return nil })
		for range 2 {
			func() {
				defer func() {
					e, ok := recover().(*asyncio.PanicError)
					if !ok || !errors.Is(e, errWhy) || !strings.Contains(string(e.Stack), "culprit") {
						t.Errorf("recovered %v", e)
					}
				}()
				task.Await(ctx)
				t.Error("Await returned")
			}()
		}
	})
}

func TestRuleL3APanicThatNobodyAwaitedIsRaisedByRun(t *testing.T) {
	cleaned := false
	defer func() {
		e, ok := recover().(*asyncio.PanicError)
		if !ok || e.Value != errWhy || !cleaned {
			t.Errorf("recovered %v, cleaned %v", e, cleaned)
		}
	}()
	asynciotest.Main(t, func(ctx context.Context) error {
		asyncio.Go(ctx, func(context.Context) error { culprit(); return nil })
		asyncio.Go(ctx, func(ctx context.Context) error {
			defer func() { cleaned = true }()
			return asyncio.Sleep(ctx, time.Hour)
		})
		return asyncio.Sleep(ctx, time.Second)
	})
	t.Error("Run returned")
}

func TestRuleL3APanicInMainIsRaisedByRun(t *testing.T) {
	defer func() {
		if e, ok := recover().(*asyncio.PanicError); !ok || e.Value != errWhy {
			t.Errorf("recovered %v", e)
		}
	}()
	asynciotest.Main(t, func(context.Context) error { culprit(); return nil })
}

func TestRuleL3APanicWithTheContextsErrorIsNoCancellation(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		task := asyncio.Go(ctx, func(ctx context.Context) error { panic(asyncio.Sleep(ctx, time.Hour)) })
		asyncio.Yield(ctx)
		task.Cancel(nil)
		defer func() {
			if e, ok := recover().(*asyncio.PanicError); !ok || !errors.Is(e, context.Canceled) {
				t.Errorf("recovered %v", e)
			}
		}()
		task.Await(ctx)
		t.Error("Await returned")
	})
}

// panicsWhenAsked is an error with a bug of its own.
type panicsWhenAsked struct{}

func (panicsWhenAsked) Error() string { return "an error" }
func (panicsWhenAsked) Is(error) bool { panic(errWhy) }

func TestRuleL3AnErrorThatPanicsWhenAskedEndsItsTaskOnce(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		defer func() {
			if e, ok := recover().(*asyncio.PanicError); !ok || !errors.Is(e, errWhy) {
				t.Errorf("recovered %v", e)
			}
		}()
		asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			task := g.Go(func(ctx context.Context) error {
				asyncio.Sleep(ctx, time.Hour)
				return panicsWhenAsked{}
			})
			g.Go(func(ctx context.Context) error { // whom the group must still wait for
				asyncio.Sleep(ctx, time.Hour)
				return asyncio.Sleep(context.WithoutCancel(ctx), time.Second)
			})
			asyncio.Yield(ctx)
			task.Cancel(nil)
			return nil
		})
		t.Error("the group returned")
	})
}

func TestRuleL3APanicInACallbackIsReportedAndTheNextOneRuns(t *testing.T) {
	var seen reports
	next := false
	asynciotest.Main(t, func(ctx context.Context) error {
		asyncio.CallSoon(ctx, culprit)
		asyncio.CallSoon(ctx, func() { next = true })
		return asyncio.Yield(ctx)
	}, seen.option())
	if !next || len(seen) != 1 || !errors.Is(seen[0].Err, errWhy) {
		t.Errorf("next %v, reports %v", next, seen)
	}
}

// inGoroutine runs f on a goroutine and reports whether it returned.
func inGoroutine(f func()) (returned bool) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
		returned = true
	}()
	<-done
	return returned
}

func TestRuleL3GoexitInATaskEndsTheGoroutineOfRunAfterTheOthers(t *testing.T) {
	for _, where := range []string{"task", "main", "callback"} {
		t.Run(where, func(t *testing.T) {
			cleaned := false
			returned := inGoroutine(func() {
				asynciotest.Main(t, func(ctx context.Context) error {
					asyncio.Go(ctx, func(ctx context.Context) error {
						defer func() { cleaned = true }()
						return asyncio.Sleep(ctx, time.Hour)
					})
					asyncio.Yield(ctx)
					switch where {
					case "task":
						asyncio.Go(ctx, func(context.Context) error { runtime.Goexit(); return nil })
					case "main":
						runtime.Goexit()
					case "callback":
						asyncio.CallSoon(ctx, runtime.Goexit)
					}
					return asyncio.Sleep(ctx, time.Minute)
				})
			})
			if returned || !cleaned {
				t.Errorf("Run returned %v, the other task cleaned up %v", returned, cleaned)
			}
		})
	}
}

func TestRuleL3GoexitInAGroupIsNotReportedAsAnErrorToo(t *testing.T) {
	var seen reports
	nested := func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			g.Go(func(context.Context) error { runtime.Goexit(); return nil })
			return nil
		})
	}
	for _, other := range []error{nil, errWhy} {
		seen = nil
		inGoroutine(func() {
			asynciotest.Main(t, func(ctx context.Context) error {
				asyncio.Go(ctx, nested)
				return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
					g.Go(nested)
					g.Go(func(context.Context) error { return other })
					return nil
				})
			}, seen.option())
		})
		if want := other != nil; len(seen) > 1 || (len(seen) == 1) != want {
			t.Errorf("beside the error %v: reports %v", other, seen)
		}
	}
}

func TestRuleL3GoexitInCallbacksEndsTheGoroutineOfRunAfterTheTasks(t *testing.T) {
	defer asynciotest.CheckLeaks(t)()
	cleaned := 0
	returned := inGoroutine(func() {
		asyncio.Run(context.Background(), func(ctx context.Context) error {
			for range 3 {
				asyncio.CallSoon(ctx, runtime.Goexit)
			}
			asyncio.Go(ctx, func(ctx context.Context) error {
				defer func() { cleaned++ }()
				defer asyncio.CallSoon(ctx, runtime.Goexit)
				return asyncio.Sleep(ctx, time.Hour)
			})
			return asyncio.Sleep(ctx, time.Hour)
		}, asyncio.HandleSignals())
	})
	if returned || cleaned != 1 {
		t.Errorf("returned %v, cleaned up %d times", returned, cleaned)
	}
}

func TestRuleL3GoexitInOnErrorEndsATaskOnce(t *testing.T) {
	var left int
	returned := inGoroutine(func() {
		asynciotest.Main(t, func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
				g.Go(func(ctx context.Context) error {
					defer func() { left = len(asyncio.AllTasks(ctx)) }()
					return asyncio.Sleep(ctx, time.Hour)
				})
				for range 1200 { // more than are kept until the end
					asyncio.Go(ctx, func(context.Context) error { return errWhy })
				}
				return asyncio.Sleep(ctx, time.Minute)
			})
		}, asyncio.OnError(func(asyncio.Report) { runtime.Goexit() }))
	})
	if returned || left != 2 {
		t.Errorf("returned %v; %d tasks were left, want main and the child", returned, left)
	}
}

func TestRuleL3GoexitInOnErrorDoesNotKeepTasksAlive(t *testing.T) {
	defer asynciotest.CheckLeaks(t)()
	cleaned := 0
	returned := inGoroutine(func() {
		asyncio.Run(context.Background(), func(ctx context.Context) error {
			for range 3 {
				asyncio.Go(ctx, func(ctx context.Context) error {
					defer func() { cleaned++ }()
					return asyncio.Sleep(context.WithoutCancel(ctx), time.Hour)
				})
			}
			return asyncio.Yield(ctx)
		}, asyncio.GracePeriod(0), asyncio.OnError(func(asyncio.Report) { runtime.Goexit() }))
	})
	if returned || cleaned != 3 {
		t.Errorf("returned %v, cleaned up %d times", returned, cleaned)
	}
}

func TestRuleL4NothingIsLeftAfterRun(t *testing.T) {
	defer asynciotest.CheckLeaks(t)()
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		for range 100 {
			asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
		}
		h := asyncio.OpenHandle(ctx)
		asyncio.CallLater(ctx, time.Hour, func() { h.Close() })
		for range 3 {
			asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := asyncio.ToThread(ctx, func(ctx context.Context) (int, error) {
					<-ctx.Done()
					return 0, ctx.Err()
				})
				return err
			})
		}
		asyncio.Go(ctx, func(ctx context.Context) error {
			_, _, err := asyncio.Receive(ctx, make(chan int))
			return err
		})
		return asyncio.Sleep(ctx, time.Millisecond)
	}, asyncio.HandleSignals())
	if err != nil {
		t.Error(err)
	}
}

func TestRuleL5WhereNobodyCanWakeRunReturnsTheCycle(t *testing.T) {
	var seen reports
	cleaned := 0
	err := asynciotest.Main(t, func(ctx context.Context) error {
		var a, b *asyncio.Task[struct{}]
		a = asyncio.Go(ctx, func(ctx context.Context) error {
			defer func() { cleaned++ }()
			_, err := b.Await(ctx)
			return err
		}, asyncio.TaskName("a"))
		b = asyncio.Go(ctx, func(ctx context.Context) error {
			defer func() { cleaned++ }()
			_, err := a.Await(ctx)
			return err
		}, asyncio.TaskName("b"))
		_, err := asyncio.NewFuture[int](ctx).Await(ctx)
		return err
	}, seen.option())
	var dead *asyncio.DeadlockError
	if !errors.Is(err, asyncio.ErrDeadlock) || !errors.As(err, &dead) {
		t.Fatalf("error %v", err)
	}
	if len(dead.Cycles) != 1 || len(dead.Cycles[0]) != 2 || dead.Tasks[0].Name != "a" || len(dead.Tasks) != 3 {
		t.Errorf("cycles %v, tasks %v", dead.Cycles, dead.Tasks)
	}
	if s := err.Error(); !strings.Contains(s, `"a" waits for task "b" -> "b" waits for task "a" -> "a"`) {
		t.Errorf("message:\n%s", s)
	}
	if cleaned != 2 || len(seen) != 0 {
		t.Errorf("%d cleaned up, reports %v", cleaned, seen)
	}
}

func TestRuleL5WhoeverMayStillBeWokenIsNotDeadlocked(t *testing.T) {
	park := func(ctx context.Context) (*asyncio.Future[int], func() error) {
		f := asyncio.NewFuture[int](ctx)
		return f, func() error { _, err := f.Await(ctx); return err }
	}
	for name, main := range map[string]func(ctx context.Context) error{
		"by a timer": func(ctx context.Context) error {
			f, wait := park(ctx)
			asyncio.CallLater(ctx, time.Millisecond, func() { f.SetResult(1) })
			return wait()
		},
		"by a handle": func(ctx context.Context) error {
			f, wait := park(ctx)
			h := asyncio.OpenHandle(ctx)
			defer h.Close()
			time.AfterFunc(5*time.Millisecond, func() { h.CallSoonThreadsafe(func() { f.SetResult(1) }) })
			return wait()
		},
		"by a thread": func(ctx context.Context) error {
			f, wait := park(ctx)
			asyncio.Go(ctx, func(ctx context.Context) error {
				asyncio.ToThread(ctx, func(context.Context) (int, error) { time.Sleep(5 * time.Millisecond); return 0, nil })
				return f.SetResult(1)
			})
			return wait()
		},
		"by a channel": func(ctx context.Context) error {
			ch := make(chan int)
			time.AfterFunc(5*time.Millisecond, func() { ch <- 1 })
			_, _, err := asyncio.Receive(ctx, ch)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			if err := asyncio.Run(context.Background(), main); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestRuleL4AfterRunItsContextIsRefusedWithTheReason(t *testing.T) {
	var old context.Context
	asynciotest.Run(t, func(ctx context.Context) { old = ctx })
	_, parked := new(asyncio.WaitQueue).Park(old, "nothing")
	for name, err := range map[string]error{
		"Sleep":      asyncio.Sleep(old, time.Second),
		"Yield":      asyncio.Yield(old),
		"Checkpoint": asyncio.Checkpoint(old),
		"Park":       parked,
		"a group":    asyncio.WithTaskGroup(old, func(context.Context, *asyncio.TaskGroup) error { return nil }),
		"Run":        asyncio.Run(old, func(context.Context) error { return nil }),
	} {
		if !errors.Is(err, asyncio.ErrLoopClosed) {
			t.Errorf("%s returned %v", name, err)
		}
	}
}

// Under a virtual clock no time passes while something is ready: the grace period
// would never be over.
func TestRuleL1TasksThatNeverWaitForTimeEndUnderAVirtualClockToo(t *testing.T) {
	var seen reports
	err := asynciotest.Main(t, func(ctx context.Context) error {
		asyncio.Go(ctx, func(ctx context.Context) error {
			for {
				asyncio.Yield(context.WithoutCancel(ctx))
			}
		}, asyncio.TaskName("restless"))
		return asyncio.Yield(ctx)
	}, seen.option())
	if !errors.Is(err, asyncio.ErrNotEnded) || len(seen) != 1 || seen[0].Task != "restless" {
		t.Errorf("error %v, reports %v", err, seen)
	}
}
