package main

import (
	"context"
	"sync"

	"github.com/goasyncio/asyncio"
)

const batch = 10_000

// inBatches calls run with the size of each batch until ops are done.
func inBatches(ops int, run func(n int) error) error {
	for done := 0; done < ops; done += batch {
		if err := run(min(batch, ops-done)); err != nil {
			return err
		}
	}
	return nil
}

// createTasks: each task returns its number, and its creator awaits each.
func createTasks(ops int) error {
	sum := 0
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		tasks := make([]*asyncio.Task[int], batch)
		return inBatches(ops, func(n int) error {
			for i := range n {
				tasks[i] = asyncio.CreateTask(ctx, func(context.Context) (int, error) { return i, nil })
			}
			for _, t := range tasks[:n] {
				v, err := t.Await(ctx)
				if err != nil {
					return err
				}
				sum += v
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	return mustBe("sum of the results", sum, sumOfNumbers(ops))
}

// createGoroutines: WaitGroup.Go, and a slice with a place for each result. No
// error and no context comes with it; a channel for each result takes twice
// as long.
func createGoroutines(ops int) error {
	var wg sync.WaitGroup
	results := make([]int, batch)
	sum := 0
	err := inBatches(ops, func(n int) error {
		for i := range n {
			wg.Go(func() { results[i] = i })
		}
		wg.Wait()
		for _, v := range results[:n] {
			sum += v
		}
		return nil
	})
	if err != nil {
		return err
	}
	return mustBe("sum of the results", sum, sumOfNumbers(ops))
}

func createBare(ops int) error {
	var l bareLoop
	sum := 0
	err := inBatches(ops, func(n int) error {
		for i := range n {
			l.spawn(func(*bareTask) { sum += i })
		}
		l.run()
		return nil
	})
	if err != nil {
		return err
	}
	return mustBe("sum of the results", sum, sumOfNumbers(ops))
}

// sumOfNumbers is what the tasks of all batches return together.
func sumOfNumbers(ops int) int {
	full, rest := ops/batch, ops%batch
	return full*batch*(batch-1)/2 + rest*(rest-1)/2
}
