package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

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
