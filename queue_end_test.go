package asyncio_test

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

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
