package asyncio_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestHandleCancel(t *testing.T) {
	scene(t, "takes a callback back, once", func(t *testing.T, ctx context.Context) {
		ran := false
		callback := func() { ran = true }
		done := asyncio.CreateTask(ctx, forever)
		for what, h := range map[string]*asyncio.Handle{
			"soon":  asyncio.CallSoon(ctx, callback),
			"later": asyncio.CallLater(ctx, time.Second, callback),
			"at":    asyncio.CallAt(ctx, asyncio.Now(ctx).Add(time.Second), callback),
			"done":  done.AddDoneCallback(func(*asyncio.Task[int]) { callback() }),
		} {
			expect(t, what, []bool{h.Cancel(), h.Cancel()}, []bool{true, false})
		}
		done.Cancel(nil)
		must(t, asyncio.Sleep(ctx, time.Hour))
		expect(t, "ran", ran, false)
	})
	scene(t, "comes too late when the callback has run, or runs", func(t *testing.T, ctx context.Context) {
		var h *asyncio.Handle
		inside := true
		h = asyncio.CallSoon(ctx, func() { inside = h.Cancel() })
		must(t, asyncio.Yield(ctx))
		expect(t, "inside, after", []bool{inside, h.Cancel()}, []bool{false, false})
	})
	scene(t, "reaches the next one of the same round, and a timer that is due", func(t *testing.T, ctx context.Context) {
		var tr trail
		var next, due *asyncio.Handle
		asyncio.CallLater(ctx, time.Second, func() {
			tr.log("%v %v", next.Cancel(), due.Cancel())
		})
		due = asyncio.CallLater(ctx, time.Second, tr.logger("due"))
		next = asyncio.CallLater(ctx, time.Second, tr.logger("next"))
		must(t, asyncio.Sleep(ctx, time.Minute))
		tr.want(t, "true true")
	})
	scene(t, "of a done callback whose task has ended meanwhile works until its turn", func(t *testing.T, ctx context.Context) {
		ran := false
		task := asyncio.Go(ctx, func(context.Context) error { return nil })
		h := task.AddDoneCallback(func(*asyncio.Task[struct{}]) { ran = true })
		asyncio.CallSoon(ctx, func() { expect(t, "in time", h.Cancel(), true) })
		inRounds(ctx, t, 3)
		expect(t, "ran", ran, false)
	})
	t.Run("after Run has returned does nothing, also where the loop runs again", func(t *testing.T) {
		loop := asyncio.NewLoop()
		var stale []*asyncio.Handle
		callback := func() { t.Error("a callback of the first run was called") }
		run := func(main func(ctx context.Context) error) {
			must(t, loop.Run(asynciotest.Context(context.Background()), main))
		}
		leave := func(ctx context.Context) error {
			stale = append(stale, asyncio.CallLater(ctx, time.Hour, callback))
			return nil
		}
		run(leave)
		stale[0].Cancel()
		run(leave)
		run(func(ctx context.Context) error {
			ran := false
			asyncio.CallLater(ctx, time.Second, func() { ran = true })
			stale[1].Cancel() // must not take the new timer for its own
			must(t, asyncio.Sleep(ctx, 2*time.Hour))
			expect(t, "the callback of the second run has run", ran, true)
			return nil
		})
	})
}

func TestCallbacksOfAnyTime(t *testing.T) {
	scene(t, "in the past are due at once, in the order of their times", func(t *testing.T, ctx context.Context) {
		var tr trail
		asyncio.CallSoon(ctx, tr.logger("soon"))
		asyncio.CallLater(ctx, 0, tr.logger("now"))
		asyncio.CallLater(ctx, -time.Hour, tr.logger("an hour ago"))
		asyncio.CallAt(ctx, time.Time{}, tr.logger("long ago"))
		asyncio.CallLater(ctx, math.MinInt64, tr.logger("longer ago"))
		took := stopwatch(ctx)
		inRounds(ctx, t, 2)
		expect(t, "time", took(), time.Duration(0))
		expect(t, "first", tr[0], "soon")
		expect(t, "the last two", tr[len(tr)-2:], []string{"an hour ago", "now"})
		expect(t, "all", len(tr), 5)
	})
	scene(t, "at the end of time never come, and do not hold up the end", func(t *testing.T, ctx context.Context) {
		asyncio.CallLater(ctx, math.MaxInt64, func() { t.Error("called") })
		must(t, asyncio.Sleep(ctx, 1000*time.Hour))
	})
}

func TestCallbackThatPanicsIsReportedWithItsStack(t *testing.T) {
	var reports []asyncio.Report
	asynciotest.Run(t, func(ctx context.Context) {
		asyncio.CallSoon(ctx, func() { culprit() })
		asyncio.CallSoon(ctx, func() { panic("second") })
		must(t, asyncio.Yield(ctx))
	}, quiet(&reports))
	expect(t, "reports", len(reports), 2)
	var e *asyncio.PanicError
	if !errors.As(reports[0].Err, &e) || !errors.Is(e, errWhy) || len(e.Stack) == 0 {
		t.Errorf("report %v", reports[0])
	}
}

func TestCallbacksNeedALoop(t *testing.T) {
	for what, call := range map[string]func(context.Context){
		"CallSoon":  func(ctx context.Context) { asyncio.CallSoon(ctx, func() {}) },
		"CallLater": func(ctx context.Context) { asyncio.CallLater(ctx, 0, func() {}) },
		"CallAt":    func(ctx context.Context) { asyncio.CallAt(ctx, time.Now(), func() {}) },
		"Now":       func(ctx context.Context) { asyncio.Now(ctx) },
		"Go":        func(ctx context.Context) { asyncio.Go(ctx, nil) },
	} {
		expect(t, what+" without a loop", recovered(func() { call(context.Background()) }), asyncio.ErrNoLoop)
		var left context.Context
		must(t, asynciotest.Main(t, func(ctx context.Context) error { left = ctx; return nil }))
		err, _ := recovered(func() { call(left) }).(error)
		expectIs(t, what+" after Run", err, asyncio.ErrLoopClosed)
	}
}
