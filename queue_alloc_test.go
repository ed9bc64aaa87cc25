package asyncio_test

import (
	"context"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// wantNoAllocations runs fn often enough to have grown what grows, and then counts.
func wantNoAllocations(t *testing.T, fn func()) {
	t.Helper()
	for range 100 {
		fn()
	}
	if n := testing.AllocsPerRun(100, fn); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func TestPutAndGetAllocateNothing(t *testing.T) {
	for name, q := range map[string]*asyncio.Queue[int]{
		"Queue":         asyncio.NewQueue[int](10),
		"LifoQueue":     &asyncio.NewLifoQueue[int](10).Queue,
		"PriorityQueue": &asyncio.NewPriorityQueue[int](10).Queue,
	} {
		t.Run(name+" with items and places to spare", func(t *testing.T) {
			asynciotest.Run(t, func(ctx context.Context) {
				wantNoAllocations(t, func() {
					for v := range 10 {
						q.Put(ctx, v)
					}
					for range 10 {
						q.Get(ctx)
					}
				})
			})
		})
	}
	t.Run("Queue where each put and get waits", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			there, back := asyncio.NewQueue[int](1), asyncio.NewQueue[int](1)
			echo := asyncio.Go(ctx, func(ctx context.Context) error {
				for v := range there.All(ctx) {
					back.Put(ctx, v)
				}
				return nil
			})
			wantNoAllocations(t, func() {
				there.Put(ctx, 1)
				back.Get(ctx)
			})
			there.Shutdown(false)
			echo.Await(ctx)
		})
	})
}

func TestSendAndReceiveAllocateNothing(t *testing.T) {
	t.Run("with values and places to spare", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			s, r := asyncio.NewChannel[int](1)
			wantNoAllocations(t, func() {
				s.Send(ctx, 1)
				r.Receive(ctx)
			})
		})
	})
	t.Run("rendezvous, where one side waits", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			s, r := asyncio.NewChannel[int](0)
			back, answer := asyncio.NewChannel[int](0)
			echo := asyncio.Go(ctx, func(ctx context.Context) error {
				for v := range r.All(ctx) {
					back.Send(ctx, v)
				}
				return nil
			})
			wantNoAllocations(t, func() {
				s.Send(ctx, 1)
				answer.Receive(ctx)
			})
			s.Close()
			echo.Await(ctx)
		})
	})
}

func TestBroadcastAndNotifyAllocateNothing(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		b := asyncio.NewBroadcast[int](4)
		s := b.Subscribe()
		var n asyncio.Notify
		wantNoAllocations(t, func() {
			b.Send(1)
			s.Receive(ctx)
			n.Notify()
			n.Wait(ctx)
		})
	})
}
