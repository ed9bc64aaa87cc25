package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/goasyncio/asyncio"
)

// A producer and a consumer share a queue of two places. Shutdown ends the consumer's loop
// once everything was taken.
func ExampleQueue() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		q := asyncio.NewQueue[string](2)
		asyncio.Go(ctx, func(ctx context.Context) error {
			defer q.Shutdown(false)
			for _, dish := range []string{"soup", "fish", "cake"} {
				if err := q.Put(ctx, dish); err != nil {
					return err
				}
			}
			return nil
		})
		for dish := range q.All(ctx) {
			fmt.Println("served", dish)
		}
		return ctx.Err()
	})
	fmt.Println(err)
	// Output:
	// served soup
	// served fish
	// served cake
	// <nil>
}

// Join waits until the work on every item is done, not only until it was taken.
func ExampleQueue_Join() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		q := asyncio.NewQueue[int](asyncio.Unbounded)
		for n := range 3 {
			q.TryPut(n)
		}
		worker := asyncio.Go(ctx, func(ctx context.Context) error {
			for n := range q.All(ctx) {
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
				fmt.Println("done:", n)
				q.TaskDone()
			}
			return ctx.Err()
		})
		if err := q.Join(ctx); err != nil {
			return err
		}
		fmt.Println("all done")
		worker.Cancel(nil)
		return nil
	})
	// Output:
	// done: 0
	// done: 1
	// done: 2
	// all done
}

func ExampleQueue_TryPut() {
	q := asyncio.NewQueue[string](1)
	fmt.Println(q.TryPut("a"))
	fmt.Println(q.TryPut("b"))
	q.Shutdown(false)
	fmt.Println(q.TryPut("c"))
	// Output:
	// <nil>
	// asyncio: the queue is full: the operation would have to wait
	// asyncio: the queue was shut down
}

func ExampleNewPriorityQueue() {
	q := asyncio.NewPriorityQueue[int](asyncio.Unbounded)
	for _, n := range []int{3, 1, 2} {
		q.TryPut(n)
	}
	for !q.Empty() {
		n, _ := q.TryGet()
		fmt.Println(n)
	}
	// Output:
	// 1
	// 2
	// 3
}

// Jobs of the same priority leave in the order in which they came.
func ExampleNewPriorityQueueFunc() {
	type job struct {
		priority int
		name     string
	}
	q := asyncio.NewPriorityQueueFunc(10, func(a, b job) bool { return a.priority < b.priority })
	q.TryPut(job{2, "sweep"})
	q.TryPut(job{1, "alarm"})
	q.TryPut(job{2, "water the plants"})
	for !q.Empty() {
		next, _ := q.TryGet()
		fmt.Println(next.name)
	}
	// Output:
	// alarm
	// sweep
	// water the plants
}

func ExampleLifoQueue() {
	q := asyncio.NewLifoQueue[string](asyncio.Unbounded)
	q.TryPut("old")
	q.TryPut("new")
	v, _ := q.TryGet()
	fmt.Println(v)
	// Output: new
}

// Each producer closes its own Sender. The channel ends with the last one.
func ExampleNewChannel() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		sender, receiver := asyncio.NewChannel[string](0)
		for _, name := range []string{"ann", "bob"} {
			mine := sender.Clone()
			asyncio.Go(ctx, func(ctx context.Context) error {
				defer mine.Close()
				return mine.Send(ctx, "hello from "+name)
			})
		}
		sender.Close()
		for greeting := range receiver.All(ctx) {
			fmt.Println(greeting)
		}
		_, err := receiver.Receive(ctx)
		fmt.Println(err == io.EOF)
		return nil
	})
	// Output:
	// hello from ann
	// hello from bob
	// true
}

// A subscriber that is too slow is told how many values it missed.
func ExampleBroadcast() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		prices := asyncio.NewBroadcast[int](2)
		ticker := prices.Subscribe()
		defer ticker.Close()
		for price := 100; price < 105; price++ {
			prices.Send(price)
		}
		prices.Close()
		for price, err := range ticker.All(ctx) {
			var lagged *asyncio.LaggedError
			if errors.As(err, &lagged) {
				fmt.Println("missed", lagged.Missed)
				continue
			}
			fmt.Println(price)
		}
		return nil
	})
	// Output:
	// missed 3
	// 103
	// 104
}

func ExampleWatch() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		progress := asyncio.NewWatch(0)
		asyncio.Go(ctx, func(ctx context.Context) error {
			defer progress.Close()
			for percent := 25; percent <= 100; percent += 25 {
				progress.Set(percent)
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
			}
			return nil
		})
		half, err := progress.WaitFor(ctx, func(percent int) bool { return percent >= 50 })
		fmt.Println(half, err)
		for percent := range progress.Watcher().All(ctx) {
			fmt.Println(percent)
		}
		return ctx.Err()
	})
	// Output:
	// 50 <nil>
	// 75
	// 100
}

// A notification that comes before anybody waits is remembered.
func ExampleNotify() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		var changed asyncio.Notify
		changed.Notify()
		err := changed.Wait(ctx)
		fmt.Println("seen:", err == nil)
		return nil
	})
	// Output: seen: true
}
