// Workerpool sends requests with a few workers and never faster than a rate, as
// the owners of an API ask for. A queue of few places holds the producer back, so
// that the program needs no more memory for a million jobs than for ten.
package main

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/goasyncio/asyncio"
)

const (
	jobs    = 10
	workers = 3
	rate    = 10 // requests per second
	burst   = 3  // that may come at once after a pause
)

func main() {
	if err := asyncio.Run(context.Background(), program); err != nil {
		log.Fatal(err)
	}
}

func program(ctx context.Context) error {
	start := asyncio.Now(ctx)
	queue := asyncio.NewQueue[int](workers)
	bucket := &bucket{permits: asyncio.NewSemaphore(burst)}
	err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		filler := g.Go(bucket.fill)
		for w := range workers {
			g.Go(func(ctx context.Context) error { return work(ctx, w+1, queue, bucket, start) })
		}
		for job := range jobs {
			if err := queue.Put(ctx, job+1); err != nil {
				return err
			}
		}
		if err := queue.Join(ctx); err != nil { // until each job is done
			return err
		}
		queue.Shutdown(false) // ends the workers
		filler.Cancel(nil)
		return nil
	})
	fmt.Printf("%d jobs in %v\n", jobs, rounded(asyncio.Now(ctx).Sub(start)))
	return err
}

// work does jobs until the queue is shut down.
func work(ctx context.Context, w int, queue *asyncio.Queue[int], b *bucket, start time.Time) error {
	for job := range queue.All(ctx) {
		if err := b.permits.Acquire(ctx); err != nil {
			return err
		}
		at := rounded(asyncio.Now(ctx).Sub(start))
		if err := asyncio.Sleep(ctx, 150*time.Millisecond); err != nil { // the request
			return err
		}
		fmt.Printf("job %d, sent by worker %d at %v\n", job, w, at)
		queue.TaskDone()
	}
	return ctx.Err()
}

// bucket gives permits out at a rate: a token bucket.
type bucket struct{ permits *asyncio.Semaphore }

// fill puts a permit back at each tick, as long as there is room for it.
func (b *bucket) fill(ctx context.Context) error {
	ticks := asyncio.NewInterval(ctx, time.Second/rate, asyncio.Skip)
	ticks.Reset(ctx) // the bucket is full now
	for {
		if _, err := ticks.Tick(ctx); err != nil {
			return err
		}
		if b.permits.Value() < burst {
			b.permits.Release()
		}
	}
}

func rounded(d time.Duration) time.Duration { return d.Round(50 * time.Millisecond) }
