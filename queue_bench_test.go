package asyncio_test

import (
	"context"
	"sync"
	"testing"

	"github.com/goasyncio/asyncio"
)

// inLoop measures a coroutine.
func inLoop(b *testing.B, fn func(ctx context.Context)) {
	b.Helper()
	b.ReportAllocs()
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		fn(ctx)
		return nil
	})
	if err != nil {
		b.Error(err)
	}
}

// share is how many of n items worker number i of 4 handles.
func share(n, i int) int { return (n + i) / 4 }

func BenchmarkQueueFourProducersFourConsumers(b *testing.B) {
	inLoop(b, func(ctx context.Context) {
		q := asyncio.NewQueue[int](100)
		var consumers []*asyncio.Task[struct{}]
		for i := range 4 {
			asyncio.Go(ctx, func(ctx context.Context) error {
				for v := range share(b.N, i) {
					q.Put(ctx, v)
				}
				return nil
			})
			consumers = append(consumers, asyncio.Go(ctx, func(ctx context.Context) error {
				for range share(b.N, i) {
					q.Get(ctx)
				}
				return nil
			}))
		}
		for _, task := range consumers {
			task.Await(ctx)
		}
	})
}

// The same on goroutines, for comparison: run both with -cpu 1.
func BenchmarkGoChannelFourProducersFourConsumers(b *testing.B) {
	ch := make(chan int, 100)
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for v := range share(b.N, i) {
				ch <- v
			}
		})
		all.Go(func() {
			for range share(b.N, i) {
				<-ch
			}
		})
	}
	all.Wait()
}

func BenchmarkQueuePutAndGetThatNeedNotWait(b *testing.B) {
	inLoop(b, func(ctx context.Context) {
		q := asyncio.NewQueue[int](100)
		for v := range b.N {
			q.Put(ctx, v)
			q.Get(ctx)
		}
	})
}

func BenchmarkPriorityQueueOfHundred(b *testing.B) {
	inLoop(b, func(ctx context.Context) {
		q := asyncio.NewPriorityQueue[int](101)
		for v := range 100 {
			q.Put(ctx, v*7919%101)
		}
		for v := range b.N {
			q.Put(ctx, v*7919%101)
			q.Get(ctx)
		}
	})
}

func BenchmarkQueueRoundTrip(b *testing.B) {
	inLoop(b, func(ctx context.Context) {
		there, back := asyncio.NewQueue[int](1), asyncio.NewQueue[int](1)
		asyncio.Go(ctx, func(ctx context.Context) error {
			for v := range there.All(ctx) {
				back.Put(ctx, v)
			}
			return nil
		})
		for v := range b.N {
			there.Put(ctx, v)
			back.Get(ctx)
		}
		there.Shutdown(false)
	})
}

func BenchmarkRendezvous(b *testing.B) {
	inLoop(b, func(ctx context.Context) {
		s, r := asyncio.NewChannel[int](0)
		receiver := asyncio.Go(ctx, func(ctx context.Context) error {
			for range r.All(ctx) {
			}
			return nil
		})
		for v := range b.N {
			s.Send(ctx, v)
		}
		s.Close()
		receiver.Await(ctx)
	})
}
