package main

import (
	"context"
	"runtime"
	"sync"

	"github.com/goasyncio/asyncio"
)

const yielders = 1_000

// yieldTasks: every yield puts the task behind all others.
func yieldTasks(ops int) error {
	done := 0
	err := runGroup(func(g *asyncio.TaskGroup) {
		for i := range yielders {
			g.Go(func(ctx context.Context) error {
				for range share(ops, yielders, i) {
					if err := asyncio.Yield(ctx); err != nil {
						return err
					}
					done++
				}
				return nil
			})
		}
	})
	if err != nil {
		return err
	}
	return mustBe("yields", done, ops)
}

// yieldGoroutines: runtime.Gosched, which is the scheduler and nothing else.
func yieldGoroutines(ops int) error {
	var wg sync.WaitGroup
	for i := range yielders {
		wg.Go(func() {
			for range share(ops, yielders, i) {
				runtime.Gosched()
			}
		})
	}
	wg.Wait()
	return nil
}

func yieldBare(ops int) error {
	var l bareLoop
	done := 0
	for i := range yielders {
		l.spawn(func(t *bareTask) {
			for range share(ops, yielders, i) {
				t.pause()
				done++
			}
		})
	}
	l.run()
	return mustBe("yields", done, ops)
}
