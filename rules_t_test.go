package asyncio_test

// The rules of docs/DESIGN.md: T, threads.

import (
	"context"
	"errors"
	"iter"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestRuleT1CallbacksFromOtherGoroutinesRunOnceAndInOrder(t *testing.T) {
	const goroutines, each = 8, 1000
	var next [goroutines]int
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		h := asyncio.OpenHandle(ctx)
		defer h.Close()
		left := goroutines * each
		over := asyncio.NewFuture[struct{}](ctx)
		for g := range goroutines {
			go func() {
				for i := range each {
					h.CallSoonThreadsafe(func() {
						if next[g] != i {
							t.Errorf("goroutine %d: callback %d in the turn of %d", g, i, next[g])
						}
						next[g]++
						if left--; left == 0 {
							over.SetResult(struct{}{})
						}
					})
				}
			}()
		}
		_, err := over.Await(ctx)
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestRuleT1SubmitRunsATaskAndWaitsOutside(t *testing.T) {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		h := asyncio.OpenHandle(ctx)
		defer h.Close()
		over := asyncio.NewFuture[error](ctx)
		go func() {
			v, err := asyncio.Submit(context.Background(), h, func(ctx context.Context) (int, error) {
				return 7, asyncio.Sleep(ctx, time.Millisecond)
			})
			if v != 7 {
				err = errors.Join(err, errors.New("wrong value"))
			}
			h.CallSoonThreadsafe(func() { over.SetResult(err) })
		}()
		failed, err := over.Await(ctx)
		return errors.Join(failed, err)
	})
	if err != nil {
		t.Error(err)
	}
}

func TestRuleT1SubmitWhoseCallerIsCancelledCancelsTheTask(t *testing.T) {
	outside, cancel := context.WithCancel(context.Background())
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		h := asyncio.OpenHandle(ctx)
		defer h.Close()
		done := asyncio.NewFuture[error](ctx)
		go func() {
			_, err := asyncio.Submit(outside, h, func(ctx context.Context) (int, error) {
				cancel()
				return 0, asyncio.Sleep(ctx, time.Hour)
			})
			h.CallSoonThreadsafe(func() { done.SetResult(err) })
		}()
		err, _ := done.Await(ctx)
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestRuleT1ASubmitPanicIsRaisedAtItsCaller(t *testing.T) {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		h := asyncio.OpenHandle(ctx)
		defer h.Close()
		_, err := asyncio.ToThread(ctx, func(tctx context.Context) (int, error) {
			defer func() {
				if e, ok := recover().(*asyncio.PanicError); !ok || e.Value != errWhy {
					t.Errorf("recovered %v", e)
				}
			}()
			return asyncio.Submit(tctx, h, func(context.Context) (int, error) { culprit(); return 0, nil })
		})
		return err
	})
}

func TestRuleT1AfterRunAHandleRefuses(t *testing.T) {
	var h *asyncio.LoopHandle
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		h = asyncio.OpenHandle(ctx)
		return nil
	})
	if err := h.CallSoonThreadsafe(func() { t.Error("ran") }); !errors.Is(err, asyncio.ErrLoopClosed) {
		t.Error(err)
	}
	if _, err := asyncio.Submit(context.Background(), h, func(context.Context) (int, error) { return 1, nil }); !errors.Is(err, asyncio.ErrLoopClosed) {
		t.Error(err)
	}
	h.Close()
	h.Close()
}

// Whoever is told that his callback was accepted finds it run, also while Run ends;
// whoever is refused finds it not run.
func TestRuleT1PostsThatRaceWithTheEndRunOrAreRefused(t *testing.T) {
	for range 10 {
		var accepted, ran atomic.Int64
		var group sync.WaitGroup
		asyncio.Run(context.Background(), func(ctx context.Context) error {
			h := asyncio.OpenHandle(ctx)
			for range 4 {
				group.Go(func() {
					for h.CallSoonThreadsafe(func() { ran.Add(1) }) == nil {
						accepted.Add(1)
					}
				})
			}
			return asyncio.Sleep(ctx, 100*time.Microsecond)
		})
		group.Wait()
		if accepted.Load() != ran.Load() {
			t.Fatalf("%d were accepted, %d ran", accepted.Load(), ran.Load())
		}
	}
}

func TestRuleT1OtherCallsFromOutsideAreRefusedInDebugMode(t *testing.T) {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		var errs []error
		var panicked any
		var group sync.WaitGroup
		group.Go(func() {
			defer func() { panicked = recover() }()
			var q asyncio.WaitQueue
			_, err := q.Park(ctx, "x")
			errs = append(errs, asyncio.Sleep(ctx, time.Second), asyncio.Yield(ctx), asyncio.Checkpoint(ctx), err)
			asyncio.CallSoon(ctx, func() {})
		})
		group.Wait()
		for _, err := range errs {
			if !errors.Is(err, asyncio.ErrNotInTask) {
				t.Errorf("error %v", err)
			}
		}
		if e, ok := panicked.(error); len(errs) != 4 || !ok || !errors.Is(e, asyncio.ErrNotInTask) {
			t.Errorf("errors %v, panic %v", errs, panicked)
		}
		return nil
	}, asyncio.Debug(true))
	if err != nil {
		t.Error(err)
	}
}

func TestRuleT1CancellationsFromOutsideAreRefusedInDebugMode(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		task := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
		future := asyncio.NewFuture[int](ctx)
		_, cancel := asyncio.WithCancel(ctx)
		defer cancel(nil)
		_, timeout := asyncio.WithTimeout(ctx, time.Hour)
		defer timeout.Cancel()
		handle := asyncio.CallLater(ctx, time.Hour, func() {})
		for name, call := range map[string]func(){
			"Task.Cancel":          func() { task.Cancel(nil) },
			"Task.AddDoneCallback": func() { task.AddDoneCallback(func(*asyncio.Task[struct{}]) {}) },
			"Future.SetResult":     func() { future.SetResult(1) },
			"Future.SetError":      func() { future.SetError(errWhy) },
			"Future.Cancel":        func() { future.Cancel(nil) },
			"WithCancel":           func() { asyncio.WithCancel(ctx) },
			"its function":         func() { cancel(nil) },
			"WithTimeout":          func() { asyncio.WithTimeout(ctx, 1) },
			"Timeout.Cancel":       func() { timeout.Cancel() },
			"Timeout.Reschedule":   func() { timeout.Reschedule(time.Time{}) },
			"Handle.Cancel":        func() { handle.Cancel() },
		} {
			refused := make(chan bool)
			go func() {
				defer func() {
					err, _ := recover().(error)
					refused <- errors.Is(err, asyncio.ErrNotInTask)
				}()
				call()
			}()
			if !<-refused {
				t.Errorf("%s is not refused", name)
			}
		}
		handle.Cancel()
		task.Cancel(nil)
	}, asyncio.Debug(true))
}

func TestRuleT1AGroupDoesNotWaitForATaskThatWasRefused(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			refused := make(chan any)
			go func() {
				defer func() { refused <- recover() }()
				g.Go(func(context.Context) error { return nil })
			}()
			if <-refused == nil {
				t.Error("it was not refused")
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}, asyncio.Debug(true))
}

func TestRuleT1ASequenceThatWaitsWorksThroughIterPull(t *testing.T) {
	for _, debug := range []bool{false, true} {
		asynciotest.Run(t, func(ctx context.Context) {
			queue := asyncio.NewQueue[int](1)
			asyncio.Go(ctx, func(ctx context.Context) error {
				defer queue.Shutdown(false)
				for i := range 10 {
					asyncio.Sleep(ctx, time.Second)
					queue.Put(ctx, i)
				}
				return nil
			})
			next, stop := iter.Pull(queue.All(ctx))
			defer stop()
			for i := range 10 {
				if v, ok := next(); v != i || !ok {
					t.Fatalf("debug %v: got %d, %v; want %d", debug, v, ok, i)
				}
			}
		}, asyncio.Debug(debug))
	}
}

func TestRuleT1ACallbackCannotWait(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var err error
		asyncio.CallSoon(ctx, func() { err = asyncio.Sleep(ctx, time.Second) })
		asyncio.Yield(ctx)
		if !errors.Is(err, asyncio.ErrNotInTask) {
			t.Error(err)
		}
	})
}

func TestRuleT2ToThreadBlocksOnlyItsTask(t *testing.T) {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		gate := make(chan int)
		task := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
			return asyncio.ToThread(ctx, func(context.Context) (int, error) { return <-gate, nil })
		})
		for range 10 {
			asyncio.Yield(ctx)
		}
		gate <- 7
		v, err := task.Await(ctx)
		if v != 7 {
			t.Errorf("value %d", v)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestRuleT2AThreadCannotUseTheLoop(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		_, err := asyncio.ToThread(ctx, func(ctx context.Context) (int, error) {
			return 0, asyncio.Sleep(ctx, time.Second)
		})
		if !errors.Is(err, asyncio.ErrNoLoop) {
			t.Error(err)
		}
	})
}

func TestRuleT2AThreadThatPanicsOrExitsTellsItsTask(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) { t.SkipNow(); return 0, nil })
		_ = err
		defer func() {
			if e, ok := recover().(*asyncio.PanicError); !ok || e.Value != errWhy || !strings.Contains(string(e.Stack), "culprit") {
				t.Errorf("recovered %v", e)
			}
		}()
		asyncio.ToThread(ctx, func(context.Context) (int, error) { culprit(); return 0, nil })
	})
}

func TestRuleT2VirtualTimeStandsStillWhileAThreadIsAtWork(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		before := asyncio.Now(ctx)
		asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
		asyncio.ToThread(ctx, func(context.Context) (int, error) { time.Sleep(5 * time.Millisecond); return 0, nil })
		if d := asyncio.Now(ctx).Sub(before); d != 0 {
			t.Errorf("%v have passed", d)
		}
	})
}

func TestRuleT2MaxThreadsBoundsThoseAtWork(t *testing.T) {
	var at, most atomic.Int64
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			for range 20 {
				g.Go(func(ctx context.Context) error {
					_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
						n := at.Add(1)
						for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
						}
						time.Sleep(time.Millisecond)
						at.Add(-1)
						return 0, nil
					})
					return err
				})
			}
			return nil
		})
	}, asyncio.MaxThreads(3))
	if err != nil || most.Load() != 3 {
		t.Errorf("error %v; at most %d were at work, want 3", err, most.Load())
	}
}

func TestRuleT2AThreadThatARunHasLeftBehindDoesNotHoldUpTheNext(t *testing.T) {
	l := asyncio.NewLoop(asyncio.MaxThreads(1), asyncio.GracePeriod(0), asyncio.OnError(func(asyncio.Report) {}))
	release, released := make(chan struct{}), make(chan struct{})
	l.Run(context.Background(), func(ctx context.Context) error {
		asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
				defer close(released)
				<-release
				return 0, nil
			})
			return err
		})
		return asyncio.Sleep(ctx, time.Millisecond)
	})
	for range 2 {
		if err := l.Run(context.Background(), func(ctx context.Context) error {
			v, err := asyncio.ToThread(ctx, func(context.Context) (int, error) { return 42, nil })
			if v != 42 {
				t.Errorf("the thread returned %d", v)
			}
			return err
		}); err != nil {
			t.Error(err)
		}
	}
	close(release)
	<-released
}

func TestRuleT2ALoopHasRoomForAThread(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("MaxThreads(0) did not panic")
		}
	}()
	asyncio.MaxThreads(0)
}

func blockingWork() { time.Sleep(80 * time.Millisecond) }

func TestRuleT3WhatBlocksTheLoopIsReportedWhileItDoes(t *testing.T) {
	for name, main := range map[string]func(context.Context) error{
		"task":     func(context.Context) error { blockingWork(); return nil },
		"callback": func(ctx context.Context) error { asyncio.CallSoon(ctx, blockingWork); return asyncio.Yield(ctx) },
	} {
		t.Run(name, func(t *testing.T) {
			seen := make(chan asyncio.Report, 10)
			asyncio.Run(context.Background(), main, asyncio.SlowStep(10*time.Millisecond),
				asyncio.OnError(func(r asyncio.Report) { seen <- r }))
			if len(seen) != 1 {
				t.Fatalf("%d reports, want 1", len(seen))
			}
			if r := <-seen; !strings.Contains(string(r.Stack), "blockingWork") || !strings.Contains(r.Message, "blocked") {
				t.Errorf("report %s\n%s", r.Message, r.Stack)
			}
		})
	}
}

func TestRuleT3AnIdleLoopIsNotReported(t *testing.T) {
	var seen reports
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.Sleep(ctx, 50*time.Millisecond)
	}, asyncio.SlowStep(5*time.Millisecond), seen.option())
	if len(seen) != 0 {
		t.Errorf("reports %v", seen)
	}
}
