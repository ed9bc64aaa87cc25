package main

import (
	"context"
	"time"

	"github.com/goasyncio/asyncio"
)

const limit = 10 * time.Second

// timeoutTasks: a timeout around a future that has its result already.
func timeoutTasks(ops int) error {
	sum := 0
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		ready := asyncio.NewFuture[int](ctx)
		if err := ready.SetResult(1); err != nil {
			return err
		}
		for range ops {
			v, err := awaitWithin(ctx, ready)
			if err != nil {
				return err
			}
			sum += v
		}
		return nil
	})
	if err != nil {
		return err
	}
	return mustBe("sum of the results", sum, ops)
}

func awaitWithin(ctx context.Context, f *asyncio.Future[int]) (int, error) {
	ctx, timeout := asyncio.WithTimeout(ctx, limit)
	defer timeout.Cancel()
	return f.Await(ctx)
}

// timeoutGoroutines: context.WithTimeout and a select on the context and a
// channel that is ready. Under a context of its own, as a task has one: below
// context.Background, whose children need not be registered, it is a little
// cheaper, but no server has its timeouts there.
func timeoutGoroutines(ops int) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ready := make(chan int, 1)
	sum := 0
	for range ops {
		ready <- 1
		v, err := receiveWithin(ctx, ready)
		if err != nil {
			return err
		}
		sum += v
	}
	return mustBe("sum of the results", sum, ops)
}

func receiveWithin(ctx context.Context, ch <-chan int) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	select {
	case v := <-ch:
		return v, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}
