package asyncio_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestD44_ACancelledParentCancelsTheChildren(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var tr trail
		var seen error
		parent := asyncio.Go(ctx, func(ctx context.Context) error {
			seen = asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
				g.Go(tr.logsEnd("child"))
				return nil
			})
			return seen
		})
		must(t, asyncio.Sleep(ctx, time.Second))
		parent.Cancel(nil)
		_, err := parent.Await(ctx)
		expectIs(t, "outcome", err, asyncio.ErrTaskCancelled)
		expectIs(t, "seen", seen, context.Canceled)
		var group *asyncio.GroupError
		expect(t, "a group's error", errors.As(seen, &group), false)
		tr.want(t, "child")
	})
}

func TestD45_AnErrorBeatsACancellationWhichIsNotLost(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var seen, next error
		parent := asyncio.Go(ctx, func(ctx context.Context) error {
			seen = asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
				g.Go(func(ctx context.Context) error {
					_ = asyncio.Sleep(ctx, time.Hour)
					return errBoom
				})
				return nil
			})
			next = asyncio.Yield(ctx)
			return next
		})
		must(t, asyncio.Sleep(ctx, time.Second))
		parent.Cancel(nil)
		_, err := parent.Await(ctx)
		expect(t, "errors", members(t, seen), []error{errBoom})
		expectIs(t, "next wait", next, context.Canceled)
		expectIs(t, "outcome", err, asyncio.ErrTaskCancelled)
	})
}

func TestD50_CancellingAGroupIsNoError(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var tr trail
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			g.Go(tr.logsEnd("kid cancelled"))
			must(t, asyncio.Yield(ctx))
			g.Cancel(nil)
			tr.log("still in body")
			return asyncio.Sleep(ctx, time.Hour)
		})
		must(t, err)
		tr.want(t, "still in body", "kid cancelled")
		must(t, asyncio.Yield(ctx))
	})
}

func TestD50_ABodyUnderAContextThatHasEndedStarts(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var tr trail
		ended, cancel := asyncio.WithCancel(ctx)
		cancel(nil)
		err := asyncio.WithTaskGroup(ended, func(ctx context.Context, g *asyncio.TaskGroup) error {
			tr.log("body starts")
			return asyncio.Yield(ctx)
		})
		expectIs(t, "error", err, context.Canceled)
		tr.want(t, "body starts")
	})
}

func TestD54_ABodyThatKeepsTheCancellationToItself(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var tr trail
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			g.Go(failing(time.Second, errBoom))
			_ = asyncio.Sleep(ctx, time.Hour)
			tr.log("swallowed")
			must(t, asyncio.Sleep(context.WithoutCancel(ctx), time.Second))
			tr.log("body went on")
			return nil
		})
		expect(t, "errors", members(t, err), []error{errBoom})
		tr.want(t, "swallowed", "body went on")
	})
}

// asyncio tells the child once; here each of its waits does (rule C1).
func TestD55_AChildThatSwallowsACancellationIsToldAgain(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		told := 0
		parent := asyncio.Go(ctx, func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
				g.Go(func(ctx context.Context) error {
					for range 3 {
						if asyncio.Sleep(ctx, time.Hour) != nil {
							told++
						}
					}
					return nil
				})
				return nil
			})
		})
		must(t, asyncio.Sleep(ctx, time.Second))
		parent.Cancel(nil)
		parent.Cancel(nil)
		_, err := parent.Await(ctx)
		expect(t, "told", told, 3)
		expectIs(t, "parent", err, asyncio.ErrTaskCancelled)
	})
}

func TestD56_ATimeoutAroundAGroup(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var a, b *asyncio.Task[int]
		inner, timeout := asyncio.WithTimeout(ctx, time.Second)
		defer timeout.Cancel()
		err := asyncio.WithTaskGroup(inner, func(ctx context.Context, g *asyncio.TaskGroup) error {
			a, b = asyncio.CreateTaskIn(g, forever), asyncio.CreateTaskIn(g, forever)
			return nil
		})
		expectTimeout(t, err)
		expect(t, "caused", timeout.Caused(err), true)
		expect(t, "children cancelled", []bool{a.Cancelled(), b.Cancelled()}, []bool{true, true})
	})
}

func TestD57_ATimeoutAroundAGroupWhoseChildFailsBecauseOfIt(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		inner, timeout := asyncio.WithTimeout(ctx, time.Second)
		defer timeout.Cancel()
		err := asyncio.WithTaskGroup(inner, func(ctx context.Context, g *asyncio.TaskGroup) error {
			g.Go(func(ctx context.Context) error {
				_ = asyncio.Sleep(ctx, time.Hour)
				return errBoom
			})
			return nil
		})
		expect(t, "errors", members(t, err), []error{errBoom})
		expect(t, "expired, caused", []bool{timeout.Expired(), timeout.Caused(err)}, []bool{true, false})
		must(t, asyncio.Yield(ctx))
	})
}

func TestD61_CancellingAGroupDoesNotHideACancellationFromOutside(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		inner, timeout := asyncio.WithTimeout(ctx, time.Second)
		defer timeout.Cancel()
		err := asyncio.WithTaskGroup(inner, func(ctx context.Context, g *asyncio.TaskGroup) error {
			g.Go(func(ctx context.Context) error {
				err := asyncio.Sleep(ctx, time.Hour)
				must(t, asyncio.Sleep(context.WithoutCancel(ctx), 2*time.Second))
				return err
			})
			must(t, asyncio.Yield(ctx))
			g.Cancel(nil)
			return nil
		})
		expectTimeout(t, err)
	})
}
