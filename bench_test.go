package asyncio_test

import (
	"context"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
)

func inLoop(b *testing.B, f func(ctx context.Context)) {
	b.ReportAllocs()
	if err := asyncio.Run(context.Background(), func(ctx context.Context) error { f(ctx); return nil }); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkYield(b *testing.B) {
	inLoop(b, func(ctx context.Context) {
		for b.Loop() {
			asyncio.Yield(ctx)
		}
	})
}

func BenchmarkYield1000(b *testing.B) {
	inLoop(b, func(ctx context.Context) {
		n := b.N / 1000
		for range 1000 {
			asyncio.Go(ctx, func(ctx context.Context) error {
				for range n {
					asyncio.Yield(ctx)
				}
				return nil
			})
		}
		for len(asyncio.AllTasks(ctx)) > 1 {
			asyncio.Yield(ctx)
		}
	})
}

func BenchmarkCreate(b *testing.B) {
	inLoop(b, func(ctx context.Context) {
		ts := make([]*asyncio.Task[int], 0, 10000)
		for i := 0; i < b.N; i += 10000 {
			ts = ts[:0]
			for range 10000 {
				ts = append(ts, asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) { return 1, nil }))
			}
			for _, t := range ts {
				t.Await(ctx)
			}
		}
	})
}

func BenchmarkTimeout(b *testing.B) {
	inLoop(b, func(ctx context.Context) {
		for b.Loop() {
			ctx, t := asyncio.WithTimeout(ctx, 10*time.Second)
			asyncio.Checkpoint(ctx)
			t.Cancel()
		}
	})
}

func BenchmarkSleepers(b *testing.B) {
	inLoop(b, func(ctx context.Context) {
		for i := range b.N {
			asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Duration(i%1000)*time.Microsecond*100) })
		}
		for len(asyncio.AllTasks(ctx)) > 1 {
			asyncio.Sleep(ctx, time.Millisecond)
		}
	})
}
