//go:build unix

package aioexec_test

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aioexec"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestThereIsOneWaitDelayForTheKillAndTheCopyingTogether(t *testing.T) {
	run(t, func(ctx context.Context) error {
		c := sh("trap '' TERM; sleep 1000 & echo $! >&2; wait; wait; while :; do sleep 0.01; done")
		c.Stdout, c.WaitDelay = &bytes.Buffer{}, 50*time.Millisecond
		pid, err := c.StderrPipe()
		must(t, err)
		must(t, c.Start(ctx))
		holder := number(ctx, t, pid)
		join := asyncio.Go(ctx, c.Join)
		must(t, asyncio.Yield(ctx))
		join.Cancel(nil)
		for c.ProcessState == nil {
			must(t, asyncio.Yield(ctx))
		}
		rounds := 0 // no time: the delay is over when the child is killed
		for ; !join.Done(); rounds++ {
			must(t, asyncio.Yield(ctx))
		}
		if _, err := join.Await(ctx); rounds > 20 || endedBy(c) != syscall.SIGKILL {
			t.Errorf("after %v the loop went round %d times: %v", c.ProcessState, rounds, err)
		}
		return syscall.Kill(holder, syscall.SIGKILL)
	})
}

func TestNothingOfAChildKeepsTheLoopWaitingAfterItsEnd(t *testing.T) {
	// A loop on which nothing can happen any more says so, unless a timer is left, or
	// somebody could end it from outside.
	idle := func(t *testing.T, before func(ctx context.Context)) {
		t.Helper()
		defer checkChildren(t)()
		defer asynciotest.CheckLeaks(t)()
		err := asyncio.Run(context.Background(), func(ctx context.Context) error {
			before(ctx)
			var never asyncio.Event
			return never.Wait(ctx)
		})
		if !errors.Is(err, asyncio.ErrDeadlock) {
			t.Errorf("Run: %v", err)
		}
	}
	t.Run("where it obeyed before the kill", func(t *testing.T) {
		idle(t, func(ctx context.Context) {
			c := aioexec.Command("sleep", "1000")
			c.WaitDelay = long
			cancelOnce(ctx, t, func() bool { return c.Pid() != 0 }, c.Run)
		})
	})
	t.Run("where its output ended within WaitDelay", func(t *testing.T) {
		idle(t, func(ctx context.Context) {
			c := sh("{ sleep 0.05; echo late; } &")
			c.WaitDelay = long
			if out, err := c.Output(ctx); string(out) != "late\n" || err != nil {
				t.Errorf("%q, %v", out, err)
			}
		})
	})
	t.Run("where a Communicate read it", func(t *testing.T) {
		idle(t, func(ctx context.Context) {
			c := withPipes(t, "{ sleep 0.05; echo late; } &")
			c.WaitDelay = long
			must(t, c.Start(ctx))
			if out, _, err := c.Communicate(ctx, nil); string(out) != "late\n" || err != nil {
				t.Errorf("%q, %v", out, err)
			}
		})
	})
}

func TestACommunicateWithAChildThatRanBeforeWaitsForOthersNoLongerThanWaitDelay(t *testing.T) {
	run(t, func(ctx context.Context) error {
		c := sh("sleep 1000 & echo $!")
		out, err := c.StdoutPipe()
		must(t, err)
		c.WaitDelay = 30 * time.Millisecond
		must(t, c.Start(ctx))
		holder := number(ctx, t, out)
		bound, timeout := asyncio.WithTimeout(ctx, long)
		defer timeout.Cancel()
		if _, _, err := c.Communicate(bound, nil); !errors.Is(err, exec.ErrWaitDelay) {
			t.Errorf("Communicate: %v", err)
		}
		return syscall.Kill(holder, syscall.SIGKILL)
	})
}
