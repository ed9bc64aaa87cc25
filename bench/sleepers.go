package main

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
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

// sleepBare: coroutines that park once, and are woken in the order of their naps
// without a clock, a timer or a night: what a million of them cost by themselves.
func sleepBare(ops int) error {
	var l bareLoop
	asleep, awake := make([]*bareTask, 0, ops), 0
	order := make([]int, ops)
	ds := naps(ops)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(ds[a], ds[b]) })
	for range ops {
		l.spawn(func(t *bareTask) {
			asleep = append(asleep, t)
			t.park()
			awake++
		})
	}
	l.spawn(func(*bareTask) {
		for _, i := range order {
			l.wake(asleep[i])
		}
	})
	l.run()
	return mustBe("sleepers that woke", awake, ops)
}
