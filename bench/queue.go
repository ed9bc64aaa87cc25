package main

import (
	"context"
	"sync"

	"github.com/goasyncio/asyncio"
)

const (
	producers = 4
	consumers = 4
	queueSize = 100
)

// queueTasks: the consumers end when the queue is shut down and drained.
func queueTasks(ops int) error {
	q := asyncio.NewQueue[int](queueSize)
	sum, left := 0, producers
	err := runGroup(func(g *asyncio.TaskGroup) {
		for i := range producers {
			g.Go(func(ctx context.Context) error {
				for range share(ops, producers, i) {
					if err := q.Put(ctx, 1); err != nil {
						return err
					}
				}
				if left--; left == 0 {
					q.Shutdown(false)
				}
				return nil
			})
		}
		for range consumers {
			g.Go(func(ctx context.Context) error {
				for v := range q.All(ctx) {
					sum += v
				}
				return ctx.Err()
			})
		}
	})
	if err != nil {
		return err
	}
	return mustBe("items", sum, ops)
}

// queueGoroutines: one buffered channel, closed by the last producer, with
// range on the other side. Each consumer counts for itself and adds once.
func queueGoroutines(ops int) error {
	q := make(chan int, queueSize)
	sums := make([]int, consumers)
	var producing, consuming sync.WaitGroup
	for i := range producers {
		producing.Go(func() {
			for range share(ops, producers, i) {
				q <- 1
			}
		})
	}
	for i := range consumers {
		consuming.Go(func() {
			sum := 0
			for v := range q {
				sum += v
			}
			sums[i] = sum
		})
	}
	producing.Wait()
	close(q)
	consuming.Wait()
	total := 0
	for _, sum := range sums {
		total += sum
	}
	return mustBe("items", total, ops)
}

func queueBare(ops int) error {
	var l bareLoop
	q := bareQueue{size: queueSize}
	sum := 0
	for i := range producers {
		l.spawn(func(t *bareTask) {
			for range share(ops, producers, i) {
				q.put(t, 1)
			}
		})
	}
	for i := range consumers {
		l.spawn(func(t *bareTask) {
			for range share(ops, consumers, i) {
				sum += q.get(t)
			}
		})
	}
	l.run()
	return mustBe("items", sum, ops)
}
