package main

import (
	"context"
	"runtime"
	"sync"

	"github.com/goasyncio/asyncio"
)

const lockers = 100

// lockTasks: the others queue up while the holder is away.
func lockTasks(ops int) error {
	var mu asyncio.Lock
	turns := 0
	turn := func(ctx context.Context) error {
		if err := mu.Acquire(ctx); err != nil {
			return err
		}
		defer mu.Release()
		turns++
		return asyncio.Yield(ctx)
	}
	err := runGroup(func(g *asyncio.TaskGroup) {
		for i := range lockers {
			g.Go(func(ctx context.Context) error {
				for range share(ops, lockers, i) {
					if err := turn(ctx); err != nil {
						return err
					}
				}
				return nil
			})
		}
	})
	if err != nil {
		return err
	}
	return mustBe("turns", turns, ops)
}

// lockGoroutines: sync.Mutex and runtime.Gosched. The mutex lets newcomers in
// before those who wait, which is faster than first come, first served.
func lockGoroutines(ops int) error {
	var mu sync.Mutex
	turns := 0
	turn := func() {
		mu.Lock()
		defer mu.Unlock()
		turns++
		runtime.Gosched()
	}
	var wg sync.WaitGroup
	for i := range lockers {
		wg.Go(func() {
			for range share(ops, lockers, i) {
				turn()
			}
		})
	}
	wg.Wait()
	return mustBe("turns", turns, ops)
}

func lockBare(ops int) error {
	var l bareLoop
	var waiting fifo[*bareTask]
	locked := false
	turns := 0
	turn := func(t *bareTask) {
		if locked {
			waiting.push(t)
			t.park() // the lock is handed over, it stays locked
		}
		locked = true
		turns++
		t.pause()
		if waiting.len() > 0 {
			l.wake(waiting.pop())
			return
		}
		locked = false
	}
	for i := range lockers {
		l.spawn(func(t *bareTask) {
			for range share(ops, lockers, i) {
				turn(t)
			}
		})
	}
	l.run()
	return mustBe("turns", turns, ops)
}
