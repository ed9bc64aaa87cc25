// Package channels uses what stops the loop.
package channels

import (
	"context"
	"os/exec"
	"sync"
	"time"

	"github.com/goasyncio/asyncio"
)

func Select(ctx context.Context, a, b chan int) error {
	select { // want `select among 2 cases picks one at random where several are ready: .* \[select\]`
	case <-a:
	case <-ctx.Done():
	}
	select { // want `select among 2 cases`
	case a <- 1:
	case v := <-b:
		_ = v
	default:
	}
	select { // want `select without a default holds the whole loop until a goroutine is ready`
	case <-a:
	}
	select {
	case <-a:
	default:
	}
	return asyncio.Checkpoint(ctx)
}

func Channels(ctx context.Context, c chan int) error {
	c <- 1        // want `sending on a channel holds the whole loop until a goroutine receives: .* \[blocks\]`
	_ = <-c       // want `receiving from a channel holds the whole loop until a goroutine sends: use asyncio.Receive`
	<-ctx.Done()  // want `receiving from a channel`
	for range c { // want `ranging over a channel holds the whole loop`
	}
	close(c)
	v, _, err := asyncio.Receive(ctx, c)
	_ = v
	return err
}

func Goroutines(ctx context.Context, g *asyncio.TaskGroup) error {
	go println() // want `go statement in code that runs on the loop: nothing decides when that goroutine runs; use asyncio.Go or a TaskGroup, or asyncio.ToThread for what blocks \[goroutine\]`
	var wg sync.WaitGroup
	wg.Go(func() { time.Sleep(1) }) // want `sync.WaitGroup.Go starts a goroutine`
	wg.Wait()                       // want `sync.WaitGroup.Wait in code that runs on the loop holds the whole loop`
	g.Go(func(ctx context.Context) error { return nil })
	return asyncio.Checkpoint(ctx)
}

func Blocks(ctx context.Context, c *exec.Cmd) error {
	time.Sleep(1) // want `time.Sleep in code that runs on the loop holds the whole loop: use asyncio.Sleep\(ctx, d\) \[blocks\]`
	c.Run()       // want `use package aioexec`
	return asyncio.Checkpoint(ctx)
}

type account struct {
	mu      sync.Mutex
	rw      sync.RWMutex
	lock    asyncio.Lock
	balance int
}

func (a *account) HeldAcrossAWait(ctx context.Context) error {
	a.mu.Lock() // want `a.mu is still locked at the wait in line \d+: whoever locks it meanwhile holds the whole loop, for ever; use asyncio.Lock, or unlock before the wait`
	defer a.mu.Unlock()
	return asyncio.Sleep(ctx, 1)
}

func (a *account) ReadAcrossAWait(ctx context.Context) error {
	a.rw.RLock() // want `a.rw is still locked at the wait`
	err := asyncio.Sleep(ctx, 1)
	a.rw.RUnlock()
	return err
}

func (a *account) ReleasedBefore(ctx context.Context) error {
	a.mu.Lock()
	a.balance++
	a.mu.Unlock()
	return asyncio.Sleep(ctx, 1)
}

func (a *account) WaitedBefore(ctx context.Context) error {
	if err := asyncio.Sleep(ctx, 1); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.balance++
	return nil
}

func (a *account) ALockOfTheLoop(ctx context.Context) error {
	if err := a.lock.Acquire(ctx); err != nil {
		return err
	}
	defer a.lock.Release()
	return asyncio.Sleep(ctx, 1)
}

func OffTheLoop(c chan int) {
	go println()
	time.Sleep(1)
	select {
	case <-c:
	case c <- 1:
	}
	<-c
}
