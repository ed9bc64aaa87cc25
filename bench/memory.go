package main

import (
	"context"
	"runtime"
	"sync"

	"github.com/goasyncio/asyncio"
)

// inUse is the memory that the heap, with everything the runtime allocates on
// it, and the stacks take now. Spans count whole: what is lost in them is lost.
func inUse() uint64 {
	settle()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

// atPeak is called by the park sides at the moment when all tasks are parked.
var atPeak = func() {}

// perTask is what a parked task takes: the growth from before the first was
// created to when all are parked.
func perTask(park side, ops int) (float64, error) {
	before := inUse()
	var peak uint64
	atPeak = func() { peak = inUse() }
	defer func() { atPeak = func() {} }()
	err := park(ops)
	return (float64(peak) - float64(before)) / float64(ops), err
}

// parkTasks: each task awaits one future. The wait can be cancelled, as each
// wait of the loop can, for one task or for all.
func parkTasks(ops int) error {
	parked, left := 0, ops
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		release, gone := asyncio.NewFuture[int](ctx), asyncio.NewFuture[int](ctx)
		wait := func(ctx context.Context) (int, error) {
			parked++
			v, err := release.Await(ctx)
			if left--; left == 0 && err == nil {
				err = gone.SetResult(v)
			}
			return v, err
		}
		for range ops {
			asyncio.CreateTask(ctx, wait)
		}
		for range 2 { // in one round all begin to wait; in the next the loop has only main to run
			if err := asyncio.Yield(ctx); err != nil {
				return err
			}
		}
		atPeak()
		if err := release.SetResult(1); err != nil {
			return err
		}
		_, err := gone.Await(ctx)
		return err
	}, patient)
	if err != nil {
		return err
	}
	return mustBe("tasks parked", parked, ops)
}

// parkGoroutines: each goroutine receives from one channel, which is closed to
// let them go. It is the cheapest wait there is, and cannot be cancelled.
func parkGoroutines(ops int) error {
	release := make(chan struct{})
	return parkAll(ops, func() { <-release }, func() { close(release) })
}

// parkSelecting: as above, but the wait can be cancelled, as each wait of a task
// can: it is a select on the channel and on one context for all. What a task has
// beyond that, a context of its own, would be about a hundred bytes more.
func parkSelecting(ops int) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	release := make(chan struct{})
	return parkAll(ops, func() {
		select {
		case <-release:
		case <-ctx.Done():
		}
	}, func() { close(release) })
}

// parkAll starts ops goroutines that wait, and lets them go when all do.
func parkAll(ops int, wait, release func()) error {
	var ready, done sync.WaitGroup
	ready.Add(ops)
	done.Add(ops)
	for range ops {
		go func() {
			ready.Done()
			wait()
			done.Done()
		}()
	}
	ready.Wait()
	atPeak()
	release()
	done.Wait()
	return nil
}

func parkBare(ops int) error {
	var l bareLoop
	waiting := make([]*bareTask, 0, ops)
	l.spawn(func(t *bareTask) {
		for range ops {
			l.spawn(func(t *bareTask) {
				waiting = append(waiting, t)
				t.park()
			})
		}
		t.pause()
		atPeak()
		for _, w := range waiting {
			l.wake(w)
		}
	})
	l.run()
	return mustBe("tasks parked", len(waiting), ops)
}
