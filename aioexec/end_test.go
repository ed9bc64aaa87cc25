//go:build unix

package aioexec_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aioexec"
)

// started starts c and waits until it has said "ready".
func started(ctx context.Context, t *testing.T, c *aioexec.Cmd) *aioexec.Pipe {
	t.Helper()
	out, err := c.StdoutPipe()
	must(t, err)
	must(t, c.Start(ctx))
	if got := line(ctx, t, out); got != "ready" {
		t.Errorf("said %q", got)
	}
	return out
}

// deaf is a child that does not obey SIGTERM.
func deaf() *aioexec.Cmd { return sh("trap '' TERM; echo ready; while :; do sleep 0.01; done") }

// endedBy tells by which signal the child was ended, or 0.
func endedBy(c *aioexec.Cmd) syscall.Signal {
	if ws, ok := c.ProcessState.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return ws.Signal()
	}
	return 0
}

func TestACancelledRunTerminatesTheChild(t *testing.T) {
	run(t, func(ctx context.Context) error {
		c := aioexec.Command("sleep", "1000")
		var err error
		cancelOnce(ctx, t, func() bool { return c.Pid() != 0 }, func(ctx context.Context) error {
			err = c.Run(ctx)
			return err
		})
		var exit *exec.ExitError
		if !errors.Is(err, context.Canceled) || !errors.As(err, &exit) || endedBy(c) != syscall.SIGTERM {
			t.Errorf("%v", err)
		}
		if got := err.Error(); !strings.HasSuffix(got, "sleep: signal: terminated") {
			t.Errorf("says %q", got)
		}
		return nil
	})
}

func TestAChildThatDoesNotObeyIsKilledAfterWaitDelay(t *testing.T) {
	run(t, func(ctx context.Context) error {
		c := deaf()
		c.WaitDelay = 30 * time.Millisecond
		started(ctx, t, c).Close()
		start := time.Now()
		cancelOnce(ctx, t, func() bool { return true }, c.Join)
		if endedBy(c) != syscall.SIGKILL {
			t.Errorf("ended with %v", c.ProcessState)
		}
		if d := time.Since(start); d < c.WaitDelay {
			t.Errorf("killed after %v, WaitDelay is %v", d, c.WaitDelay)
		}
		return nil
	})
}

func TestAChildMayEndInOrderWhenItIsTerminated(t *testing.T) {
	run(t, func(ctx context.Context) error {
		var out bytes.Buffer
		c := sh("trap 'echo clean; exit 0' TERM; echo ready >&2; while :; do sleep 0.01; done")
		c.Stdout = &out
		stderr, err := c.StderrPipe()
		must(t, err)
		must(t, c.Start(ctx))
		line(ctx, t, stderr)
		must(t, stderr.Close())
		cancelOnce(ctx, t, func() bool { return true }, c.Join)
		if !c.ProcessState.Success() || out.String() != "clean\n" {
			t.Errorf("%v, %q", c.ProcessState, &out)
		}
		return nil
	})
}

func TestCancelSaysHowToEndTheChild(t *testing.T) {
	t.Run("by another signal", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			c := aioexec.Command("sleep", "1000")
			c.Cancel = func() error { return c.Signal(os.Interrupt) }
			cancelOnce(ctx, t, func() bool { return c.Pid() != 0 }, c.Run)
			if endedBy(c) != syscall.SIGINT {
				t.Errorf("ended with %v", c.ProcessState)
			}
			return nil
		})
	})
	t.Run("and where it fails the child is killed at once", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			c := aioexec.Command("sleep", "1000")
			c.WaitDelay = long
			c.Cancel = func() error { return errors.New("cannot") }
			cancelOnce(ctx, t, func() bool { return c.Pid() != 0 }, c.Run)
			if endedBy(c) != syscall.SIGKILL {
				t.Errorf("ended with %v", c.ProcessState)
			}
			return nil
		})
	})
}

func TestACancelledWaitLeavesTheChildAlone(t *testing.T) {
	run(t, func(ctx context.Context) error {
		c := sh("read line; exit 5")
		in, err := c.StdinPipe()
		must(t, err)
		must(t, c.Start(ctx))
		for range 3 {
			cancelOnce(ctx, t, func() bool { return true }, c.Wait)
			if c.ProcessState != nil || !alive(c.Pid()) {
				t.Errorf("ended with %v", c.ProcessState)
			}
		}
		must(t, in.Close())
		var exit *exec.ExitError
		for range 3 { // the status is not used up
			if err := c.Wait(ctx); !errors.As(err, &exit) || exit.ExitCode() != 5 {
				t.Errorf("Wait: %v", err)
			}
		}
		return nil
	})
}

func TestAChildGoesOnWhenTheTaskThatStartedItEnds(t *testing.T) {
	run(t, func(ctx context.Context) error {
		c := sh("read line; echo end")
		in, err := c.StdinPipe()
		must(t, err)
		var out bytes.Buffer
		c.Stdout = &out
		starter := asyncio.Go(ctx, func(ctx context.Context) error { return c.Start(ctx) })
		_, err = starter.Await(ctx)
		must(t, err)
		starter.Cancel(nil)
		must(t, in.Close())
		if err := c.Wait(ctx); err != nil || out.String() != "end\n" {
			t.Errorf("%v, %q", err, &out)
		}
		return nil
	})
}

func TestTheEndOfTheLoopEndsItsChildren(t *testing.T) {
	t.Run("by terminating them", func(t *testing.T) {
		c := aioexec.Command("sleep", "1000")
		run(t, c.Start)
		if endedBy(c) != syscall.SIGTERM {
			t.Errorf("ended with %v", c.ProcessState)
		}
	})
	t.Run("by killing them where they do not obey", func(t *testing.T) {
		c := deaf()
		c.WaitDelay = 10 * time.Millisecond
		run(t, func(ctx context.Context) error {
			started(ctx, t, c)
			return nil
		})
		if endedBy(c) != syscall.SIGKILL {
			t.Errorf("ended with %v", c.ProcessState)
		}
	})
	t.Run("by force where they outlive the grace period", func(t *testing.T) {
		c := deaf()
		c.WaitDelay = -1
		err := runMain(t, func(ctx context.Context) error {
			started(ctx, t, c)
			return nil
		}, asyncio.GracePeriod(20*time.Millisecond), asyncio.OnError(func(asyncio.Report) {}))
		if !errors.Is(err, asyncio.ErrNotEnded) {
			t.Errorf("Run: %v", err)
		}
	})
	t.Run("and closes the pipes that nobody has closed", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			c := sh("echo text")
			_, inErr := c.StdinPipe()
			_, outErr := c.StdoutPipe()
			must(t, errors.Join(inErr, outErr, c.Run(ctx)))
			return nil
		})
	})
}

func TestAGroupIsEndedAsAWhole(t *testing.T) {
	// family is a child with a child of its own, which does not obey SIGTERM and whose
	// number it says.
	family := func() *aioexec.Cmd {
		c := sh(`sh -c 'trap "" TERM; echo $$; while :; do sleep 0.01; done' & wait`)
		c.Group = true
		return c
	}
	t.Run("by a cancellation", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			c := family()
			out, err := c.StdoutPipe()
			must(t, err)
			must(t, c.Start(ctx))
			number(ctx, t, out)
			cancelOnce(ctx, t, func() bool { return true }, c.Join)
			atEnd(ctx, t, out) // nobody has the other end any more
			return nil
		})
	})
	t.Run("by Kill", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			c := family()
			out, err := c.StdoutPipe()
			must(t, err)
			must(t, c.Start(ctx))
			number(ctx, t, out)
			must(t, c.Kill())
			if err := c.Wait(ctx); err == nil || endedBy(c) != syscall.SIGKILL {
				t.Errorf("%v", err)
			}
			atEnd(ctx, t, out)
			if err := c.Terminate(); err != os.ErrProcessDone {
				t.Errorf("Terminate after the end: %v", err)
			}
			return nil
		})
	})
	t.Run("also in a session of its own", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			c := family()
			c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
			out, err := c.StdoutPipe()
			must(t, err)
			must(t, c.Start(ctx))
			number(ctx, t, out)
			if sid, err := unix.Getsid(c.Pid()); sid != c.Pid() || err != nil {
				t.Errorf("%d is in session %d, %v", c.Pid(), sid, err)
			}
			must(t, c.Kill())
			atEnd(ctx, t, out)
			return nil
		})
	})
	t.Run("but not somebody else's", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			c := family()
			c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pgid: 1}
			if err := c.Start(ctx); err == nil || !strings.Contains(err.Error(), "Pgid") {
				t.Errorf("Start: %v", err)
			}
			return nil
		})
	})
}

func atEnd(ctx context.Context, t *testing.T, p *aioexec.Pipe) {
	t.Helper()
	ctx, timeout := asyncio.WithTimeout(ctx, long)
	defer timeout.Cancel()
	if n, err := p.ReadContext(ctx, make([]byte, 1)); n != 0 || err == nil || err.Error() != "EOF" {
		t.Errorf("read %d bytes, %v: somebody has the pipe", n, err)
	}
}

func TestASignalReachesTheChild(t *testing.T) {
	run(t, func(ctx context.Context) error {
		c := sh("trap 'echo usr1; exit 4' USR1; echo ready; while :; do sleep 0.01; done")
		out := started(ctx, t, c)
		must(t, c.Signal(syscall.SIGUSR1))
		if got := line(ctx, t, out); got != "usr1" {
			t.Errorf("said %q", got)
		}
		c.Wait(ctx)
		if c.ProcessState.ExitCode() != 4 {
			t.Errorf("%v", c.ProcessState)
		}
		return nil
	})
}
