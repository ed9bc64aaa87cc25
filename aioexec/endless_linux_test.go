package aioexec_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aioexec"
)

// An echo is somebody else who has a child's output open and writes into it whenever
// something was read from it, as much again: a pipe that never becomes empty, however
// fast the machine is. Linux opens the child's end for it.
type echo struct {
	t     *testing.T
	pipe  *os.File
	bytes int // that were read so far
	bound int // when it stops, so that a test that fails ends
}

func newEcho(t *testing.T, c *aioexec.Cmd) *echo {
	t.Helper()
	pipe, err := os.OpenFile(fmt.Sprintf("/proc/%d/fd/1", c.Pid()), os.O_WRONLY, 0)
	must(t, err)
	e := &echo{t: t, pipe: pipe, bound: 1 << 40}
	e.say(make([]byte, 60<<10)) // of 64 KiB, which the pipe has room for
	return e
}

func (e *echo) say(p []byte) {
	if _, err := e.pipe.Write(p); err != nil && !errors.Is(err, syscall.EPIPE) {
		e.t.Errorf("the echo: %v", err)
	}
}

// Write is what reads the pipe: the child's Stdout.
func (e *echo) Write(p []byte) (int, error) {
	if e.bytes += len(p); e.bytes < e.bound {
		e.say(p)
	}
	return len(p), nil
}

// delegate is a writer that is known later.
type delegate struct{ to *echo }

func (d *delegate) Write(p []byte) (int, error) { return d.to.Write(p) }

func TestAfterTheEndOfItsWaitAPipeIsReadNoFurtherThanItWasFull(t *testing.T) {
	run(t, func(ctx context.Context) error {
		c := sh("read line; exit 0")
		in, err := c.StdinPipe()
		must(t, err)
		out := &delegate{}
		c.Stdout, c.WaitDelay = out, -1
		must(t, c.Start(ctx))
		out.to = newEcho(t, c)
		defer out.to.pipe.Close()
		var ended error
		join := asyncio.Go(ctx, func(ctx context.Context) error {
			ended = c.Join(ctx)
			return ended
		})
		must(t, in.Close())
		for c.ProcessState == nil {
			must(t, asyncio.Yield(ctx))
		}
		const steps = 1 << 20 // more than is copied until Join learns of its cancellation
		before := out.to.bytes
		out.to.bound = before + 16<<20
		join.Cancel(nil)
		join.Await(ctx)
		if !errors.Is(ended, context.Canceled) || !errors.Is(ended, exec.ErrWaitDelay) {
			t.Errorf("Join: %v", ended)
		}
		if n := out.to.bytes - before; n > steps+64<<10 {
			t.Errorf("%d bytes were read after the cancellation", n)
		}
		return nil
	})
}

func TestAChildThatWritesWithoutEndLeavesTheOthersTheirTurns(t *testing.T) {
	const size = 16 << 20
	turnsWhile := func(ctx context.Context, read func(ctx context.Context) error) (turns int) {
		reader := asyncio.Go(ctx, read)
		for ; !reader.Done(); turns++ {
			must(t, asyncio.Yield(ctx))
		}
		_, err := reader.Await(ctx)
		must(t, err)
		return turns
	}
	const want = size / (512 << 10)
	t.Run("where a task reads it", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			c := sh("read line")
			_, out := conversation(ctx, t, c)
			e := newEcho(t, c)
			defer e.pipe.Close()
			turns := turnsWhile(ctx, func(ctx context.Context) error {
				for buf := make([]byte, 64<<10); e.bytes < size; {
					n, err := out.ReadContext(ctx, buf)
					if err != nil {
						return err
					}
					e.Write(buf[:n])
				}
				return nil
			})
			if turns < want {
				t.Errorf("%d turns in %d bytes, want %d", turns, e.bytes, want)
			}
			return c.Signal(syscall.SIGKILL)
		})
	})
	t.Run("where it is copied", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			c := sh("read line")
			_, err := c.StdinPipe()
			must(t, err)
			out := &delegate{}
			c.Stdout = out
			must(t, c.Start(ctx))
			out.to = newEcho(t, c)
			defer out.to.pipe.Close()
			out.to.bound = size
			turns := 0
			for ; out.to.bytes < size; turns++ {
				must(t, asyncio.Yield(ctx))
			}
			if turns < want {
				t.Errorf("%d turns in %d bytes, want %d", turns, out.to.bytes, want)
			}
			return c.Signal(syscall.SIGKILL)
		})
	})
}

func TestAWriteIntoAPipeWithMuchRoomLeavesTheOthersTheirTurns(t *testing.T) {
	const size = 1 << 20
	run(t, func(ctx context.Context) error {
		c := aioexec.Command("sleep", "1000")
		in, _ := conversation(ctx, t, c)
		far, err := os.OpenFile(fmt.Sprintf("/proc/%d/fd/0", c.Pid()), os.O_RDONLY, 0)
		must(t, err)
		defer far.Close()
		if n, err := unix.FcntlInt(far.Fd(), unix.F_SETPIPE_SZ, size); n < size {
			t.Skipf("the system gives a pipe of %d bytes: %v", n, err)
		}
		writer := asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := in.WriteContext(ctx, make([]byte, size))
			return err
		})
		turns := 0
		for ; !writer.Done(); turns++ {
			must(t, asyncio.Yield(ctx))
		}
		if want := size / (256 << 10); turns < want {
			t.Errorf("%d turns while it was written, want %d", turns, want)
		}
		return c.Kill()
	})
}
