//go:build unix

package aioexec_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aioexec"
)

// holdForks keeps the threads that start children from it until release.
func holdForks() (release func()) {
	syscall.ForkLock.RLock()
	return sync.OnceFunc(syscall.ForkLock.RUnlock)
}

// atWork tells whether a goroutine is in the function.
func atWork(function string) bool {
	buf := make([]byte, 1<<20)
	return bytes.Contains(buf[:runtime.Stack(buf, true)], []byte(function+"("))
}

// Where a start is.
const (
	inFork   = "syscall.forkExec"
	inThread = "aioexec.(*launch).run"
)

// await waits, off the loop's clock, for what a thread does.
func await(t *testing.T, what func() bool) {
	t.Helper()
	for start := time.Now(); !what(); time.Sleep(time.Millisecond) {
		if time.Since(start) > long {
			t.Fatal("it does not happen")
		}
	}
}

// unborn starts c in a task and returns when a thread is about to fork.
func unborn(ctx context.Context, t *testing.T, c *aioexec.Cmd) *asyncio.Task[struct{}] {
	t.Helper()
	start := asyncio.Go(ctx, c.Start)
	for !atWork(inFork) {
		must(t, asyncio.Yield(ctx))
	}
	return start
}

func TestAChildThatIsBornAfterItsStartWasCancelledIsKilled(t *testing.T) {
	t.Run("by the thread that has started it", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			release := holdForks()
			defer release()
			c := aioexec.Command("sleep", "1000")
			start := unborn(ctx, t, c)
			start.Cancel(nil)
			if _, err := start.Await(ctx); !start.Cancelled() || c.Pid() != 0 {
				t.Errorf("Start: %v, process %d", err, c.Pid())
			}
			release()
			return nil
		})
	})
	t.Run("by the keeper where its wait for the thread ended first", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			c := aioexec.Command("sleep", "1000")
			if err := aioexec.BornTooLate(ctx, c); !errors.Is(err, context.Canceled) || c.Pid() != 0 {
				t.Errorf("%v, process %d", err, c.Pid())
			}
			return nil
		})
	})
	for steps := range 4 {
		t.Run(fmt.Sprintf("by the loop %d steps after that", steps), func(t *testing.T) {
			c := aioexec.Command("sleep", "1000")
			asked, known := false, false
			c.Cancel = func() error {
				asked = true
				return c.Kill()
			}
			run(t, func(ctx context.Context) error {
				release := holdForks()
				defer release()
				start := unborn(ctx, t, c)
				release()
				await(t, func() bool { return !atWork(inThread) }) // the loop stands still
				for range steps {
					must(t, asyncio.Yield(ctx))
				}
				start.Cancel(nil)
				_, err := start.Await(ctx)
				known = err == nil // the cancellation came too late
				return nil
			})
			if asked != known {
				t.Errorf("asked to end: %v, known to somebody: %v", asked, known)
			}
		})
	}
}
