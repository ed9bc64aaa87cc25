package main

import (
	"context"
	"sync"

	"github.com/goasyncio/asyncio"
)

// handoffTasks: one task sends a number, the other sends back its successor.
func handoffTasks(ops int) error {
	there, back := asyncio.NewQueue[int](1), asyncio.NewQueue[int](1)
	last := 0
	err := runGroup(func(g *asyncio.TaskGroup) {
		g.Go(func(ctx context.Context) error {
			for range ops {
				if err := there.Put(ctx, last); err != nil {
					return err
				}
				v, err := back.Get(ctx)
				if err != nil {
					return err
				}
				last = v
			}
			return nil
		})
		g.Go(func(ctx context.Context) error {
			for range ops {
				v, err := there.Get(ctx)
				if err != nil {
					return err
				}
				if err := back.Put(ctx, v+1); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	return mustBe("number sent back", last, ops)
}

// handoffGoroutines: two channels of capacity 1, plain sends and receives. A
// wait that can be cancelled would be a select, which takes about twice as long.
func handoffGoroutines(ops int) error {
	there, back := make(chan int, 1), make(chan int, 1)
	last := 0
	var wg sync.WaitGroup
	wg.Go(func() {
		for range ops {
			there <- last
			last = <-back
		}
		close(there)
	})
	wg.Go(func() {
		for v := range there {
			back <- v + 1
		}
	})
	wg.Wait()
	return mustBe("number sent back", last, ops)
}

func handoffBare(ops int) error {
	var l bareLoop
	there, back := bareQueue{size: 1}, bareQueue{size: 1}
	last := 0
	l.spawn(func(t *bareTask) {
		for range ops {
			there.put(t, last)
			last = back.get(t)
		}
	})
	l.spawn(func(t *bareTask) {
		for range ops {
			back.put(t, there.get(t)+1)
		}
	})
	l.run()
	return mustBe("number sent back", last, ops)
}
