package asyncio_test

// The rules of docs/DESIGN.md, each with a test named after it. This file: S, the
// order of things.

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// journal collects what happened, in order.
type journal []string

func (j *journal) add(format string, args ...any) { *j = append(*j, fmt.Sprintf(format, args...)) }

func (j journal) check(t *testing.T, want string) {
	t.Helper()
	if got := strings.Join(j, " "); got != want {
		t.Errorf("order\n got %s\nwant %s", got, want)
	}
}

func TestRuleS1TasksNeverRunInParallel(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	n, inside := 0, false
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		for range 10 {
			asyncio.Go(ctx, func(ctx context.Context) error {
				for range 1000 {
					if inside {
						t.Error("two tasks at a time")
					}
					inside = true
					n++ // a data race, if there were one
					inside = false
					asyncio.Yield(ctx)
				}
				return nil
			})
		}
		return asyncio.Sleep(context.WithoutCancel(ctx), 0)
	})
	if err != nil || n == 0 {
		t.Errorf("n = %d, error %v", n, err)
	}
}

func TestRuleS1ATaskGivesWayOnlyInsideAWait(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var j journal
		other := asyncio.Go(ctx, func(ctx context.Context) error { j.add("other"); return nil })
		j.add("a")
		asyncio.CallSoon(ctx, func() { j.add("callback") })
		other.Done()
		asyncio.CurrentTask(ctx).Info()
		j.add("b")
		other.Await(ctx)
		j.check(t, "a b other callback")
	})
}

func TestRuleS2ARoundRunsWhatWasReadyAtItsStart(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var j journal
		asyncio.CallSoon(ctx, func() {
			j.add("a")
			asyncio.CallSoon(ctx, func() { j.add("a2") })
		})
		asyncio.CallSoon(ctx, func() { j.add("b") })
		asyncio.Yield(ctx)
		j.add("|")
		asyncio.Yield(ctx)
		j.check(t, "a b | a2")
	})
}

func TestRuleS2ATaskThatIsAlwaysReadyStarvesNoTimer(t *testing.T) {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		asyncio.Go(ctx, func(ctx context.Context) error {
			for asyncio.Yield(ctx) == nil {
			}
			return nil
		})
		return asyncio.Sleep(ctx, 5*time.Millisecond)
	})
	if err != nil {
		t.Error(err)
	}
}

func TestRuleS2DueTimersComeBehindWhatIsReady(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var j journal
		asyncio.CallLater(ctx, 0, func() { j.add("later") })
		asyncio.CallSoon(ctx, func() { j.add("soon") })
		asyncio.Yield(ctx)
		asyncio.Yield(ctx)
		j.check(t, "soon later")
	})
}

func TestRuleS3TimersFireByDeadlineAndThenByCreation(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var j journal
		at := asyncio.Now(ctx).Add(time.Second)
		for _, name := range strings.Split("abcdefgh", "") {
			asyncio.CallAt(ctx, at, func() { j.add("%s", name) })
		}
		asyncio.CallLater(ctx, time.Millisecond, func() { j.add("first") })
		asyncio.Sleep(ctx, 2*time.Second)
		j.check(t, "first a b c d e f g h")
	})
}

func TestRuleS3FirstStepsComeInOrderOfCreation(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var order []int
		for i := range 100 {
			asyncio.Go(ctx, func(context.Context) error { order = append(order, i); return nil })
		}
		if len(order) != 0 {
			t.Error("a task ran inside the call that created it")
		}
		asyncio.Yield(ctx)
		if len(order) != 100 || !slices.IsSorted(order) {
			t.Errorf("order %v", order)
		}
	})
}

func TestRuleS3AWakeUpTakesOneRound(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		f := asyncio.NewFuture[int](ctx)
		rounds, seen := 0, -1
		asyncio.Go(ctx, func(ctx context.Context) error {
			f.Await(ctx)
			seen = rounds
			return nil
		})
		asyncio.Yield(ctx)
		f.SetResult(1)
		for ; rounds < 3; rounds++ {
			asyncio.Yield(ctx)
		}
		if seen != 0 {
			t.Errorf("the waiter ran after %d more rounds, want the very next", seen)
		}
	})
}

func TestRuleS4AWaitThatCanEndAtOnceDoesNotSuspend(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		done := asyncio.CreateTask(ctx, func(context.Context) (int, error) { return 7, nil })
		asyncio.Yield(ctx)
		ran := false
		asyncio.CallSoon(ctx, func() { ran = true })
		for range 100 {
			if v, err := done.Await(ctx); v != 7 || err != nil {
				t.Fatal(v, err)
			}
		}
		if ran {
			t.Error("somebody else ran")
		}
	})
}

func TestRuleS4After128SuchWaitsTheTaskYields(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		done := asyncio.CreateTask(ctx, func(context.Context) (int, error) { return 7, nil })
		asyncio.Yield(ctx)
		ran := false
		asyncio.CallSoon(ctx, func() { ran = true })
		n := 0
		for ; !ran && n < 1000; n++ {
			done.Await(ctx)
		}
		if n != 128 {
			t.Errorf("the other ran after %d waits, want 128", n)
		}
	})
}

func TestRuleS4ACancelledWaitThatIsTriedForEverDoesNotHoldTheLoop(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		stop := false
		stubborn := asyncio.Go(ctx, func(ctx context.Context) error {
			for !stop {
				asyncio.Sleep(ctx, time.Hour) // fails at once, for ever
			}
			return nil
		})
		asyncio.Yield(ctx)
		stubborn.Cancel(nil)
		if err := asyncio.Sleep(ctx, 0); err != nil {
			t.Error(err)
		}
		stop = true
	})
}

// S5 is the conformance suite: see conformance/.

func TestRuleS6TwoRunsAreTheSame(t *testing.T) {
	run := func() string {
		var j journal
		asynciotest.Run(t, func(ctx context.Context) {
			for i := range 50 {
				asyncio.Go(ctx, func(ctx context.Context) error {
					for k := range 5 {
						asyncio.Sleep(ctx, time.Duration(i*7%11+k)*time.Millisecond)
						j.add("%d.%d@%v", i, k, asyncio.Now(ctx).Sub(time.Time{}))
					}
					return nil
				})
			}
			asyncio.Sleep(ctx, time.Second)
		})
		return strings.Join(j, " ")
	}
	first := run()
	for range 5 {
		if again := run(); again != first {
			t.Fatalf("two runs differ:\n%s\n%s", first, again)
		}
	}
}

func TestPriorityRunsFirstAndStarvesNobody(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var j journal
		task := func(name string, p int) {
			asyncio.Go(ctx, func(ctx context.Context) error {
				for range 2 {
					j.add("%s", name)
					asyncio.Yield(ctx)
				}
				return nil
			}, asyncio.Priority(p))
		}
		task("low", -1)
		task("normal", 0)
		task("high", 5)
		for range 4 {
			asyncio.Yield(ctx)
		}
		j.check(t, "high normal low high normal low")
	})
}
