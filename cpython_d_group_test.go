package asyncio_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// logsEnd is a child that waits until it is cancelled and logs that.
func (tr *trail) logsEnd(text string) func(context.Context) error {
	return func(ctx context.Context) error {
		err := asyncio.Sleep(ctx, time.Hour)
		if err != nil {
			tr.log("%s", text)
		}
		return err
	}
}

func failing(d time.Duration, err error) func(context.Context) error {
	return func(ctx context.Context) error {
		_, failed := fails(d, err)(ctx)
		return failed
	}
}

// members are the errors of a group.
func members(t testing.TB, err error) []error {
	t.Helper()
	var group *asyncio.GroupError
	if !errors.As(err, &group) {
		t.Fatalf("error %v, want a group's", err)
	}
	return group.Errors
}

func TestD40_AFailingChildCancelsTheOthersAndTheBody(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var tr trail
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			g.Go(tr.logsEnd("sibling cancelled"))
			g.Go(failing(time.Second, errBoom))
			err := asyncio.Sleep(ctx, time.Hour)
			tr.log("body cancelled")
			return err
		})
		expect(t, "errors", members(t, err), []error{errBoom})
		expectIs(t, "found in it", err, errBoom)
		tr.want(t, "sibling cancelled", "body cancelled")
		must(t, asyncio.Sleep(ctx, time.Second)) // afterwards waits work
	})
}

func TestD41_ErrorsOfAGroupAreInTheOrderOfTheEnds(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		first, cleanup := errors.New("first"), errors.New("cleanup")
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			g.Go(func(ctx context.Context) error {
				_ = asyncio.Sleep(ctx, time.Hour)
				return cleanup
			})
			g.Go(failing(time.Second, first))
			return nil
		})
		expect(t, "errors", members(t, err), []error{first, cleanup})
	})
}

func TestD42_TheBodysErrorIsTheLast(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var tr trail
		child, body := errors.New("child"), errors.New("body")
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			g.Go(tr.logsEnd("sib"))
			g.Go(func(ctx context.Context) error {
				_ = asyncio.Sleep(ctx, time.Hour)
				return child
			})
			must(t, asyncio.Yield(ctx))
			return body
		})
		tr.want(t, "sib")
		expect(t, "errors", members(t, err), []error{child, body})
	})
}

func TestD43_AChildThatIsCancelledFromOutsideIsNoFailure(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var gone, good *asyncio.Task[int]
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			gone = asyncio.CreateTaskIn(g, forever)
			good = asyncio.CreateTaskIn(g, sleeps(time.Second, 3))
			must(t, asyncio.Yield(ctx))
			gone.Cancel(nil)
			return nil
		})
		must(t, err)
		expect(t, "cancelled", gone.Cancelled(), true)
		expect(t, "the other", value[int](t)(good.Result()), 3)
	})
}

func TestD46_TasksAreAddedAsLongAsTheGroupLives(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var tr trail
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			g.Go(func(ctx context.Context) error {
				must(t, asyncio.Sleep(ctx, time.Second))
				g.Go(func(context.Context) error { tr.log("grandchild"); return nil })
				return nil
			})
			return nil
		})
		must(t, err)
		tr.want(t, "grandchild")
	})
}

// asyncio refuses with an error; here adding to what has ended is a mistake of the
// program, like a WaitGroup that is used up.
func TestD46_AGroupThatHasEndedTakesNoTask(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var over *asyncio.TaskGroup
		must(t, asyncio.WithTaskGroup(ctx, func(_ context.Context, g *asyncio.TaskGroup) error { over = g; return nil }))
		refused := recovered(func() { over.Go(func(context.Context) error { t.Error("it ran"); return nil }) })
		expect(t, "refused", refused != nil, true)
		must(t, asyncio.Yield(ctx))
	})
}

// asyncio refuses a task for a group that is shutting down; here the task begins
// and meets the cancellation at its first wait (rule C7).
func TestD46_ATaskForACancelledGroupIsCancelled(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var tr trail
		must(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			g.Cancel(nil)
			g.Go(tr.logsEnd("met it"))
			return nil
		}))
		tr.want(t, "met it")
	})
}

// asyncio lets SystemExit out bare; a panic comes out bare as well, after the
// others have ended (rule L3).
func TestD47_APanicOfAChildIsRaisedByTheGroup(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var tr trail
		raised := recovered(func() {
			_ = asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
				g.Go(tr.logsEnd("sibling"))
				g.Go(func(context.Context) error { panic(errBoom) })
				return nil
			})
		})
		err, _ := raised.(error)
		expectIs(t, "raised", err, errBoom)
		tr.want(t, "sibling")
		must(t, asyncio.Yield(ctx))
	})
}

func TestD48_GroupsNest(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		inner := func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
				g.Go(failing(0, errBoom))
				return nil
			})
		}
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			g.Go(inner)
			return nil
		})
		outer := members(t, err)
		expect(t, "members", len(outer), 1)
		expect(t, "members of the member", members(t, outer[0]), []error{errBoom})
		expectIs(t, "found through both", err, errBoom)
	})
}

func TestD49_TheEndOfAGroup(t *testing.T) {
	t.Run("waits for tasks that are added meanwhile", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			var tr trail
			must(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
				g.Go(func(ctx context.Context) error {
					must(t, asyncio.Sleep(ctx, time.Second))
					g.Go(func(ctx context.Context) error {
						must(t, asyncio.Sleep(ctx, time.Second))
						tr.log("late")
						return nil
					})
					return nil
				})
				return nil
			}))
			tr.want(t, "late")
		})
	})
	t.Run("of an empty group does not yield", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			empty := func(context.Context, *asyncio.TaskGroup) error { return nil }
			ran := othersRan(ctx, func() { must(t, asyncio.WithTaskGroup(ctx, empty)) })
			expect(t, "others ran", ran, false)
		})
	})
}

func TestD60_AChildsResultIsReadAfterTheGroup(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var good, bad *asyncio.Task[int]
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			good = asyncio.CreateTaskIn(g, sleeps(0, 1))
			bad = asyncio.CreateTaskIn(g, fails(time.Second, errBoom))
			return nil
		})
		expect(t, "errors", members(t, err), []error{errBoom})
		expect(t, "result", value[int](t)(good.Result()), 1)
		expectIs(t, "error", bad.Err(), errBoom)
	})
}
