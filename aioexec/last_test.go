//go:build unix

package aioexec_test

import (
	"context"
	"errors"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aioexec"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestRunReturnsAfterTheEndOfChildrenThatAreKilledByForce(t *testing.T) {
	quiet := asyncio.OnError(func(asyncio.Report) {})
	defer asynciotest.CheckLeaks(t)()
	t.Run("where their keepers do not end", func(t *testing.T) {
		var all []*aioexec.Cmd
		err := asyncio.Run(t.Context(), func(ctx context.Context) error {
			for range 5 {
				c := deaf()
				c.WaitDelay = -1
				started(ctx, t, c)
				all = append(all, c)
			}
			return nil
		}, asyncio.GracePeriod(20*time.Millisecond), quiet)
		if !errors.Is(err, asyncio.ErrNotEnded) {
			t.Errorf("Run: %v", err)
		}
		for _, c := range all { // at once, without patience
			if c.ProcessState == nil || endedBy(c) != syscall.SIGKILL || alive(c.Pid()) {
				t.Errorf("%v", c.ProcessState)
			}
			if err := c.Signal(syscall.SIGTERM); err != os.ErrProcessDone {
				t.Errorf("Signal: %v", err)
			}
		}
	})
	t.Run("where the Cancel of one panics", func(t *testing.T) {
		c := aioexec.Command("sleep", "1000")
		c.Cancel = func() error { panic("of Cancel") }
		func() {
			defer func() { recover() }() // whoever gets it
			asyncio.Run(t.Context(), c.Start, quiet)
		}()
		if c.ProcessState == nil || endedBy(c) != syscall.SIGKILL || alive(c.Pid()) {
			t.Errorf("%v", c.ProcessState)
		}
	})
}
