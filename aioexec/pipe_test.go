//go:build unix

package aioexec_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aioexec"
)

// conversation starts c with pipes for its input and output.
func conversation(ctx context.Context, t *testing.T, c *aioexec.Cmd) (in, out *aioexec.Pipe) {
	t.Helper()
	in, err := c.StdinPipe()
	must(t, err)
	out, err = c.StdoutPipe()
	must(t, err)
	must(t, c.Start(ctx))
	return in, out
}

func TestATaskTalksToAChild(t *testing.T) {
	run(t, func(ctx context.Context) error {
		c := sh("while read line; do echo got $line; done")
		in, out := conversation(ctx, t, c)
		lines := bufio.NewScanner(out.WithContext(ctx))
		for _, word := range []string{"one", "two", "three"} {
			_, err := io.WriteString(in, word+"\n")
			must(t, err)
			if !lines.Scan() || lines.Text() != "got "+word {
				t.Errorf("said %q, %v", lines.Text(), lines.Err())
			}
		}
		must(t, in.Close())
		if lines.Scan() || lines.Err() != nil {
			t.Errorf("at the end: %q, %v", lines.Text(), lines.Err())
		}
		return c.Wait(ctx)
	})
}

func TestWhatAChildWroteLastIsThereAfterWait(t *testing.T) {
	run(t, func(ctx context.Context) error {
		c := sh("echo last words")
		_, out := conversation(ctx, t, c)
		must(t, c.Wait(ctx))
		all, err := io.ReadAll(out.WithContext(ctx))
		if string(all) != "last words\n" {
			t.Errorf("read %q", all)
		}
		return err
	})
}

func TestACancelledReadHasTakenNothing(t *testing.T) {
	run(t, func(ctx context.Context) error {
		c := sh("read line; printf 0123456789")
		in, out := conversation(ctx, t, c)
		for range 3 {
			cancelOnce(ctx, t, func() bool { return true }, func(ctx context.Context) error {
				_, err := out.ReadContext(ctx, make([]byte, 4))
				return err
			})
		}
		reader := asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := out.ReadContext(ctx, make([]byte, 4))
			return err
		})
		must(t, in.Close())
		must(t, c.Wait(ctx))
		_, err := reader.Await(ctx)
		must(t, err)
		rest, err := io.ReadAll(out.WithContext(ctx))
		if string(rest) != "456789" {
			t.Errorf("read %q", rest)
		}
		return err
	})
}

func TestAWriterWaitsForAChildThatDoesNotRead(t *testing.T) {
	const size = 1 << 20
	run(t, func(ctx context.Context) error {
		c := sh("read go <&3; cat | wc -c")
		r, w, err := os.Pipe()
		must(t, err)
		c.ExtraFiles = []*os.File{r}
		in, out := conversation(ctx, t, c)
		r.Close()
		var written int
		ready := func() bool { return true }
		cancelOnce(ctx, t, ready, func(ctx context.Context) (err error) {
			written, err = in.WriteContext(ctx, make([]byte, size))
			return err
		})
		if written == 0 || written == size {
			t.Errorf("%d of %d bytes went into a pipe that nobody reads", written, size)
		}
		w.Close() // now it reads
		_, err = in.WriteContext(ctx, make([]byte, size-written))
		must(t, err)
		must(t, in.Close())
		if n := number(ctx, t, out); n != size {
			t.Errorf("the child has read %d bytes, not %d", n, size)
		}
		return c.Wait(ctx)
	})
}

func TestAPipeHasOneReaderAndOneWriter(t *testing.T) {
	run(t, func(ctx context.Context) error {
		c := sh("read line")
		in, out := conversation(ctx, t, c)
		reader := asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := out.Read(make([]byte, 1))
			return err
		})
		must(t, asyncio.Yield(ctx))
		if _, err := out.ReadContext(ctx, make([]byte, 1)); !errors.Is(err, asyncio.ErrBusy) {
			t.Errorf("a second reader: %v", err)
		}
		must(t, in.Close())
		if _, err := reader.Await(ctx); err != io.EOF {
			t.Errorf("the first: %v", err)
		}
		return out.Close()
	})
}

func TestCloseEndsTheWaitsOfAPipe(t *testing.T) {
	run(t, func(ctx context.Context) error {
		c := aioexec.Command("sleep", "1000")
		in, out := conversation(ctx, t, c)
		reader := asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := out.ReadContext(ctx, make([]byte, 1))
			return err
		})
		writer := asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := in.WriteContext(ctx, make([]byte, 1<<20))
			return err
		})
		must(t, asyncio.Sleep(ctx, time.Millisecond))
		must(t, out.Close())
		must(t, in.Close())
		must(t, out.Close())
		for _, task := range []*asyncio.Task[struct{}]{reader, writer} {
			var path *os.PathError
			if _, err := task.Await(ctx); !errors.Is(err, os.ErrClosed) || !errors.As(err, &path) || !strings.HasSuffix(path.Path, "of sleep") {
				t.Errorf("the wait: %v", err)
			}
		}
		if _, err := out.ReadContext(ctx, nil); !errors.Is(err, os.ErrClosed) {
			t.Errorf("later: %v", err)
		}
		return c.Kill()
	})
}

func TestAWriteToAChildThatReadsNoMoreIsABrokenPipe(t *testing.T) {
	run(t, func(ctx context.Context) error {
		c := sh("exit 0")
		in, _ := conversation(ctx, t, c)
		must(t, c.Wait(ctx))
		if _, err := in.Write([]byte("text")); !errors.Is(err, syscall.EPIPE) || err.Error() != "write stdin of sh: broken pipe" {
			t.Errorf("Write: %v", err)
		}
		return nil
	})
}

func TestWhatAPipeRefuses(t *testing.T) {
	run(t, func(ctx context.Context) error {
		c := sh("cat")
		c.Stderr = &bytes.Buffer{}
		in, err := c.StdinPipe()
		must(t, err)
		out, err := c.StdoutPipe()
		must(t, err)
		if _, err := c.StdinPipe(); err == nil {
			t.Error("a second StdinPipe: no error")
		}
		if _, err := c.StderrPipe(); err == nil {
			t.Error("StderrPipe with a Stderr: no error")
		}
		if _, err := out.ReadContext(ctx, nil); !errors.Is(err, aioexec.ErrNotStarted) {
			t.Errorf("ReadContext before the start: %v", err)
		}
		if _, err := in.Write(nil); !errors.Is(err, aioexec.ErrNotStarted) {
			t.Errorf("Write before the start: %v", err)
		}
		must(t, c.Start(ctx))
		if _, err := in.ReadContext(ctx, nil); err == nil {
			t.Error("reading what is written: no error")
		}
		if _, err := out.Write(nil); err == nil {
			t.Error("writing what is read: no error")
		}
		if n, err := out.ReadContext(ctx, nil); n != 0 || err != nil {
			t.Errorf("an empty read: %d, %v", n, err)
		}
		ended, timeout := asyncio.WithTimeout(ctx, long)
		timeout.Cancel()
		if _, err := out.ReadContext(ended, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("under an ended context: %v", err)
		}
		return in.Close()
	})
}

func TestPipesOfACommandThatIsNeverStartedCanBeClosed(t *testing.T) {
	run(t, func(ctx context.Context) error {
		c := sh("exit 0")
		for _, pipe := range []func() (*aioexec.Pipe, error){c.StdinPipe, c.StdoutPipe, c.StderrPipe} {
			p, err := pipe()
			must(t, err)
			must(t, p.Close())
			must(t, p.Close())
		}
		return nil
	})
}

func TestOneChildReadsWhatAnotherWrites(t *testing.T) {
	run(t, func(ctx context.Context) error {
		first, second := sh("echo text; echo more"), sh("wc -l")
		out, err := first.StdoutPipe()
		must(t, err)
		second.Stdin = out
		must(t, first.Start(ctx))
		n, err := second.Output(ctx)
		if strings.TrimSpace(string(n)) != "2" || err != nil {
			t.Errorf("%q, %v", n, err)
		}
		return first.Wait(ctx)
	})
}
