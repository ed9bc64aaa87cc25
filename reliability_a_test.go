package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// The tests named TestReliability… are the cases in which runtimes of this kind have
// failed: A is scheduling and wake-ups, B cancellation, C time, I shutdown and leaks, L
// coroutines. The numbers have gaps: the cases between are of the network.

func TestReliabilityA1_ACallbackThatRepostsItselfStarvesNobody(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		posts, over := 0, false
		var again func()
		again = func() {
			posts++
			if !over {
				asyncio.CallSoon(ctx, again)
			}
		}
		again()
		for range 10 {
			before := posts
			if err := asyncio.Yield(ctx); err != nil {
				t.Fatal(err)
			}
			if posts > before+2 {
				t.Errorf("%d turns of the callback in one round", posts-before)
			}
		}
		over = true
	})
}

func TestReliabilityA2_EachPostRunsOnceAndInOrder(t *testing.T) {
	const goroutines, posts = 64, 2000
	var (
		next  [goroutines]int
		wrong atomic.Int64
	)
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		h := asyncio.OpenHandle(ctx)
		defer h.Close()
		var all sync.WaitGroup
		for g := range goroutines {
			all.Go(func() {
				for i := range posts {
					h.CallSoonThreadsafe(func() {
						if next[g] != i {
							wrong.Add(1)
						}
						next[g]++
					})
				}
			})
		}
		_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) { all.Wait(); return 0, nil })
		return errors.Join(err, asyncio.Yield(ctx))
	})
	for g, n := range next {
		if n != posts {
			t.Errorf("goroutine %d: %d of %d posts ran", g, n, posts)
		}
	}
	if err != nil || wrong.Load() > 0 {
		t.Errorf("%v; %d posts out of order", err, wrong.Load())
	}
}

func TestReliabilityA3_NoPostIsLostWhileTheLoopFallsAsleep(t *testing.T) {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		h := asyncio.OpenHandle(ctx)
		defer h.Close()
		ping, pong := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(pong)
			for range ping {
				h.CallSoonThreadsafe(func() { pong <- struct{}{} })
			}
		}()
		_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
			defer close(ping)
			for i := range 10_000 {
				ping <- struct{}{}
				select {
				case <-pong:
				case <-time.After(10 * time.Second):
					return i, fmt.Errorf("post %d never ran", i)
				}
			}
			return 0, nil
		})
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestReliabilityA4_APostAtTheEndRunsOrIsRefused(t *testing.T) {
	for range 200 {
		var (
			ran      atomic.Int64
			accepted int64
			over     = make(chan struct{})
		)
		err := asyncio.Run(context.Background(), func(ctx context.Context) error {
			h := asyncio.OpenHandle(ctx)
			var first asyncio.Event
			go func() {
				defer close(over)
				for {
					err := h.CallSoonThreadsafe(func() { ran.Add(1); first.Set() })
					if err == nil {
						accepted++
						continue
					}
					if !errors.Is(err, asyncio.ErrLoopClosed) {
						t.Errorf("refused with %v", err)
					}
					return
				}
			}()
			return first.Wait(ctx)
		})
		if err != nil {
			t.Fatal(err)
		}
		<-over
		if ran.Load() != accepted {
			t.Fatalf("%d posts were accepted and %d ran", accepted, ran.Load())
		}
	}
}

func TestReliabilityA5_AWakeReachesATaskOnce(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var q asyncio.WaitQueue
		parks, resumed := 0, 0
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			for {
				parks++
				_, err := q.Park(ctx, "a wake")
				if err != nil {
					return err
				}
				resumed++
			}
		})
		asyncio.Yield(ctx)
		if n := q.Wake(1) + q.Wake(1) + q.WakeAll(); n != 1 {
			t.Errorf("%d wakes of one parked task", n)
		}
		asyncio.Yield(ctx)
		if resumed != 1 || parks != 2 {
			t.Errorf("resumed %d times, parked %d times", resumed, parks)
		}
		task.Cancel(nil)
		if n := q.Wake(1); n != 0 {
			t.Error("a wake was spent on a cancelled task")
		}
		task.Await(ctx)
		if n := q.Wake(1); n != 0 || resumed != 1 {
			t.Errorf("a finished task was woken: %d, %d", n, resumed)
		}
	})
}

func TestReliabilityA6_DepthCostsNoStack(t *testing.T) {
	const deep = 10_000
	t.Run("tasks that await each other", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			var link func(ctx context.Context, depth int) (int, error)
			link = func(ctx context.Context, depth int) (int, error) {
				if depth == 0 {
					return 0, asyncio.Yield(ctx)
				}
				n, err := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) { return link(ctx, depth-1) }).Await(ctx)
				return n + 1, err
			}
			if n, err := link(ctx, deep); n != deep || err != nil {
				t.Errorf("%d, %v", n, err)
			}
		})
	})

	t.Run("scopes in scopes, all ended by the first", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			inner, cancel := asyncio.WithCancel(ctx)
			for range deep {
				c, timeout := asyncio.WithTimeout(inner, time.Hour)
				defer timeout.Cancel()
				inner = c
			}
			task := asyncio.Go(inner, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Minute) })
			asyncio.Yield(ctx)
			cancel(nil)
			if _, err := task.Await(ctx); !errors.Is(err, asyncio.ErrTaskCancelled) {
				t.Error(err)
			}
		})
	})
}

func TestReliabilityA7_TheLoopHoldsTasksThatNobodyElseHolds(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var e asyncio.Event
		ended := 0
		for range 100 {
			asyncio.Go(ctx, func(ctx context.Context) error {
				defer func() { ended++ }()
				return e.Wait(ctx)
			})
		}
		asyncio.Yield(ctx)
		collectGarbage()
		e.Set()
		if err := asynciotest.WaitIdle(ctx); err != nil || ended != 100 {
			t.Errorf("%d of 100 ended, %v", ended, err)
		}
	})
}

func TestReliabilityA8_ASlowStepIsReportedWithItsStack(t *testing.T) {
	reports := make(chan asyncio.Report, 10)
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		blocksTheLoop(reports)
		return asyncio.Yield(ctx)
	}, asyncio.SlowStep(time.Millisecond), asyncio.OnError(func(r asyncio.Report) { reports <- r }))
	if err != nil {
		t.Error(err)
	}
}

// blocksTheLoop blocks until it was reported: a test that does not depend on how fast
// the machine is.
func blocksTheLoop(reports chan asyncio.Report) {
	r := <-reports
	if !strings.Contains(string(r.Stack), "blocksTheLoop") {
		panic("the report does not show who blocks: " + r.Message + "\n" + string(r.Stack))
	}
}

// trace records what a loop does.
type trace []string

func (tr *trace) Observe(e asyncio.LoopEvent) {
	*tr = append(*tr, fmt.Sprint(e.Kind, e.At.UnixNano(), e.Task, e.Name))
}

func TestReliabilityA10_TheSameProgramGivesTheSameTrace(t *testing.T) {
	program := func() trace {
		var tr trace
		asynciotest.Run(t, func(ctx context.Context) {
			q := asyncio.NewQueue[int](2)
			together(ctx, append(times(20, func(ctx context.Context, i int) error {
				defer asyncio.Yield(ctx)
				if i%2 == 0 {
					return q.Put(ctx, i)
				}
				_, err := q.Get(ctx)
				return err
			}), steps)...)
			asyncio.Race(ctx, sleeper(3), sleeper(2), sleeper(1))
		}, asyncio.Observe(&tr))
		return tr
	}
	first := program()
	for range 5 {
		if again := program(); !slices.Equal(first, again) {
			t.Fatalf("the traces differ: %d and %d events", len(first), len(again))
		}
	}
}
