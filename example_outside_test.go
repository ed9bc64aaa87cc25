package asyncio_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"github.com/goasyncio/asyncio"
)

// Code that blocks runs beside the loop.
func ExampleToThread() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		text, err := asyncio.ToThread(ctx, func(context.Context) ([]byte, error) {
			return os.ReadFile("go.mod")
		})
		fmt.Println(string(text[:6]), err)
		return nil
	})
	// Output:
	// module <nil>
}

// Other goroutines reach a loop through a handle.
func ExampleLoopHandle_CallSoonThreadsafe() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		done := asyncio.NewFuture[string](ctx)
		h := asyncio.OpenHandle(ctx)
		defer h.Close()
		go func() {
			h.CallSoonThreadsafe(func() { done.SetResult("hello from a goroutine") })
		}()
		fmt.Println(done.Await(ctx))
		return nil
	})
	// Output:
	// hello from a goroutine <nil>
}

// Other goroutines let the loop run something and wait for its result: here they
// share a counter that has no lock, because only the loop touches it.
func ExampleSubmit() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		count := 0
		h := asyncio.OpenHandle(ctx)
		defer h.Close()
		_, err := asyncio.ToThread(ctx, func(ctx context.Context) (struct{}, error) {
			var group sync.WaitGroup
			for range 100 {
				group.Go(func() {
					asyncio.Submit(ctx, h, func(context.Context) (int, error) {
						count++
						return count, nil
					})
				})
			}
			group.Wait()
			return struct{}{}, nil
		})
		fmt.Println(count, err)
		return nil
	})
	// Output:
	// 100 <nil>
}

// A Go channel is the way from goroutines that know nothing of the loop.
func ExampleReceive() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		words := make(chan string)
		go func() {
			defer close(words)
			words <- "hello"
			words <- "world"
		}()
		for {
			word, ok, err := asyncio.Receive(ctx, words)
			if err != nil || !ok {
				return err
			}
			fmt.Println(word)
		}
	})
	// Output:
	// hello
	// world
}

// A resource that bears only two users at a time.
func ExampleThreadLimiter() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		two := asyncio.NewCapacityLimiter(2)
		var users, most atomic.Int32
		err := asyncio.WithTaskGroup(ctx, func(_ context.Context, g *asyncio.TaskGroup) error {
			for range 10 {
				g.Go(func(ctx context.Context) error {
					_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
						most.Store(max(most.Load(), users.Add(1)))
						defer users.Add(-1)
						return 0, nil
					}, asyncio.ThreadLimiter(two))
					return err
				})
			}
			return nil
		})
		fmt.Println(most.Load() <= 2, err)
		return nil
	}, asyncio.MaxThreads(100)) // the bound of all calls without a limiter of their own
	// Output:
	// true <nil>
}
