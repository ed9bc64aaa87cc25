package asyncio_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

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
