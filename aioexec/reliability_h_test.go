//go:build unix

package aioexec_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aioexec"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestReliabilityH3_ManyChildrenThatEndAtOnceEachHaveTheirOwnStatus(t *testing.T) {
	n := 1000
	if testing.Short() {
		n = 100
	}
	gate, open, err := os.Pipe()
	must(t, err)
	defer gate.Close()
	defer open.Close()
	run(t, func(ctx context.Context) error {
		cmds := make([]*aioexec.Cmd, n)
		starts := asyncio.NewSemaphore(20) // this many threads at a time, not n
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			for i := range cmds {
				cmds[i] = sh(fmt.Sprintf("read gate; exit %d", i%256))
				cmds[i].Stdin = gate
				g.Go(func(ctx context.Context) error {
					if err := starts.Acquire(ctx); err != nil {
						return err
					}
					defer starts.Release()
					return cmds[i].Start(ctx)
				})
			}
			return nil
		})
		must(t, err)
		must(t, open.Close()) // the end of the input for all of them
		for i, c := range cmds {
			err := c.Wait(ctx)
			var exit *exec.ExitError
			if want := i % 256; want != 0 && (!errors.As(err, &exit) || exit.ExitCode() != want) || want == 0 && err != nil {
				t.Errorf("child %d: %v", i, err)
			}
		}
		return nil
	})
}

func TestReliabilityH4_ASignalToAChildThatHasEndedReachesNobody(t *testing.T) {
	for _, group := range []bool{false, true} {
		t.Run(fmt.Sprintf("with Group %v", group), func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				c := sh("exit 0")
				c.Group = group
				must(t, c.Run(ctx))
				for _, err := range []error{c.Kill(), c.Terminate(), c.Signal(syscall.SIGUSR1), c.Signal(nothing)} {
					if err != os.ErrProcessDone {
						t.Errorf("after the end: %v", err)
					}
				}
				if err := c.Process.Kill(); err != os.ErrProcessDone {
					t.Errorf("Process.Kill after the end: %v", err)
				}
				return nil
			})
		})
	}
	t.Run("also before somebody has waited", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			c := sh("exit 3")
			must(t, c.Start(ctx))
			for c.Signal(nothing) == nil {
				must(t, asyncio.Sleep(ctx, time.Millisecond))
			}
			if err := c.Signal(nothing); err != os.ErrProcessDone {
				t.Errorf("after the end: %v", err)
			}
			if c.ProcessState.ExitCode() != 3 {
				t.Errorf("ended with %v", c.ProcessState)
			}
			return nil
		})
	})
}

func TestReliabilityH5_AGrandchildThatKeepsThePipeHoldsNobodyUp(t *testing.T) {
	const script = "sleep 1000 & echo $!; echo all of it"
	// check ends the grandchild, which is nobody's to wait for here.
	check := func(out []byte, err error) {
		t.Helper()
		pid, rest, _ := strings.Cut(string(out), "\n")
		if rest != "all of it\n" || !errors.Is(err, exec.ErrWaitDelay) {
			t.Errorf("%q, %v", out, err)
		}
		n, err := strconv.Atoi(pid)
		must(t, err)
		must(t, syscall.Kill(n, syscall.SIGKILL))
	}
	run(t, func(ctx context.Context) error {
		c := sh(script)
		c.WaitDelay = 30 * time.Millisecond
		check(c.Output(ctx))

		c = sh(script)
		c.WaitDelay = 30 * time.Millisecond
		out, _, err := c.Communicate(ctx, nil)
		check(out, err)

		c = withPipes(t, script)
		c.WaitDelay = 30 * time.Millisecond
		must(t, c.Start(ctx))
		out, _, err = c.Communicate(ctx, nil)
		check(out, err)
		return nil
	})
	t.Run("nor one that goes on writing", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			c := sh("yes & echo $! >&2")
			c.Group, c.WaitDelay = true, 10*time.Millisecond
			c.Stdout = &bytes.Buffer{}
			pid, err := c.StderrPipe()
			must(t, err)
			must(t, c.Start(ctx))
			n := number(ctx, t, pid)
			if err := c.Wait(ctx); !errors.Is(err, exec.ErrWaitDelay) {
				t.Errorf("Wait: %v", err)
			}
			_ = syscall.Kill(n, syscall.SIGKILL) // it may have met the broken pipe already
			return nil
		})
	})
	t.Run("nor a Join that is cancelled meanwhile, whatever WaitDelay is", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			c := sh("sleep 1000 & echo $! >&2")
			c.WaitDelay = -1
			c.Stdout = &bytes.Buffer{}
			pid, err := c.StderrPipe()
			must(t, err)
			must(t, c.Start(ctx))
			n := number(ctx, t, pid)
			cancelOnce(ctx, t, func() bool { return c.ProcessState != nil }, c.Join)
			return syscall.Kill(n, syscall.SIGKILL)
		})
	})
}

func TestReliabilityH6_CommunicateDoesNotDeadlock(t *testing.T) {
	const megabytes = 10
	t.Run("with a child that fills both pipes", func(t *testing.T) {
		const script = "for i in 1 2 3 4 5 6 7 8 9 10; do head -c 1048576 /dev/zero; head -c 1048576 /dev/zero >&2; done; cat >/dev/null"
		run(t, func(ctx context.Context) error {
			out, errs, err := sh(script).Communicate(ctx, make([]byte, 1<<20))
			if len(out) != megabytes<<20 || len(errs) != megabytes<<20 {
				t.Errorf("%d and %d bytes", len(out), len(errs))
			}
			return err
		})
	})
	t.Run("with a child that does not read its input", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			out, _, err := sh("echo done").Communicate(ctx, make([]byte, 1<<20))
			if string(out) != "done\n" || err != nil {
				t.Errorf("%q, %v", out, err)
			}
			c := withPipes(t, "echo done")
			must(t, c.Start(ctx))
			out, _, err = c.Communicate(ctx, make([]byte, 1<<20))
			if string(out) != "done\n" || err != nil {
				t.Errorf("started before: %q, %v", out, err)
			}
			return nil
		})
	})
	t.Run("with a child that closes its input and goes on", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			out, _, err := sh("exec <&-; sleep 0.02; echo done").Communicate(ctx, make([]byte, 1<<20))
			if string(out) != "done\n" || err != nil {
				t.Errorf("%q, %v", out, err)
			}
			return nil
		})
	})
}

// everything is a command of which each part can be cut short: pipes of the user's,
// pipes that are copied, and a process group.
func everything() *aioexec.Cmd {
	c := sh("cat; echo error >&2; exit 3")
	c.Stdin, c.Stderr = strings.NewReader("text"), &bytes.Buffer{}
	c.Group = true
	return c
}

func TestReliabilityH7_ACancellationAtAnyStepLeaksNothing(t *testing.T) {
	cancelAt := func(t *testing.T, wait func(ctx context.Context) error) {
		t.Helper()
		c := everything()
		c.Args[2] = "cat; echo error >&2; exec sleep 1000" // it does not end by itself
		run(t, func(ctx context.Context) error {
			out, err := c.StdoutPipe()
			must(t, err)
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				if err := c.Start(ctx); err != nil {
					return err
				}
				if _, err := out.ReadContext(ctx, make([]byte, 100)); err != nil {
					return err
				}
				return c.Join(ctx)
			})
			must(t, wait(ctx))
			task.Cancel(nil)
			if _, err = task.Await(ctx); !task.Cancelled() {
				t.Errorf("not cancelled: %v", err)
			}
			return nil
		})
	}
	t.Run("of the loop", func(t *testing.T) {
		for rounds := range 25 {
			cancelAt(t, func(ctx context.Context) error {
				for range rounds {
					if err := asyncio.Yield(ctx); err != nil {
						return err
					}
				}
				return nil
			})
		}
	})
	t.Run("of the system", func(t *testing.T) {
		step, end := 50*time.Microsecond, 5*time.Millisecond
		if testing.Short() {
			step = 500 * time.Microsecond
		}
		for d := time.Duration(0); d < end; d += step {
			cancelAt(t, func(ctx context.Context) error { return asyncio.Sleep(ctx, d) })
		}
	})
}

func TestReliabilityH7_ASweepOverTheStepsUnderAVirtualClock(t *testing.T) {
	if testing.Short() {
		t.Skip("some hundred children")
	}
	defer checkChildren(t)()
	asynciotest.Sweep(t, func(ctx context.Context, trial *asynciotest.Trial) error {
		c := everything()
		out, err := c.Output(ctx)
		var exit *exec.ExitError
		if errors.As(err, &exit) && exit.ExitCode() == 3 && string(out) == "text" {
			return nil
		}
		return fmt.Errorf("%q, %w", out, err)
	})
}

func TestReliabilityH7_AStartThatFailsHalfwayLeaksNothing(t *testing.T) {
	t.Run("because descriptors run out at any point", func(t *testing.T) {
		if runtime.GOOS != "linux" {
			t.Skip("needs /proc/self/fd to know how many there are")
		}
		started := 0
		for spare := range 20 {
			run(t, func(ctx context.Context) error {
				c := everything()
				_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) { return 0, nil })
				must(t, err) // the loop has what it needs
				restore := limitDescriptors(t, spare)
				defer restore()
				_, err = c.StdoutPipe()
				if err == nil {
					err = c.Start(ctx)
				}
				restore()
				switch {
				case err == nil:
					started++
					c.Wait(ctx)
				case !errors.Is(err, syscall.EMFILE):
					t.Errorf("with %d descriptors to spare: %v", spare, err)
				}
				return nil
			})
		}
		if started == 0 || started == 20 {
			t.Errorf("%d of 20 started: the limits are not where they should be", started)
		}
	})
	t.Run("because the folder is not there", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			c := everything()
			c.Dir = "/there/is/none"
			if err := c.Run(ctx); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("Run: %v", err)
			}
			return nil
		})
	})
	t.Run("because the environment is impossible", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			c := everything()
			c.Env = []string{"A=\x00"}
			if err := c.Run(ctx); err == nil || c.Process != nil {
				t.Errorf("Run: %v", err)
			}
			return nil
		})
	})
}

// limitDescriptors lets the process open only so many more.
func limitDescriptors(t *testing.T, spare int) (restore func()) {
	t.Helper()
	var old syscall.Rlimit
	must(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &old))
	entries, err := os.ReadDir("/proc/self/fd")
	must(t, err)
	taken := make(map[string]bool)
	for _, e := range entries {
		if _, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil { // not the folder itself
			taken[e.Name()] = true
		}
	}
	limit := old
	for limit.Cur = 0; spare > 0 || taken[fmt.Sprint(limit.Cur)]; limit.Cur++ { // of a type that depends on the system
		if !taken[fmt.Sprint(limit.Cur)] {
			spare--
		}
	}
	must(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit))
	return func() { must(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &old)) }
}

// What asyncio's own scenarios show, by their IDs.

func TestH14_CommunicateAndTheStatusOfAKilledChild(t *testing.T) {
	run(t, func(ctx context.Context) error {
		echo := sh("cat")
		out, _, err := echo.Communicate(ctx, []byte("hey"))
		if string(out) != "hey" || err != nil || echo.ProcessState.ExitCode() != 0 {
			t.Errorf("%q, %v, %v", out, err, echo.ProcessState)
		}
		c := aioexec.Command("sleep", "1000")
		must(t, c.Start(ctx))
		cancelOnce(ctx, t, func() bool { return true }, c.Wait)
		if c.ProcessState != nil {
			t.Errorf("a cancelled Wait has ended the child: %v", c.ProcessState)
		}
		must(t, c.Kill())
		var exit *exec.ExitError
		if err := c.Wait(ctx); !errors.As(err, &exit) || endedBy(c) != syscall.SIGKILL {
			t.Errorf("%v", err)
		}
		return nil
	})
}

func TestH23_ACommunicateThatTimesOutLeavesTheChildRunning(t *testing.T) {
	run(t, func(ctx context.Context) error {
		c := aioexec.Command("sleep", "1000")
		_, err := c.StdoutPipe()
		must(t, err)
		must(t, c.Start(ctx))
		within, timeout := asyncio.WithTimeout(ctx, 10*time.Millisecond)
		defer timeout.Cancel()
		if _, _, err := c.Communicate(within, nil); !timeout.Caused(err) || c.ProcessState != nil {
			t.Errorf("%v, %v", err, c.ProcessState)
		}
		must(t, c.Terminate())
		c.Wait(ctx)
		if endedBy(c) != syscall.SIGTERM {
			t.Errorf("ended with %v", c.ProcessState)
		}
		return nil
	})
}
