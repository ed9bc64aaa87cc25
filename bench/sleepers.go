package main

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/goasyncio/asyncio"
)

// night is the time within which all sleepers wake. The tests have short ones.
var night = time.Second

// naps returns how long each sleeps: the same for both sides.
func naps(n int) []time.Duration {
	r := rand.New(rand.NewPCG(1, 2))
	ds := make([]time.Duration, n)
	for i := range ds {
		ds[i] = time.Duration(r.Int64N(int64(night)))
	}
	return ds
}

// sleepTasks: one task for each sleeper. What is counted is all: creating the
// tasks, their timers, waking them in order, joining them.
func sleepTasks(ops int) error {
	awake := 0
	err := runGroup(func(g *asyncio.TaskGroup) {
		for _, d := range naps(ops) {
			g.Go(func(ctx context.Context) error {
				err := asyncio.Sleep(ctx, d)
				awake++
				return err
			})
		}
	})
	if err != nil {
		return err
	}
	return mustBe("sleepers that woke", awake, ops)
}

// sleepGoroutines: time.Sleep, which nothing can cut short. A sleep that can
// be cancelled is a timer, a channel and a select, and takes more.
func sleepGoroutines(ops int) error {
	var wg sync.WaitGroup
	for _, d := range naps(ops) {
		wg.Go(func() { time.Sleep(d) })
	}
	wg.Wait()
	return nil
}
