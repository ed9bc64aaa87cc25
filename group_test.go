package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestGroupTakesTasksUntilItHasEnded(t *testing.T) {
	scene(t, "from its children, and their children", func(t *testing.T, ctx context.Context) {
		var tr trail
		took := stopwatch(ctx)
		must(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			var child func(depth int) func(context.Context) error
			child = func(depth int) func(context.Context) error {
				return func(ctx context.Context) error {
					if depth < 3 {
						g.Go(child(depth + 1))
					}
					defer tr.log("%d", depth)
					return asyncio.Sleep(ctx, time.Second)
				}
			}
			g.Go(child(1))
			return nil
		}))
		tr.want(t, "1", "2", "3")
		expect(t, "the children overlap", took(), time.Second)
	})
	scene(t, "also in the round in which its last child has ended", func(t *testing.T, ctx context.Context) {
		late := false
		must(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			last := g.Go(func(ctx context.Context) error { return asyncio.Yield(ctx) })
			last.AddDoneCallback(func(*asyncio.Task[struct{}]) {
				g.Go(func(ctx context.Context) error {
					late = true
					return nil
				})
			})
			return nil
		}))
		expect(t, "the late child has run", late, true)
	})
	scene(t, "and none after that", func(t *testing.T, ctx context.Context) {
		var gone *asyncio.TaskGroup
		must(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			gone = g
			return nil
		}))
		wantPanic(t, "Go after the end", func() { gone.Go(func(context.Context) error { return nil }) })
		gone.Cancel(errWhy)
		gone.Cancel(nil)
		must(t, asyncio.Yield(ctx))
	})
	scene(t, "which it tells at once when it was cancelled before", func(t *testing.T, ctx context.Context) {
		must(t, asyncio.WithTaskGroup(ctx, func(_ context.Context, g *asyncio.TaskGroup) error {
			g.Cancel(errWhy)
			child := g.Go(func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
			_, err := child.Await(ctx)
			expectIs(t, "the child", err, asyncio.ErrTaskCancelled)
			expectIs(t, "the child's cause", err, errWhy)
			return nil
		}))
	})
}

func TestGroupMaxTasks(t *testing.T) {
	scene(t, "of one runs the children one after the other, in order", func(t *testing.T, ctx context.Context) {
		var tr trail
		took := stopwatch(ctx)
		must(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			for i := range 4 {
				g.Go(func(ctx context.Context) error {
					tr.log("begin %d", i)
					defer tr.log("end %d", i)
					return asyncio.Sleep(ctx, time.Second)
				})
			}
			return nil
		}, asyncio.MaxTasks(1)))
		expect(t, "time", took(), 4*time.Second)
		tr.want(t, "begin 0", "end 0", "begin 1", "end 1", "begin 2", "end 2", "begin 3", "end 3")
	})
	scene(t, "lets a cancelled child that waits for its turn run, to clean up (C7)", func(t *testing.T, ctx context.Context) {
		closed := 0
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			g.Go(failing(time.Second, errBoom))
			for range 3 {
				g.Go(func(ctx context.Context) error {
					defer func() { closed++ }() // what it was handed
					return asyncio.Sleep(ctx, time.Hour)
				})
			}
			return nil
		}, asyncio.MaxTasks(1))
		expect(t, "errors", members(t, err), []error{errBoom})
		expect(t, "children that have cleaned up", closed, 3)
	})
	scene(t, "gives the place of a child that panics to the next", func(t *testing.T, ctx context.Context) {
		ran := false
		recovered(func() {
			asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
				g.Go(func(context.Context) error { panic(errWhy) })
				g.Go(func(context.Context) error { ran = true; return nil })
				return nil
			}, asyncio.MaxTasks(1))
		})
		expect(t, "the second has run", ran, true)
	})
	scene(t, "needs room for one", func(t *testing.T, ctx context.Context) {
		for _, n := range []int{0, -1} {
			wantPanic(t, fmt.Sprintf("MaxTasks(%d)", n), func() { asyncio.MaxTasks(n) })
		}
	})
}

func TestGroupCancel(t *testing.T) {
	scene(t, "by a child ends the others and the body, without an error", func(t *testing.T, ctx context.Context) {
		took := stopwatch(ctx)
		must(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			g.Go(func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
			g.Go(func(ctx context.Context) error {
				must(t, asyncio.Sleep(ctx, time.Second))
				g.Cancel(errWhy)
				g.Cancel(errBoom)
				expect(t, "the first cause stands", context.Cause(ctx), errWhy)
				return nil
			})
			return asyncio.Sleep(ctx, time.Hour)
		}))
		expect(t, "time", took(), time.Second)
		must(t, ctx.Err())
	})
	scene(t, "is no error where the body returns its cause", func(t *testing.T, ctx context.Context) {
		must(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			g.Cancel(errWhy)
			return context.Cause(ctx)
		}))
	})
	scene(t, "does not hide the error of a child that fails in its clean-up", func(t *testing.T, ctx context.Context) {
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			g.Go(func(ctx context.Context) error {
				asyncio.Sleep(ctx, time.Hour)
				return errBoom
			})
			must(t, asyncio.Yield(ctx))
			g.Cancel(nil)
			return nil
		})
		expect(t, "errors", members(t, err), []error{errBoom})
	})
}

func TestGroupErrors(t *testing.T) {
	scene(t, "are found by Is and As, through nested groups", func(t *testing.T, ctx context.Context) {
		path := &fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist}
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			g.Go(func(ctx context.Context) error {
				return asyncio.WithTaskGroup(ctx, func(_ context.Context, inner *asyncio.TaskGroup) error {
					inner.Go(func(context.Context) error { return path })
					return errBoom
				})
			})
			return nil
		})
		var found *fs.PathError
		expect(t, "As", errors.As(err, &found) && found == path, true)
		expectIs(t, "Is", err, fs.ErrNotExist)
		expectIs(t, "the inner body's", err, errBoom)
		expect(t, "text", err, "asyncio: task group: 1 failed\n  asyncio: task group: 2 failed\n    open x: file does not exist\n    boom")
	})
	scene(t, "a context error that nobody caused is an error", func(t *testing.T, ctx context.Context) {
		foreign := fmt.Errorf("request: %w", context.Canceled)
		for _, own := range []error{context.Canceled, context.DeadlineExceeded, foreign} {
			err := asyncio.WithTaskGroup(ctx, func(context.Context, *asyncio.TaskGroup) error { return own })
			expect(t, "of the body", members(t, err), []error{own})
			err = asyncio.WithTaskGroup(ctx, func(_ context.Context, g *asyncio.TaskGroup) error {
				g.Go(func(context.Context) error { return own })
				return nil
			})
			expect(t, "of a child", members(t, err), []error{own})
		}
	})
	scene(t, "a cancellation from outside without errors comes back as it is", func(t *testing.T, ctx context.Context) {
		inner, cancel := asyncio.WithCancel(ctx)
		asyncio.CallLater(ctx, time.Second, func() { cancel(errWhy) })
		err := asyncio.WithTaskGroup(inner, func(ctx context.Context, g *asyncio.TaskGroup) error {
			g.Go(func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
			return nil
		})
		expectIs(t, "the group", err, context.Canceled)
		expectIs(t, "its cause", err, errWhy)
	})
	scene(t, "are more important than a cancellation from outside", func(t *testing.T, ctx context.Context) {
		inner, cancel := asyncio.WithCancel(ctx)
		asyncio.CallLater(ctx, time.Second, func() { cancel(errWhy) })
		err := asyncio.WithTaskGroup(inner, func(ctx context.Context, g *asyncio.TaskGroup) error {
			g.Go(func(ctx context.Context) error {
				asyncio.Sleep(ctx, time.Hour)
				return errBoom
			})
			return asyncio.Sleep(ctx, time.Hour)
		})
		expect(t, "errors", members(t, err), []error{errBoom})
		expectNot(t, "the group", err, context.Canceled)
		expectIs(t, "the next wait", asyncio.Yield(inner), context.Canceled)
	})
	scene(t, "of a thousand children are all there, in the order of their ends", func(t *testing.T, ctx context.Context) {
		var want []error
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			for i := range 1000 {
				e := fmt.Errorf("child %d", i)
				want = append(want, e)
				g.Go(func(context.Context) error { return e })
			}
			return nil
		})
		if !slices.Equal(members(t, err), want) {
			t.Errorf("%d errors", len(members(t, err)))
		}
	})
}

func TestGroupPanics(t *testing.T) {
	scene(t, "of the body are raised after the children have ended", func(t *testing.T, ctx context.Context) {
		took := stopwatch(ctx)
		v := recovered(func() {
			asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
				g.Go(func(ctx context.Context) error {
					asyncio.Sleep(ctx, time.Hour)
					return asyncio.Sleep(context.WithoutCancel(ctx), time.Second)
				})
				must(t, asyncio.Yield(ctx))
				panic("body")
			})
		})
		expect(t, "panic", v, "body")
		expect(t, "time", took(), time.Second)
	})
	scene(t, "of a child carry the stack of their place", func(t *testing.T, ctx context.Context) {
		v := recovered(func() {
			asyncio.WithTaskGroup(ctx, func(_ context.Context, g *asyncio.TaskGroup) error {
				g.Go(func(context.Context) error { culprit(); return nil })
				return nil
			})
		})
		e, ok := v.(*asyncio.PanicError)
		if !ok || !errors.Is(e, errWhy) || !strings.Contains(string(e.Stack), "culprit") {
			t.Errorf("panic %v", v)
		}
	})
	scene(t, "of a child that the body awaits are raised once and not reported", func(t *testing.T, ctx context.Context) {
		v := recovered(func() {
			asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
				child := g.Go(func(context.Context) error { panic("child") })
				_, err := child.Await(context.WithoutCancel(ctx))
				return err
			})
		})
		if e, ok := v.(*asyncio.PanicError); !ok || e.Value != "child" {
			t.Errorf("panic %v", v)
		}
	})

	var reports []asyncio.Report
	scene(t, "of the body do not hide what the children have to say (L2)", func(t *testing.T, ctx context.Context) {
		recovered(func() {
			asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
				g.Go(func(context.Context) error { return errBoom })
				g.Go(func(context.Context) error { panic(errWhy) })
				panic("body")
			})
		})
		expect(t, "reports of the error", reported(reports, errBoom), 1)
		expect(t, "reports", len(reports), 2)
		expectIs(t, "the second", reports[len(reports)-1].Err, errWhy)
	}, quiet(&reports))

	var others []asyncio.Report
	scene(t, "of a child do not hide the errors of the others (L2)", func(t *testing.T, ctx context.Context) {
		v := recovered(func() {
			asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
				g.Go(func(context.Context) error { return errBoom })
				g.Go(func(context.Context) error { panic("first") })
				g.Go(func(context.Context) error { panic("second") })
				return errWhy
			})
		})
		if e, ok := v.(*asyncio.PanicError); !ok || e.Value != "first" {
			t.Errorf("panic %v, want the first", v)
		}
		expect(t, "reports of a child's error", reported(others, errBoom), 1)
		expect(t, "reports of the body's error", reported(others, errWhy), 1)
		expect(t, "reports", len(others), 3)
	}, quiet(&others))
}

func TestGroupGoexitInAChildEndsRunAfterTheOthers(t *testing.T) {
	var tr trail
	returned := inGoroutine(func() {
		asyncio.Run(asynciotest.Context(context.Background()), func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
				g.Go(func(ctx context.Context) error {
					defer tr.log("sibling ended")
					return asyncio.Sleep(ctx, time.Hour)
				})
				g.Go(func(ctx context.Context) error {
					must(t, asyncio.Yield(ctx))
					runtime.Goexit()
					return nil
				})
				return nil
			})
		})
	})
	expect(t, "Run has returned", returned, false)
	tr.want(t, "sibling ended")
}

func TestGroupsNest(t *testing.T) {
	scene(t, "and a failure inside stays inside where it is handled", func(t *testing.T, ctx context.Context) {
		must(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, outer *asyncio.TaskGroup) error {
			sibling := outer.Go(func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Minute) })
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, inner *asyncio.TaskGroup) error {
				inner.Go(failing(time.Second, errBoom))
				return asyncio.Sleep(ctx, time.Hour)
			})
			expect(t, "errors", members(t, err), []error{errBoom})
			_, err = sibling.Await(ctx)
			return err
		}))
	})
	scene(t, "and a child may create tasks in the group further out", func(t *testing.T, ctx context.Context) {
		took := stopwatch(ctx)
		must(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, outer *asyncio.TaskGroup) error {
			must(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, inner *asyncio.TaskGroup) error {
				outer.Go(func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Minute) })
				return nil
			}))
			expect(t, "the inner group does not wait for it", took(), time.Duration(0))
			return nil
		}))
		expect(t, "the outer one does", took(), time.Minute)
	})
	scene(t, "and the inner ends when the outer is cancelled", func(t *testing.T, ctx context.Context) {
		must(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, outer *asyncio.TaskGroup) error {
			asyncio.CallLater(ctx, time.Second, func() { outer.Cancel(errWhy) })
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, inner *asyncio.TaskGroup) error {
				inner.Go(func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
				return nil
			})
			expectIs(t, "the inner group", err, context.Canceled)
			expectIs(t, "the cause", err, errWhy)
			return err
		}))
	})
}
