package asyncio_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestA01_CallbacksRunInOrder(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var tr trail
		for _, name := range []string{"a", "b", "c"} {
			asyncio.CallSoon(ctx, tr.logger(name))
		}
		must(t, asyncio.Yield(ctx))
		tr.want(t, "a", "b", "c")
	})
}

func TestA02_WhatARoundAddsWaitsForTheNext(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var tr trail
		asyncio.CallSoon(ctx, func() {
			tr.log("a")
			asyncio.CallSoon(ctx, tr.logger("d"))
		})
		asyncio.CallSoon(ctx, tr.logger("b"))
		must(t, asyncio.Yield(ctx))
		tr.want(t, "a", "b")
		must(t, asyncio.Yield(ctx))
		tr.want(t, "a", "b", "d")
	})
}

func TestA03_ATimerThatIsDueAtOnceComesAfterACallback(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var tr trail
		asyncio.CallLater(ctx, 0, tr.logger("L"))
		asyncio.CallSoon(ctx, tr.logger("S"))
		must(t, asyncio.Sleep(ctx, time.Second))
		tr.want(t, "S", "L")
	})
}

// In virtual time this would hang if it were wrong: the clock moves only when
// nothing is ready. So this one takes the real clock, for a few milliseconds.
func TestA04_ACallbackThatComesBackForEverStarvesNoTimer(t *testing.T) {
	fired, meanwhile := false, 0
	must(t, asyncio.Run(t.Context(), func(ctx context.Context) error {
		var again func()
		again = func() {
			if meanwhile++; !fired {
				asyncio.CallSoon(ctx, again)
			}
		}
		asyncio.CallSoon(ctx, again)
		err := asyncio.Sleep(ctx, 5*time.Millisecond)
		fired = true
		return err
	}))
	expect(t, "the timer fired while callbacks ran", fired && meanwhile > 1, true)
}

// asyncio leaves the order open; here it is the order of creation (rule S3).
func TestA05_TimersOfOneDeadlineFireInTheOrderOfTheirCreation(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var tr trail
		at := asyncio.Now(ctx).Add(time.Second)
		names := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
		for _, name := range names {
			asyncio.CallAt(ctx, at, tr.logger(name))
		}
		must(t, asyncio.SleepUntil(ctx, at.Add(time.Second)))
		tr.want(t, names...)
	})
}

func TestA06_TimersFireByDeadline(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var tr trail
		asyncio.CallLater(ctx, 2*time.Second, tr.logger("b"))
		asyncio.CallLater(ctx, time.Second, tr.logger("a"))
		asyncio.CallLater(ctx, -5*time.Second, tr.logger("n"))
		must(t, asyncio.Sleep(ctx, 3*time.Second))
		tr.want(t, "n", "a", "b")
	})
}

func TestA07_ACallbackCancelsAnotherOfItsRound(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var tr trail
		var b *asyncio.Handle
		asyncio.CallSoon(ctx, func() {
			tr.log("a")
			expect(t, "cancelled", b.Cancel(), true)
		})
		b = asyncio.CallSoon(ctx, tr.logger("b"))
		must(t, asyncio.Yield(ctx))
		tr.want(t, "a")
		expect(t, "cancelled again", b.Cancel(), false)
	})
	t.Run("timers as well", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			var tr trail
			var b *asyncio.Handle
			asyncio.CallLater(ctx, time.Second, func() {
				tr.log("a")
				expect(t, "cancelled", b.Cancel(), true)
			})
			b = asyncio.CallLater(ctx, time.Second, tr.logger("b"))
			must(t, asyncio.Sleep(ctx, 2*time.Second))
			tr.want(t, "a")
		})
	})
}

func TestA08_APanicInACallbackIsReportedAndTheNextRuns(t *testing.T) {
	var tr trail
	var reports []asyncio.Report
	asynciotest.Run(t, func(ctx context.Context) {
		asyncio.CallSoon(ctx, func() { panic(errBoom) })
		asyncio.CallSoon(ctx, tr.logger("next"))
		must(t, asyncio.Yield(ctx))
	}, asyncio.OnError(func(r asyncio.Report) { reports = append(reports, r) }))
	tr.want(t, "next")
	if expect(t, "reports", len(reports), 1); len(reports) == 1 {
		expectIs(t, "the report", reports[0].Err, errBoom)
	}
}

// asyncio's SystemExit leaves what is queued for the next run. Go's way out is
// runtime.Goexit, as t.FailNow calls it: the tasks clean up, and then the
// goroutine of Run ends (rule L3).
func TestA09_GoexitInACallbackEndsTheLoop(t *testing.T) {
	var tr trail
	var wg sync.WaitGroup
	wg.Go(func() {
		defer tr.log("Run's goroutine ends")
		_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
			defer tr.log("main cleans up")
			asyncio.CallSoon(ctx, runtime.Goexit)
			return asyncio.Sleep(ctx, time.Hour)
		})
		tr.log("Run returns")
	})
	wg.Wait()
	tr.want(t, "main cleans up", "Run's goroutine ends")
}

func TestA13_MisuseOfALoop(t *testing.T) {
	nothing := func(context.Context) error { return nil }
	l := asyncio.NewLoop()
	must(t, l.Run(t.Context(), func(ctx context.Context) error {
		expectIs(t, "the same loop again", l.Run(context.Background(), nothing), asyncio.ErrLoopRunning)
		return nil
	}))
	must(t, l.Run(t.Context(), nothing)) // the refused one has broken nothing
	must(t, l.Close())
	expectIs(t, "after Close", l.Run(t.Context(), nothing), asyncio.ErrLoopClosed)
	must(t, l.Close())
}

func TestA14_RunInsideARunningLoop(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		err := asyncio.Run(ctx, func(context.Context) error { t.Error("it ran"); return nil })
		expectIs(t, "Run with a task's context", err, asyncio.ErrLoopRunning)
		expect(t, "the loop goes on", asyncio.Yield(ctx), nil)
	})
}

func TestA15_CallbacksFromAnotherGoroutineAreInOrder(t *testing.T) {
	var got []int
	must(t, asyncio.Run(t.Context(), func(ctx context.Context) error {
		h := asyncio.OpenHandle(ctx)
		all := asyncio.NewFuture[int](ctx)
		go func() {
			for i := range 10 {
				_ = h.CallSoonThreadsafe(func() {
					if got = append(got, i); len(got) == 10 {
						_ = all.SetResult(0)
					}
				})
			}
		}()
		_, err := all.Await(ctx) // the loop has nothing else: only the calls can wake it
		h.Close()
		return err
	}))
	expect(t, "order", got, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
}

// asyncio accepts it silently unless in debug mode, and the loop sleeps on.
func TestA16_ACallFromAnotherGoroutineIsRefused(t *testing.T) {
	must(t, asyncio.Run(t.Context(), func(ctx context.Context) error {
		var refused any
		var wg sync.WaitGroup
		wg.Go(func() {
			defer func() { refused = recover() }()
			asyncio.CallSoon(ctx, func() {})
		})
		wg.Wait()
		expect(t, "refused", refused != nil, true)
		return nil
	}, asyncio.Debug(true)))
}

// The callback blocks until the report of its blocking has come, so that the
// test does not depend on anybody's speed.
func TestA17_ASlowCallbackIsReportedWhileItRuns(t *testing.T) {
	reported := make(chan asyncio.Report, 1)
	must(t, asyncio.Run(t.Context(), func(ctx context.Context) error {
		asyncio.CallSoon(ctx, func() {
			select {
			case r := <-reported:
				expect(t, "has a stack", len(r.Stack) > 0, true)
			case <-time.After(time.Minute):
				t.Error("no report")
			}
		})
		return asyncio.Yield(ctx)
	}, asyncio.SlowStep(time.Millisecond), asyncio.OnError(func(r asyncio.Report) {
		select {
		case reported <- r:
		default:
		}
	})))
}

func TestA20_APanicOfTheErrorHandlerDoesNotEndTheLoop(t *testing.T) {
	var tr trail
	asynciotest.Run(t, func(ctx context.Context) {
		asyncio.CallSoon(ctx, func() { panic(errors.New("first")) })
		asyncio.CallSoon(ctx, tr.logger("alive"))
		must(t, asyncio.Yield(ctx))
	}, asyncio.OnError(func(asyncio.Report) {
		tr.log("handler")
		panic("second")
	}))
	tr.want(t, "handler", "alive")
}
