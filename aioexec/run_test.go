//go:build unix

package aioexec_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aioexec"
	"github.com/goasyncio/asyncio/asynciotest"
)

const nothing = syscall.Signal(0)

func TestRunWaitsForTheEndAndTellsHowItWas(t *testing.T) {
	run(t, func(ctx context.Context) error {
		ok := sh("exit 0")
		if err := ok.Run(ctx); err != nil || !ok.ProcessState.Success() {
			t.Errorf("exit 0: %v, %v", err, ok.ProcessState)
		}
		failed := sh("exit 7")
		var exit *exec.ExitError
		if err := failed.Run(ctx); !errors.As(err, &exit) || exit.ExitCode() != 7 || failed.ProcessState.ExitCode() != 7 {
			t.Errorf("exit 7: %v, %v", err, failed.ProcessState)
		}
		killed := sh("kill -9 $$")
		err := killed.Run(ctx)
		if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Errorf("kill -9: %v", err)
		}
		return nil
	})
}

func TestTheFieldsAreThoseOfOsExec(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "extra"), []byte("from a file\n"), 0o600))
	run(t, func(ctx context.Context) error {
		extra, err := os.Open(filepath.Join(dir, "extra"))
		must(t, err)
		defer extra.Close()
		c := sh("pwd; echo $GREETING; cat <&3; cat")
		c.Dir, c.Env = dir, []string{"GREETING=hello", "PATH=" + os.Getenv("PATH")}
		c.ExtraFiles = []*os.File{extra}
		c.Stdin = strings.NewReader("from a reader\n")
		out, err := c.Output(ctx)
		if want := dir + "\nhello\nfrom a file\nfrom a reader\n"; string(out) != want {
			t.Errorf("got %q, want %q", out, want)
		}
		return err
	})
}

func TestAFileIsGivenToTheChildAsItIs(t *testing.T) {
	run(t, func(ctx context.Context) error {
		in, err := os.CreateTemp(t.TempDir(), "in")
		must(t, err)
		defer in.Close()
		out, err := os.CreateTemp(t.TempDir(), "out")
		must(t, err)
		defer out.Close()
		_, err = in.WriteString("text")
		must(t, err)
		_, err = in.Seek(0, 0)
		must(t, err)
		c := sh("cat; echo error >&2")
		c.Stdin, c.Stdout, c.Stderr = in, out, out
		must(t, c.Run(ctx))
		if got, _ := os.ReadFile(out.Name()); string(got) != "texterror\n" {
			t.Errorf("got %q", got)
		}
		return nil
	})
}

func TestWithoutStdinAndStdoutTheChildHasTheNullDevice(t *testing.T) {
	run(t, func(ctx context.Context) error {
		c := sh("cat; echo nobody hears this; echo nor this >&2")
		return c.Run(ctx)
	})
}

func TestOneWriterForBothStreamsGetsThemInOrder(t *testing.T) {
	run(t, func(ctx context.Context) error {
		out, err := sh("for i in 1 2 3; do echo $i; echo e$i >&2; done; exit 2").CombinedOutput(ctx)
		if string(out) != "1\ne1\n2\ne2\n3\ne3\n" || err == nil {
			t.Errorf("got %q, %v", out, err)
		}
		var both bytes.Buffer
		c := sh("echo a; echo b >&2; echo c")
		c.Stdout, c.Stderr = &both, &both
		if err := c.Run(ctx); err != nil || both.String() != "a\nb\nc\n" {
			t.Errorf("got %q, %v", &both, err)
		}
		return nil
	})
}

func TestACommandThatCannotBeStarted(t *testing.T) {
	t.Run("was not found", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			c := aioexec.Command("there-is-no-such-program")
			if err := c.Run(ctx); !errors.Is(err, exec.ErrNotFound) {
				t.Errorf("Run: %v", err)
			}
			if err := c.Wait(ctx); !errors.Is(err, exec.ErrNotFound) {
				t.Errorf("Wait: %v", err)
			}
			if err := c.Kill(); err != aioexec.ErrNotStarted {
				t.Errorf("Kill: %v", err)
			}
			return nil
		})
	})
	t.Run("was found in the current directory", func(t *testing.T) {
		dir := t.TempDir()
		must(t, os.WriteFile(filepath.Join(dir, "tool"), []byte("#!/bin/sh\n"), 0o700))
		t.Chdir(dir)
		t.Setenv("PATH", ".")
		run(t, func(ctx context.Context) error {
			c := aioexec.Command("tool")
			if err := c.Run(ctx); !errors.Is(err, exec.ErrDot) {
				t.Errorf("Run: %v", err)
			}
			return nil
		})
	})
	t.Run("is not executable", func(t *testing.T) {
		name := filepath.Join(t.TempDir(), "text")
		must(t, os.WriteFile(name, nil, 0o600))
		run(t, func(ctx context.Context) error {
			if _, err := aioexec.Command(name).Output(ctx); !errors.Is(err, fs.ErrPermission) {
				t.Errorf("Output: %v", err)
			}
			return nil
		})
	})
	t.Run("has no path", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			if err := new(aioexec.Cmd).Run(ctx); err == nil || errors.Is(err, context.Canceled) {
				t.Errorf("Run: %v", err)
			}
			return nil
		})
	})
	t.Run("closes its pipes", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			c := aioexec.Command(filepath.Join(t.TempDir(), "none"))
			p, err := c.StdoutPipe()
			must(t, err)
			if err := c.Start(ctx); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("Start: %v", err)
			}
			if _, err := p.ReadContext(ctx, make([]byte, 1)); !errors.Is(err, os.ErrClosed) {
				t.Errorf("ReadContext: %v", err)
			}
			return nil
		})
	})
}

func TestACmdStartsOneChild(t *testing.T) {
	run(t, func(ctx context.Context) error {
		c := sh("exit 0")
		if err := c.Wait(ctx); err != aioexec.ErrNotStarted {
			t.Errorf("Wait before: %v", err)
		}
		if err := c.Join(ctx); err != aioexec.ErrNotStarted {
			t.Errorf("Join before: %v", err)
		}
		if c.Pid() != 0 {
			t.Errorf("Pid before: %d", c.Pid())
		}
		must(t, c.Run(ctx))
		_, pipeErr := c.StdinPipe()
		_, outErr := c.Output(ctx)
		_, bothErr := c.CombinedOutput(ctx)
		for _, err := range []error{c.Start(ctx), c.Run(ctx), pipeErr, outErr, bothErr} {
			if !errors.Is(err, aioexec.ErrStarted) {
				t.Errorf("again: %v", err)
			}
		}
		return nil
	})
}

func TestOutputTellsWhatTheChildComplainedOf(t *testing.T) {
	run(t, func(ctx context.Context) error {
		out, err := sh("echo result; echo complaint >&2; exit 1").Output(ctx)
		var exit *exec.ExitError
		if string(out) != "result\n" || !errors.As(err, &exit) || string(exit.Stderr) != "complaint\n" {
			t.Errorf("%q, %v", out, err)
		}
		_, err = sh("printf begin >&2; head -c 1000000 /dev/zero >&2; printf end >&2; exit 1").Output(ctx)
		must(t, map[bool]error{false: err}[errors.As(err, &exit)])
		s := string(exit.Stderr)
		if len(s) > 70<<10 || !strings.HasPrefix(s, "begin\x00") || !strings.HasSuffix(s, "\x00end") || !strings.Contains(s, "934472 bytes left out") {
			t.Errorf("%d bytes: %.20q … %.20q", len(s), s, s[len(s)-20:])
		}
		return nil
	})
}

func TestOutputIsBounded(t *testing.T) {
	endless := func() *aioexec.Cmd {
		c := sh("trap '' PIPE TERM; while :; do echo more; echo more >&2; done 2>/dev/null")
		c.MaxOutput, c.WaitDelay = 1000, 10*time.Millisecond
		return c
	}
	run(t, func(ctx context.Context) error {
		out, err := endless().Output(ctx)
		if len(out) != 1000 || !errors.Is(err, aioexec.ErrOutputLimit) {
			t.Errorf("Output: %d bytes, %v", len(out), err)
		}
		out, err = endless().CombinedOutput(ctx)
		if len(out) != 1000 || !errors.Is(err, aioexec.ErrOutputLimit) {
			t.Errorf("CombinedOutput: %d bytes, %v", len(out), err)
		}
		out, _, err = endless().Communicate(ctx, nil)
		if len(out) != 1000 || !errors.Is(err, aioexec.ErrOutputLimit) {
			t.Errorf("Communicate: %d bytes, %v", len(out), err)
		}
		exact := sh("printf 12345")
		exact.MaxOutput = 5
		if out, err = exact.Output(ctx); string(out) != "12345" || err != nil {
			t.Errorf("exactly the limit: %q, %v", out, err)
		}
		return nil
	})
}

// failing is a reader and a writer that cannot.
type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
func (f failing) Read([]byte) (int, error)  { return 0, f.err }

// short is a writer that takes less than it is given and does not say so.
type short struct{}

func (short) Write(p []byte) (int, error) { return len(p) - 1, nil }

func TestAnErrorOfTheUsersReaderOrWriterIsReturned(t *testing.T) {
	errFull := errors.New("full")
	run(t, func(ctx context.Context) error {
		c := sh("echo text")
		c.Stdout = failing{errFull}
		if err := c.Run(ctx); !errors.Is(err, errFull) {
			t.Errorf("writer: %v", err)
		}
		c = sh("cat; exit 3")
		c.Stdin = failing{errFull}
		var exit *exec.ExitError
		if err := c.Run(ctx); !errors.Is(err, errFull) || !errors.As(err, &exit) {
			t.Errorf("reader: %v", err)
		}
		c = sh("echo text")
		c.Stderr, c.Stdout = os.Stderr, short{}
		if err := c.Run(ctx); err == nil || !strings.Contains(err.Error(), "short write") {
			t.Errorf("short writer: %v", err)
		}
		return nil
	})
}

type panicking struct{}

func (panicking) Write([]byte) (int, error) { panic("of the writer") }

func TestAPanicOfTheUsersWriterIsRaisedWhereTheChildIsAwaited(t *testing.T) {
	run(t, func(ctx context.Context) error {
		c := sh("echo text; exec sleep 1000")
		c.Stdout = panicking{}
		must(t, c.Start(ctx))
		defer func() {
			if v := recover(); v == nil || !strings.Contains(errorText(v), "of the writer") {
				t.Errorf("recovered %v", v)
			}
			if err := c.Kill(); err != os.ErrProcessDone {
				t.Errorf("Kill: %v", err)
			}
		}()
		err := c.Wait(ctx)
		t.Errorf("Wait returned %v", err)
		return nil
	}, asyncio.OnError(func(asyncio.Report) {}))
}

func errorText(v any) string {
	if err, ok := v.(error); ok {
		return err.Error()
	}
	return ""
}

func TestChildrenOfOneLoopRunAtATime(t *testing.T) {
	const n = 20
	gate, open, err := os.Pipe()
	must(t, err)
	defer gate.Close()
	run(t, func(ctx context.Context) error {
		defer open.Close()
		var tasks []*asyncio.Task[[]byte]
		running := 0
		for range n {
			c := sh("echo here >&2; read gate; echo done")
			c.Stdin = gate
			c.Stderr = writer(func(p []byte) {
				if running += bytes.Count(p, []byte("here")); running == n {
					open.Close() // all of them wait for it
				}
			})
			tasks = append(tasks, asyncio.CreateTask(ctx, c.Output))
		}
		outs, err := asyncio.Gather(ctx, tasks...)
		for _, out := range outs {
			if string(out) != "done\n" {
				t.Errorf("got %q", out)
			}
		}
		return err
	})
}

// writer is a function that hears what is written.
type writer func([]byte)

func (w writer) Write(p []byte) (int, error) {
	w(p)
	return len(p), nil
}

func TestUnderAVirtualClockAChildTakesNoTime(t *testing.T) {
	defer checkChildren(t)()
	defer asynciotest.CheckLeaks(t)()
	asynciotest.Run(t, func(ctx context.Context) {
		start := asyncio.Now(ctx)
		sleeper := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
		c := sh("cat; sleep 0.05; echo end >&2")
		out, errs, err := c.Communicate(ctx, []byte("text"))
		if string(out) != "text" || string(errs) != "end\n" || err != nil {
			t.Errorf("%q, %q, %v", out, errs, err)
		}
		stubborn := sh("trap '' TERM; while :; do sleep 0.01; done")
		stubborn.WaitDelay = 20 * time.Millisecond
		must(t, stubborn.Start(ctx))
		joined := asyncio.Go(ctx, stubborn.Join)
		must(t, asyncio.Yield(ctx))
		joined.Cancel(nil)
		if _, err := joined.Await(ctx); err == nil {
			t.Error("Join of a child that was killed: no error")
		}
		if sleeper.Done() {
			t.Errorf("%v have passed", asyncio.Now(ctx).Sub(start))
		}
	})
}
