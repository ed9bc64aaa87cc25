package asyncio_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// quiet takes the reports of a run.
func quiet(reports *[]asyncio.Report) asyncio.Option {
	return asyncio.OnError(func(r asyncio.Report) { *reports = append(*reports, r) })
}

// leftover is a task that outlives main: it is cancelled, and cleans up.
func (tr *trail) leftover(name string) func(context.Context) error {
	return func(ctx context.Context) error {
		err := asyncio.Sleep(ctx, time.Hour)
		tr.log("%s cancelled", name)
		_ = asyncio.Yield(context.WithoutCancel(ctx))
		tr.log("%s cleaned", name)
		return err
	}
}

func TestG01_WhatIsLeftAtTheEndIsCancelledAtOnceAndAwaited(t *testing.T) {
	var tr trail
	v, err := asyncio.RunValue(t.Context(), func(ctx context.Context) (string, error) {
		asyncio.Go(ctx, tr.leftover("a"))
		asyncio.Go(context.WithoutCancel(ctx), tr.leftover("b"))
		err := asyncio.Yield(ctx)
		tr.log("main ends")
		return "R", err
	})
	must(t, err)
	expect(t, "value", v, "R")
	tr.want(t, "main ends", "a cancelled", "b cancelled", "a cleaned", "b cleaned")
}

func TestG02_AnErrorDuringTheShutdownIsReportedAndMainsResultStands(t *testing.T) {
	late := errors.New("late")
	var reports []asyncio.Report
	v, err := asyncio.RunValue(t.Context(), func(ctx context.Context) (string, error) {
		asyncio.Go(ctx, func(ctx context.Context) error {
			_ = asyncio.Sleep(ctx, time.Hour)
			return late
		})
		return "R", asyncio.Yield(ctx)
	}, quiet(&reports))
	must(t, err)
	expect(t, "value", v, "R")
	if expect(t, "reports", len(reports), 1); len(reports) == 1 {
		expectIs(t, "the report", reports[0].Err, late)
	}
}

// asyncio neither cancels nor awaits it; here the shutdown goes on until nothing
// is left (rule L1).
func TestG03_ATaskThatIsBornDuringTheShutdownIsAwaitedToo(t *testing.T) {
	var tr trail
	must(t, asyncio.Run(t.Context(), func(ctx context.Context) error {
		asyncio.Go(ctx, func(dying context.Context) error {
			err := asyncio.Sleep(dying, time.Hour)
			asyncio.Go(context.WithoutCancel(dying), tr.leftover("late"))
			return err
		})
		return asyncio.Yield(ctx)
	}))
	tr.want(t, "late cancelled", "late cleaned")
}

func TestG04_MainsErrorLeavesAfterWhatIsLeftHasEnded(t *testing.T) {
	var tr trail
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		asyncio.Go(ctx, func(ctx context.Context) error {
			defer tr.log("bg ends")
			return asyncio.Sleep(ctx, time.Hour)
		})
		must(t, asyncio.Yield(ctx))
		return errBoom
	})
	expectIs(t, "error", err, errBoom)
	tr.want(t, "bg ends")
}

func TestG07_ALoopRunsSeveralMains(t *testing.T) {
	type key struct{}
	l := asyncio.NewLoop()
	defer l.Close()
	ctx := context.WithValue(t.Context(), key{}, 1)
	for range 2 {
		var loop *asyncio.Loop
		var seen any
		must(t, l.Run(ctx, func(ctx context.Context) error {
			loop, seen = asyncio.RunningLoop(ctx), ctx.Value(key{})
			return asyncio.Yield(ctx)
		}))
		expect(t, "the same loop, the same values", []any{loop == l, seen}, []any{true, 1})
	}
	expect(t, "the loop outside", asyncio.RunningLoop(ctx) == nil, true)
}

// Go's iterators clean up when the loop over them ends, so nothing is left for
// the shutdown to close.
func TestG08_AnIteratorThatIsLeftHalfWayCleansUp(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var tr trail
		numbers := func(yield func(int) bool) {
			defer tr.log("finally")
			for i := range 10 {
				if asyncio.Sleep(ctx, time.Second) != nil || !yield(i) {
					return
				}
			}
		}
		for i := range numbers {
			if i == 2 {
				break
			}
		}
		tr.log("main end")
		tr.want(t, "finally", "main end")
	})
}

// The thread cannot be stopped from outside. asyncio's task leaves it behind,
// and run() waits for it; here the task itself waits for it (rule L1).
func TestG09_AThreadOutlivesItsCancellation(t *testing.T) {
	var tr trail
	started, release := make(chan struct{}), make(chan struct{})
	must(t, asyncio.Run(t.Context(), func(ctx context.Context) error {
		task := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
			return asyncio.ToThread(ctx, func(ctx context.Context) (int, error) {
				close(started)
				<-ctx.Done() // a library that knows contexts sees the cancellation
				<-release
				return 1, ctx.Err()
			})
		})
		if _, _, err := asyncio.Receive(ctx, started); err != nil {
			return err
		}
		task.Cancel(nil)
		close(release)
		_, err := task.Await(ctx)
		expectIs(t, "outcome", err, asyncio.ErrTaskCancelled)
		tr.log("awaited")
		return nil
	}))
	tr.log("run returned")
	tr.want(t, "awaited", "run returned")
}

func TestG10_AThreadSeesTheContextsValues(t *testing.T) {
	type key struct{}
	must(t, asyncio.Run(t.Context(), func(ctx context.Context) error {
		ctx = context.WithValue(ctx, key{}, 1)
		seen, err := asyncio.ToThread(ctx, func(ctx context.Context) (any, error) { return ctx.Value(key{}), errBoom })
		expect(t, "value", seen, 1)
		expectIs(t, "its error comes back", err, errBoom)
		return nil
	}))
}

func TestG13_DebugModeTellsWhereATaskWasCreated(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		task := asyncio.CreateTask(ctx, forever)
		created := task.Info().Created
		expect(t, created, strings.HasPrefix(created, "cpython_g_test.go:"), true)
	}, asyncio.Debug(true))
}
