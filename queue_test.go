package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// inRounds gives every other task n rounds of the loop.
func inRounds(ctx context.Context, t testing.TB, n int) {
	t.Helper()
	for range n {
		if err := asyncio.Yield(ctx); err != nil {
			t.Errorf("Yield: %v", err)
		}
	}
}

// putter starts a task that puts v.
func putter[T any](ctx context.Context, q interface {
	Put(context.Context, T) error
}, v T) *asyncio.Task[struct{}] {
	return asyncio.Go(ctx, func(ctx context.Context) error { return q.Put(ctx, v) })
}

// mustPut puts each value without waiting.
func mustPut[T any](t testing.TB, q interface{ TryPut(T) error }, values ...T) {
	t.Helper()
	for _, v := range values {
		if err := q.TryPut(v); err != nil {
			t.Errorf("TryPut(%v): %v", v, err)
		}
	}
}

// wantResult says what a task must have returned.
func wantResult[T comparable](t testing.TB, task *asyncio.Task[T], want T) {
	t.Helper()
	if got, err := task.Result(); err != nil || got != want {
		t.Errorf("the task returned (%v, %v), want (%v, nil)", got, err, want)
	}
}

// wantError says with which error a call or a task must have ended.
func wantError(t testing.TB, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("error %v, want %v", got, want)
	}
}

// wantPanic runs fn, which must panic.
func wantPanic(t testing.TB, what string, fn func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%s did not panic", what)
		}
	}()
	fn()
}

// drain takes whatever can be taken without waiting.
func drain[T any](q interface{ TryGet() (T, error) }) []T {
	var all []T
	for {
		v, err := q.TryGet()
		if err != nil {
			return all
		}
		all = append(all, v)
	}
}

func TestF01_GettersAreServedInTheOrderTheyCame(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		q := asyncio.NewQueue[string](asyncio.Unbounded)
		var got []string
		for i := range 3 {
			asyncio.Go(ctx, func(ctx context.Context) error {
				v, err := q.Get(ctx)
				got = append(got, fmt.Sprint(i, v))
				return err
			})
		}
		inRounds(ctx, t, 1)
		mustPut(t, q, "x", "y", "z")
		inRounds(ctx, t, 1)
		if want := []string{"0x", "1y", "2z"}; !slices.Equal(got, want) {
			t.Errorf("served %v, want %v", got, want)
		}
	})
}

func TestF02_ItemsOfBlockedPuttersComeOutInPutOrder(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		q := asyncio.NewQueue[int](1)
		for v := range 3 {
			putter(ctx, q, v)
		}
		inRounds(ctx, t, 1)
		for want := range 3 {
			if got, err := q.Get(ctx); err != nil || got != want {
				t.Errorf("Get = (%d, %v), want %d", got, err, want)
			}
		}
	})
}

func TestF03_AnItemForACancelledGetterGoesToTheNext(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		q := asyncio.NewQueue[string](asyncio.Unbounded)
		first := asyncio.CreateTask(ctx, q.Get)
		second := asyncio.CreateTask(ctx, q.Get)
		inRounds(ctx, t, 1)
		mustPut(t, q, "x")
		first.Cancel(nil)
		inRounds(ctx, t, 2)
		if !first.Cancelled() {
			t.Error("the first getter was not cancelled")
		}
		wantResult(t, second, "x")
		if q.Len() != 0 {
			t.Errorf("Len = %d, want 0", q.Len())
		}
	})
}

// Asyncio lets TryGet steal the item and sends the getter that was robbed to the back of
// the line. Here the item that was put for a waiter is that waiter's.
func TestF04_NobodyOvertakesAWokenGetter(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		q := asyncio.NewQueue[int](asyncio.Unbounded)
		a := asyncio.CreateTask(ctx, q.Get)
		inRounds(ctx, t, 1)
		mustPut(t, q, 1)
		if v, err := q.TryGet(); !errors.Is(err, asyncio.ErrQueueEmpty) {
			t.Errorf("TryGet = (%d, %v) although the item is spoken for, want %v", v, err, asyncio.ErrQueueEmpty)
		}
		mustPut(t, q, 2)
		if got, err := q.Get(ctx); err != nil || got != 1 {
			t.Errorf("Get = (%d, %v) with one item to spare, want the first in line", got, err)
		}
		inRounds(ctx, t, 1)
		wantResult(t, a, 2)
	})
}

func TestNobodyOvertakesAWokenPutter(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		q := asyncio.NewQueue[string](1)
		mustPut(t, q, "first")
		waits := putter(ctx, q, "waited")
		inRounds(ctx, t, 1)
		if v, err := q.TryGet(); err != nil || v != "first" {
			t.Errorf("TryGet = (%q, %v), want first", v, err)
		}
		wantError(t, q.TryPut("pushy"), asyncio.ErrQueueFull)
		newcomer := putter(ctx, q, "newcomer")
		inRounds(ctx, t, 1)
		if !waits.Done() || newcomer.Done() {
			t.Errorf("who waited put: %v, the newcomer put: %v; want true, false", waits.Done(), newcomer.Done())
		}
		if got := drain(q); !slices.Equal(got, []string{"waited"}) {
			t.Errorf("the queue held %v, want the item of who waited", got)
		}
		inRounds(ctx, t, 1)
		if got := drain(q); !slices.Equal(got, []string{"newcomer"}) {
			t.Errorf("then it held %v, want the newcomer's", got)
		}
	})
}

func TestF05_PutAndGetThatNeedNotWaitDoNotYield(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		q := asyncio.NewQueue[int](asyncio.Unbounded)
		others := false
		asyncio.Go(ctx, func(context.Context) error { others = true; return nil })
		for v := range 50 {
			if err := q.Put(ctx, v); err != nil {
				t.Errorf("Put: %v", err)
			}
		}
		for range 50 {
			if _, err := q.Get(ctx); err != nil {
				t.Errorf("Get: %v", err)
			}
		}
		if others {
			t.Error("another task ran meanwhile")
		}
	})
}

func TestF06_JoinWaitsUntilNothingIsUnfinished(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		q := asyncio.NewQueue[int](asyncio.Unbounded)
		if err := q.Join(ctx); err != nil {
			t.Errorf("Join of a fresh queue: %v", err)
		}
		mustPut(t, q, 1, 2)
		joiner := asyncio.Go(ctx, q.Join)
		drain(q)
		q.TaskDone()
		inRounds(ctx, t, 2)
		if joiner.Done() {
			t.Error("Join ended with one item unfinished")
		}
		q.TaskDone()
		inRounds(ctx, t, 1)
		if !joiner.Done() || joiner.Err() != nil {
			t.Errorf("joined: %v (%v), want true", joiner.Done(), joiner.Err())
		}
		wantPanic(t, "a third TaskDone for two items", q.TaskDone)
	})
}

func TestF07_ShutdownDrains(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		q := asyncio.NewQueue[int](asyncio.Unbounded)
		mustPut(t, q, 1)
		q.Shutdown(false)
		wantError(t, q.Put(ctx, 2), asyncio.ErrQueueShutDown)
		wantError(t, q.TryPut(2), asyncio.ErrQueueShutDown)
		if v, err := q.Get(ctx); err != nil || v != 1 {
			t.Errorf("Get = (%d, %v), want what was left", v, err)
		}
		_, err := q.Get(ctx)
		wantError(t, err, asyncio.ErrQueueShutDown)
		_, err = q.TryGet()
		wantError(t, err, asyncio.ErrQueueShutDown)

		empty := asyncio.NewQueue[int](1)
		blocked := asyncio.CreateTask(ctx, empty.Get)
		inRounds(ctx, t, 1)
		empty.Shutdown(false)
		inRounds(ctx, t, 1)
		wantError(t, blocked.Err(), asyncio.ErrQueueShutDown)
	})
}

func TestF08_ImmediateShutdownDropsItemsAndReleasesJoin(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		q := asyncio.NewQueue[int](1)
		mustPut(t, q, 1)
		blocked := putter(ctx, q, 2)
		joiner := asyncio.Go(ctx, q.Join)
		inRounds(ctx, t, 1)
		q.Shutdown(false)
		inRounds(ctx, t, 1)
		wantError(t, blocked.Err(), asyncio.ErrQueueShutDown)
		if q.Len() != 1 || joiner.Done() {
			t.Errorf("after a plain shutdown: Len %d, joined %v; want 1, false", q.Len(), joiner.Done())
		}
		q.Shutdown(true)
		inRounds(ctx, t, 1)
		if q.Len() != 0 || !joiner.Done() {
			t.Errorf("after an immediate shutdown: Len %d, joined %v; want 0, true", q.Len(), joiner.Done())
		}
		_, err := q.Get(ctx)
		wantError(t, err, asyncio.ErrQueueShutDown)
	})
}

func TestF10_ACancelledPutPutsNothing(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		q := asyncio.NewQueue[int](1)
		mustPut(t, q, 0)
		blocked := putter(ctx, q, 1)
		inRounds(ctx, t, 1)
		blocked.Cancel(nil)
		inRounds(ctx, t, 1)
		if got := drain(q); !slices.Equal(got, []int{0}) || !blocked.Cancelled() {
			t.Errorf("the queue held %v, cancelled %v; want [0], true", got, blocked.Cancelled())
		}
	})
}

func TestF11_APlaceForACancelledPutterGoesToTheNext(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		q := asyncio.NewQueue[string](1)
		mustPut(t, q, "first")
		a, b := putter(ctx, q, "a"), putter(ctx, q, "b")
		inRounds(ctx, t, 1)
		drain(q)
		a.Cancel(nil)
		inRounds(ctx, t, 2)
		if !a.Cancelled() || !b.Done() {
			t.Errorf("a cancelled %v, b done %v; want true, true", a.Cancelled(), b.Done())
		}
		if got := drain(q); !slices.Equal(got, []string{"b"}) {
			t.Errorf("the queue held %v, want [b]", got)
		}
	})
}

func TestF12_JoinAfterAPlainShutdownStillWaits(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		q := asyncio.NewQueue[int](asyncio.Unbounded)
		mustPut(t, q, 1)
		q.Shutdown(false)
		joiner := asyncio.Go(ctx, q.Join)
		inRounds(ctx, t, 2)
		if joiner.Done() {
			t.Error("Join ended although an item is unfinished")
		}
		drain(q)
		q.TaskDone()
		inRounds(ctx, t, 1)
		if !joiner.Done() {
			t.Error("Join did not end with the last item")
		}
	})
}

func TestF13_AGetCutByATimeoutLosesNothing(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		q := asyncio.NewQueue[string](asyncio.Unbounded)
		short, timeout := asyncio.WithTimeout(ctx, time.Second)
		defer timeout.Cancel()
		_, err := q.Get(short)
		wantError(t, err, context.DeadlineExceeded)
		mustPut(t, q, "x")
		if v, err := q.Get(ctx); err != nil || v != "x" {
			t.Errorf("Get = (%q, %v), want x", v, err)
		}
	})
}

func TestB2_QueueCancelBetweenWakeUpAndResumption(t *testing.T) {
	t.Run("the getter is cancelled first and then an item comes", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			q := asyncio.NewQueue[int](1)
			first, second := asyncio.CreateTask(ctx, q.Get), asyncio.CreateTask(ctx, q.Get)
			inRounds(ctx, t, 1)
			first.Cancel(nil)
			mustPut(t, q, 1)
			inRounds(ctx, t, 1)
			wantResult(t, second, 1) // one round: the item never was the first one's
		})
	})
	t.Run("all woken getters are cancelled: the items stay, in order", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			q := asyncio.NewQueue[int](asyncio.Unbounded)
			tasks := []*asyncio.Task[int]{asyncio.CreateTask(ctx, q.Get), asyncio.CreateTask(ctx, q.Get)}
			inRounds(ctx, t, 1)
			mustPut(t, q, 1, 2)
			for _, task := range tasks {
				task.Cancel(nil)
			}
			inRounds(ctx, t, 1)
			if got := drain(q); !slices.Equal(got, []int{1, 2}) {
				t.Errorf("left: %v, want [1 2]", got)
			}
		})
	})
	t.Run("a cancelled getter after a shutdown leaves its item to who asked later", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			q := asyncio.NewQueue[int](1)
			first := asyncio.CreateTask(ctx, q.Get)
			inRounds(ctx, t, 1)
			mustPut(t, q, 1)
			q.Shutdown(false)
			late := asyncio.CreateTask(ctx, q.Get)
			first.Cancel(nil)
			inRounds(ctx, t, 2)
			wantResult(t, late, 1)
		})
	})
}

func TestAGetThatComesLateToAShutDownQueueEndsWithTheLastItem(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		q := asyncio.NewQueue[int](1)
		first := asyncio.CreateTask(ctx, q.Get)
		inRounds(ctx, t, 1)
		mustPut(t, q, 1)
		q.Shutdown(false)
		if _, err := q.TryGet(); !errors.Is(err, asyncio.ErrQueueEmpty) {
			t.Errorf("TryGet of an item that is spoken for: %v, want %v", err, asyncio.ErrQueueEmpty)
		}
		_, err := q.Get(ctx)
		wantError(t, err, asyncio.ErrQueueShutDown)
		wantResult(t, first, 1)
	})
}

func TestAWokenGetterOfAnImmediateShutdownGetsTheError(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		q := asyncio.NewQueue[int](1)
		getter := asyncio.CreateTask(ctx, q.Get)
		inRounds(ctx, t, 1)
		mustPut(t, q, 1)
		q.Shutdown(true)
		inRounds(ctx, t, 1)
		wantError(t, getter.Err(), asyncio.ErrQueueShutDown)
		if s := q.Stats(); s.Unfinished != 0 || s.Len != 0 {
			t.Errorf("%d unfinished, %d left; want 0, 0", s.Unfinished, s.Len)
		}
	})
}

func TestItemsThatCountAsDoneAlreadyAreNotCountedTwiceWhenTheyAreDropped(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		q := asyncio.NewQueue[int](2)
		mustPut(t, q, 1, 2)
		q.TaskDone() // too early: nothing was taken
		joiner := asyncio.Go(ctx, q.Join)
		inRounds(ctx, t, 1)
		q.Shutdown(true)
		inRounds(ctx, t, 1)
		if s := q.Stats(); s.Unfinished != 0 || !joiner.Done() {
			t.Errorf("%d unfinished, joined %v; want 0, true", s.Unfinished, joiner.Done())
		}
	})
}

func TestQueuesForgetWhatTheyGaveAwayOrDropped(t *testing.T) {
	byFirstByte := func(a, b *[64]byte) bool { return a[0] < b[0] }
	for name, q := range map[string]*asyncio.Queue[*[64]byte]{
		"Queue":         asyncio.NewQueue[*[64]byte](4),
		"LifoQueue":     &asyncio.NewLifoQueue[*[64]byte](4).Queue,
		"PriorityQueue": &asyncio.NewPriorityQueueFunc(4, byFirstByte).Queue,
	} {
		t.Run(name, func(t *testing.T) {
			freed := make(chan struct{}, 4)
			for range 4 {
				item := new([64]byte)
				runtime.AddCleanup(item, func(ch chan struct{}) { ch <- struct{}{} }, freed)
				mustPut(t, q, item)
			}
			for n := range 4 {
				if n < 2 {
					q.TryGet()
				} else {
					q.Shutdown(true)
				}
				runtime.GC()
				<-freed // hangs, and so fails, where the queue still holds the item
			}
			runtime.KeepAlive(q)
		})
	}
}

func TestAPutThatWaitsWhenTheQueueIsShutDownPutsNothing(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		q := asyncio.NewQueue[int](1)
		mustPut(t, q, 1)
		woken, waiting := putter(ctx, q, 2), putter(ctx, q, 3)
		inRounds(ctx, t, 1)
		drain(q) // wakes the first putter
		q.Shutdown(false)
		inRounds(ctx, t, 1)
		wantError(t, woken.Err(), asyncio.ErrQueueShutDown)
		wantError(t, waiting.Err(), asyncio.ErrQueueShutDown)
		if q.Len() != 0 {
			t.Errorf("Len = %d after the shutdown, want 0", q.Len())
		}
	})
}

func TestQueueWaitsRefuseAnEndedContext(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		q := asyncio.NewQueue[int](2)
		mustPut(t, q, 1)
		ended, cancel := asyncio.WithCancel(ctx)
		cancel(nil)
		_, err := q.Get(ended)
		wantError(t, err, context.Canceled)
		wantError(t, q.Put(ended, 2), context.Canceled)
		wantError(t, q.Join(ended), context.Canceled)
		for range q.All(ended) {
			t.Error("All gave an item under an ended context")
		}
		if got := drain(q); !slices.Equal(got, []int{1}) {
			t.Errorf("the queue held %v, want what it held before", got)
		}
	})
}

func TestACancelledJoinChangesNothing(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		q := asyncio.NewQueue[int](1)
		mustPut(t, q, 1)
		joiner := asyncio.Go(ctx, q.Join)
		inRounds(ctx, t, 1)
		joiner.Cancel(nil)
		inRounds(ctx, t, 1)
		if s := q.Stats(); !joiner.Cancelled() || s.Unfinished != 1 {
			t.Errorf("cancelled %v, %d unfinished; want true, 1", joiner.Cancelled(), s.Unfinished)
		}
	})
}

func TestQueueAll(t *testing.T) {
	t.Run("ends when the queue is shut down and empty", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			q := asyncio.NewQueue[int](2)
			asyncio.Go(ctx, func(ctx context.Context) error {
				for v := range 10 {
					if err := q.Put(ctx, v); err != nil {
						return err
					}
				}
				q.Shutdown(false)
				return nil
			})
			want := 0
			for v := range q.All(ctx) {
				if v != want {
					t.Errorf("got %d, want %d", v, want)
				}
				want++
			}
			if want != 10 || ctx.Err() != nil {
				t.Errorf("the loop ended after %d items with %v, want 10 and no error", want, ctx.Err())
			}
		})
	})
	t.Run("takes nothing after the loop was left", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			q := asyncio.NewQueue[int](3)
			mustPut(t, q, 1, 2, 3)
			for v := range q.All(ctx) {
				if v == 2 {
					break
				}
			}
			if got := drain(q); !slices.Equal(got, []int{3}) {
				t.Errorf("left: %v, want [3]", got)
			}
		})
	})
	t.Run("ends with its context", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			short, timeout := asyncio.WithTimeout(ctx, time.Minute)
			defer timeout.Cancel()
			for range asyncio.NewQueue[int](1).All(short) {
				t.Error("an empty queue gave an item")
			}
			wantError(t, short.Err(), context.DeadlineExceeded)
		})
	})
}

func TestQueueTellsWhatItHolds(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		q := asyncio.NewQueue[int](2)
		if !q.Empty() || q.Full() || q.Cap() != 2 {
			t.Errorf("fresh: empty %v, full %v, cap %d", q.Empty(), q.Full(), q.Cap())
		}
		mustPut(t, q, 1, 2)
		blocked := putter(ctx, q, 3)
		inRounds(ctx, t, 1)
		want := asyncio.QueueStats{Len: 2, Cap: 2, Putters: 1, Unfinished: 2}
		if got := q.Stats(); got != want || q.Empty() || !q.Full() || q.Len() != 2 {
			t.Errorf("full: %+v, want %+v", got, want)
		}
		q.Shutdown(true)
		want = asyncio.QueueStats{Cap: 2, ShutDown: true}
		if got := q.Stats(); got != want {
			t.Errorf("shut down: %+v, want %+v", got, want)
		}
		inRounds(ctx, t, 1)
		wantError(t, blocked.Err(), asyncio.ErrQueueShutDown)
		empty := asyncio.NewQueue[int](1)
		getter := asyncio.CreateTask(ctx, empty.Get)
		inRounds(ctx, t, 1)
		if got := empty.Stats().Getters; got != 1 {
			t.Errorf("%d getters, want 1", got)
		}
		getter.Cancel(nil)
	})
}

func TestQueueCapacity(t *testing.T) {
	for _, capacity := range []int{0, -1, math.MinInt} {
		wantPanic(t, fmt.Sprintf("NewQueue(%d)", capacity), func() { asyncio.NewQueue[int](capacity) })
		wantPanic(t, fmt.Sprintf("NewLifoQueue(%d)", capacity), func() { asyncio.NewLifoQueue[int](capacity) })
		wantPanic(t, fmt.Sprintf("NewPriorityQueue(%d)", capacity), func() { asyncio.NewPriorityQueue[int](capacity) })
	}
	t.Run("an unbounded queue is never full", func(t *testing.T) {
		q := asyncio.NewQueue[int](asyncio.Unbounded)
		for v := range 10_000 {
			mustPut(t, q, v)
		}
		if q.Full() || q.Cap() != asyncio.Unbounded {
			t.Errorf("full %v, cap %d", q.Full(), q.Cap())
		}
	})
	t.Run("a queue that no constructor made says so", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			var q asyncio.Queue[int]
			wantPanic(t, "Put into a zero Queue", func() { q.Put(ctx, 1) })
		})
	})
}

func TestTheTryErrorsSayThatOneWouldHaveToWait(t *testing.T) {
	q := asyncio.NewQueue[int](1)
	_, err := q.TryGet()
	wantError(t, err, asyncio.ErrWouldBlock)
	mustPut(t, q, 1)
	wantError(t, q.TryPut(2), asyncio.ErrWouldBlock)
	q.Shutdown(false)
	if errors.Is(q.TryPut(2), asyncio.ErrWouldBlock) {
		t.Error("a put into a queue that was shut down would never do by waiting")
	}
}
