//go:build unix

package aioexec_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aioexec"
)

// withPipes is a command with all three pipes.
func withPipes(t *testing.T, script string) *aioexec.Cmd {
	t.Helper()
	c := sh(script)
	for _, pipe := range []func() (*aioexec.Pipe, error){c.StdinPipe, c.StdoutPipe, c.StderrPipe} {
		_, err := pipe()
		must(t, err)
	}
	return c
}

func TestCommunicateWritesReadsAndWaitsAtTheSameTime(t *testing.T) {
	const script = "cat; echo end >&2; exit 3"
	input := bytes.Repeat([]byte("0123456789abcdef"), 1<<16) // more than all pipes hold
	check := func(out, errs []byte, err error) {
		t.Helper()
		var exit *exec.ExitError
		if !bytes.Equal(out, input) || string(errs) != "end\n" || !errors.As(err, &exit) || exit.ExitCode() != 3 {
			t.Errorf("%d bytes, %q, %v", len(out), errs, err)
		}
	}
	run(t, func(ctx context.Context) error {
		check(sh(script).Communicate(ctx, input))
		c := withPipes(t, script)
		must(t, c.Start(ctx))
		check(c.Communicate(ctx, input))
		check(c.Communicate(ctx, nil)) // the result stays
		return nil
	})
}

func TestCommunicateOwnsWhatItHasStarted(t *testing.T) {
	run(t, func(ctx context.Context) error {
		said := filepath.Join(t.TempDir(), "said")
		c := sh("echo begin; : > " + said + "; exec sleep 1000")
		ready := func() bool {
			_, err := os.Stat(said)
			return err == nil && c.Pid() != 0
		}
		var out []byte
		cancelOnce(ctx, t, ready, func(ctx context.Context) (err error) {
			out, _, err = c.Communicate(ctx, nil)
			return err
		})
		if c.ProcessState == nil || string(out) != "begin\n" {
			t.Errorf("%v, %q", c.ProcessState, out)
		}
		return nil
	})
}

func TestACancelledCommunicateWithAChildThatRanBeforeGoesOnLater(t *testing.T) {
	input := strings.Repeat("0123456789abcdef", 1<<14)
	run(t, func(ctx context.Context) error {
		c := withPipes(t, "echo begin; sleep 0.05; cat; echo end >&2")
		must(t, c.Start(ctx))
		cancelled := 0
		for {
			within, timeout := asyncio.WithTimeout(ctx, time.Millisecond)
			out, errs, err := c.Communicate(within, []byte(input))
			timeout.Cancel()
			if timeout.Caused(err) {
				cancelled++
				continue
			}
			if string(out) != "begin\n"+input || string(errs) != "end\n" || err != nil || cancelled == 0 {
				t.Errorf("after %d cancellations: %d bytes, %q, %v", cancelled, len(out), errs, err)
			}
			return nil
		}
	})
}

func TestCommunicateUsesThePipesThatThereAre(t *testing.T) {
	run(t, func(ctx context.Context) error {
		c := sh("echo out; echo err >&2")
		c.Stderr = &bytes.Buffer{}
		_, err := c.StdoutPipe()
		must(t, err)
		must(t, c.Start(ctx))
		if _, _, err := c.Communicate(ctx, []byte("input")); err == nil || !strings.Contains(err.Error(), "StdinPipe") {
			t.Errorf("input without a pipe: %v", err)
		}
		return nil
	})
	run(t, func(ctx context.Context) error {
		c := sh("echo out; echo err >&2")
		var buf bytes.Buffer
		c.Stderr = &buf
		_, err := c.StdoutPipe()
		must(t, err)
		must(t, c.Start(ctx))
		out, errs, err := c.Communicate(ctx, nil)
		if string(out) != "out\n" || errs != nil || buf.String() != "err\n" {
			t.Errorf("%q, %q, %q", out, errs, &buf)
		}
		return err
	})
}

func TestCommunicateRefusesWhatGoesElsewhere(t *testing.T) {
	run(t, func(ctx context.Context) error {
		c := sh("exit 0")
		c.Stdout = &bytes.Buffer{}
		if _, _, err := c.Communicate(ctx, nil); err == nil || !strings.Contains(err.Error(), "stdout of the command is set already") {
			t.Errorf("Communicate: %v", err)
		}
		return c.Run(ctx)
	})
}

func TestOneCommunicateAtATime(t *testing.T) {
	run(t, func(ctx context.Context) error {
		c := withPipes(t, "cat")
		must(t, c.Start(ctx))
		first := asyncio.Go(ctx, func(ctx context.Context) error {
			_, _, err := c.Communicate(ctx, []byte("text"))
			return err
		})
		must(t, asyncio.Yield(ctx))
		if _, _, err := c.Communicate(ctx, nil); err != asyncio.ErrBusy {
			t.Errorf("the second: %v", err)
		}
		_, err := first.Await(ctx)
		return err
	})
}
