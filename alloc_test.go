package asyncio_test

import (
	"context"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// allocs runs step in a task, first often enough that queues, rings and pools
// have their size, then counted, and compares the mean with most.
func allocs(t *testing.T, most float64, step func()) {
	t.Helper()
	if raceEnabled {
		t.Skip("the race detector allocates for itself")
	}
	for range 300 {
		step()
	}
	if got := testing.AllocsPerRun(300, step); got > most {
		t.Errorf("%v allocations in a turn, at most %v allowed", got, most)
	}
}

// peer runs step in a task of its own, again and again until the test is over.
// step must wait.
func peer(ctx context.Context, step func(ctx context.Context) error) {
	asyncio.Go(ctx, func(ctx context.Context) error {
		for ctx.Err() == nil {
			if err := step(ctx); err != nil {
				return nil // the test is over
			}
		}
		return nil
	})
}

func TestAllocationsOfAWaitThatSuspends(t *testing.T) {
	t.Run("a yield has none", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			allocs(t, 0, func() { must(t, asyncio.Yield(ctx)) })
		})
	})
	t.Run("a place in a wait queue has none", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			ctx, cancel := asyncio.WithCancel(ctx)
			defer cancel(nil)
			var q asyncio.WaitQueue
			peer(ctx, func(ctx context.Context) error {
				q.WakeAll()
				return asyncio.Yield(ctx)
			})
			allocs(t, 0, func() {
				woken, err := q.Park(ctx, &q)
				must(t, err)
				if !woken {
					t.Fatal("the wait ended without a wake-up")
				}
			})
		})
	})
	t.Run("an event has none", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			ctx, cancel := asyncio.WithCancel(ctx)
			defer cancel(nil)
			var e asyncio.Event
			peer(ctx, func(ctx context.Context) error {
				e.Set()
				e.Clear()
				return asyncio.Yield(ctx)
			})
			allocs(t, 0, func() { must(t, e.Wait(ctx)) })
		})
	})
	t.Run("a contended lock has none", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			ctx, cancel := asyncio.WithCancel(ctx)
			defer cancel(nil)
			var mu asyncio.Lock
			turn := func(ctx context.Context) error {
				if err := mu.Acquire(ctx); err != nil {
					return err
				}
				defer mu.Release()
				return asyncio.Yield(ctx)
			}
			peer(ctx, turn)
			allocs(t, 0, func() { must(t, turn(ctx)) })
		})
	})
}

func TestAllocationsOfASleep(t *testing.T) {
	t.Run("none in steady state", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			allocs(t, 0, func() { must(t, asyncio.Sleep(ctx, time.Millisecond)) })
		})
	})
	t.Run("none among a thousand other sleepers", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			ctx, cancel := asyncio.WithCancel(ctx)
			defer cancel(nil)
			for i := range 1000 {
				peer(ctx, func(ctx context.Context) error {
					return asyncio.Sleep(ctx, time.Duration(i+1)*time.Millisecond)
				})
			}
			allocs(t, 0, func() { must(t, asyncio.Sleep(ctx, time.Millisecond)) })
		})
	})
}

func TestAllocationsOfATask(t *testing.T) {
	one := func(context.Context) (int, error) { return 1, nil }
	t.Run("two at most to create and await it", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			allocs(t, 2, func() {
				v, err := asyncio.CreateTask(ctx, one).Await(ctx)
				must(t, err)
				if v != 1 {
					t.Fatalf("the task returned %d", v)
				}
			})
		})
	})
	t.Run("two at most when it waits as well", func(t *testing.T) {
		waits := func(ctx context.Context) (int, error) { return 1, asyncio.Yield(ctx) }
		asynciotest.Run(t, func(ctx context.Context) {
			allocs(t, 2, func() {
				_, err := asyncio.CreateTask(ctx, waits).Await(ctx)
				must(t, err)
			})
		})
	})
}

func TestAllocationsOfAQueue(t *testing.T) {
	t.Run("none where neither side waits", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			q := asyncio.NewQueue[int](100)
			allocs(t, 0, func() {
				must(t, q.Put(ctx, 7))
				v, err := q.Get(ctx)
				must(t, err)
				if v != 7 {
					t.Fatalf("got %d", v)
				}
			})
		})
	})
	t.Run("none where the getter waits", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			ctx, cancel := asyncio.WithCancel(ctx)
			defer cancel(nil)
			there, back := asyncio.NewQueue[int](1), asyncio.NewQueue[int](1)
			peer(ctx, func(ctx context.Context) error {
				v, err := there.Get(ctx)
				if err != nil {
					return err
				}
				return back.Put(ctx, v+1)
			})
			allocs(t, 0, func() {
				must(t, there.Put(ctx, 7))
				v, err := back.Get(ctx)
				must(t, err)
				if v != 8 {
					t.Fatalf("got %d", v)
				}
			})
		})
	})
	t.Run("none where the putter waits", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			ctx, cancel := asyncio.WithCancel(ctx)
			defer cancel(nil)
			q := asyncio.NewQueue[int](1)
			peer(ctx, func(ctx context.Context) error {
				_, err := q.Get(ctx)
				return err
			})
			allocs(t, 0, func() { must(t, q.Put(ctx, 7)) })
		})
	})
}
