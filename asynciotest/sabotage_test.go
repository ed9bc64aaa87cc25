package asynciotest_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/internal/inside"
)

// A faulty stream is a good one of which some methods are replaced by wrong ones.
type faulty struct {
	aionet.Stream
	loop       inside.Poller
	read       func(ctx context.Context, p []byte) (int, error)
	write      func(ctx context.Context, p []byte) (int, error)
	plainRead  func(p []byte) (int, error)
	close      func() error
	abort      func() error
	closeWrite func() error
	deadline   func(t time.Time) error // for reading
	address    func() net.Addr
}

func (f *faulty) ReadContext(ctx context.Context, p []byte) (int, error) {
	if f.read != nil {
		return f.read(ctx, p)
	}
	return f.Stream.ReadContext(ctx, p)
}

func (f *faulty) WriteContext(ctx context.Context, p []byte) (int, error) {
	if f.write != nil {
		return f.write(ctx, p)
	}
	return f.Stream.WriteContext(ctx, p)
}

func (f *faulty) Read(p []byte) (int, error) {
	if f.plainRead != nil {
		return f.plainRead(p)
	}
	ctx, err := f.loop.Context()
	if err != nil {
		return 0, err
	}
	return f.ReadContext(ctx, p)
}

func (f *faulty) Write(p []byte) (int, error) {
	ctx, err := f.loop.Context()
	if err != nil {
		return 0, err
	}
	return f.WriteContext(ctx, p)
}

func (f *faulty) Close() error      { return either(f.close, f.Stream.Close) }
func (f *faulty) Abort() error      { return either(f.abort, f.Stream.Abort) }
func (f *faulty) CloseWrite() error { return either(f.closeWrite, f.Stream.CloseWrite) }

func either(wrong, right func() error) error {
	if wrong != nil {
		return wrong()
	}
	return right()
}

func (f *faulty) SetReadDeadline(t time.Time) error {
	if f.deadline != nil {
		return f.deadline(t)
	}
	return f.Stream.SetReadDeadline(t)
}

func (f *faulty) SetDeadline(t time.Time) error {
	return errors.Join(f.SetReadDeadline(t), f.SetWriteDeadline(t))
}

func (f *faulty) LocalAddr() net.Addr {
	if f.address != nil {
		return f.address()
	}
	return f.Stream.LocalAddr()
}

// none begins the names of what is no defect.
const none = "none"

// defects are wrong streams, each with the case that must find it; and some that are not
// wrong, with the case that must not find anything, or "" for all.
var defects = []struct {
	name, found string
	spoil       func(ctx context.Context, f *faulty)
}{
	{none, "", func(context.Context, *faulty) {}},
	{none + ", on a slow machine", "a deadline moved away while a read waits does not end it", func(_ context.Context, f *faulty) {
		f.deadline = func(t time.Time) error {
			ctx, err := f.loop.Context()
			if err != nil {
				return err
			}
			return errors.Join(asyncio.Sleep(ctx, 12*time.Millisecond), f.Stream.SetReadDeadline(t))
		}
	}},
	{"a byte is wrong", "2 MiB go both ways at once, in pieces of odd sizes", func(_ context.Context, f *faulty) {
		f.read = func(ctx context.Context, p []byte) (int, error) {
			n, err := f.Stream.ReadContext(ctx, p)
			if n > 1000 {
				p[n-1] ^= 1
			}
			return n, err
		}
	}},
	{"a read waits for all of its buffer", "a read returns what is there and does not wait for the rest of its buffer", func(_ context.Context, f *faulty) {
		f.read = func(ctx context.Context, p []byte) (int, error) { return io.ReadFull(aionet.Bind(ctx, f.Stream), p) }
	}},
	{"an empty read waits", "a read into an empty buffer returns at once and takes nothing", func(_ context.Context, f *faulty) {
		f.read = func(ctx context.Context, p []byte) (int, error) {
			if len(p) == 0 {
				p = make([]byte, 1)
			}
			return f.Stream.ReadContext(ctx, p)
		}
	}},
	{"a write returns before it is done with the buffer", "the buffers belong to the caller again when a call has returned", func(ctx context.Context, f *faulty) {
		f.write = func(_ context.Context, p []byte) (int, error) {
			asyncio.Go(ctx, func(ctx context.Context) error { _, err := f.Stream.WriteContext(ctx, p); return err })
			return len(p), nil
		}
	}},
	{"the end comes once", "after CloseWrite the peer reads what was sent, then an end that stays", func(_ context.Context, f *faulty) {
		ended := false
		f.read = func(ctx context.Context, p []byte) (int, error) {
			n, err := f.Stream.ReadContext(ctx, p)
			if err == io.EOF && ended {
				return 0, io.ErrUnexpectedEOF
			}
			ended = err == io.EOF
			return n, err
		}
	}},
	{"CloseWrite ends both directions", "after the peer's CloseWrite data still goes to it", func(_ context.Context, f *faulty) {
		f.closeWrite = f.Stream.Close
	}},
	{"Close drops what is on the way", "Close delivers what was written before", func(_ context.Context, f *faulty) {
		f.close = f.Stream.Abort
	}},
	{"writes to a closed peer succeed", "writing to a peer that has closed fails, and does not hang", func(_ context.Context, f *faulty) {
		f.write = func(ctx context.Context, p []byte) (int, error) {
			f.Stream.WriteContext(ctx, p)
			return len(p), nil
		}
	}},
	{"Close does not end a read", "Close ends a read that waits, with net.ErrClosed", func(_ context.Context, f *faulty) {
		f.close = func() error { return nil }
	}},
	{"Close ends a read as if the peer had closed", "Close ends a read and a write that wait at the same time", func(_ context.Context, f *faulty) {
		f.read = func(ctx context.Context, p []byte) (int, error) {
			n, err := f.Stream.ReadContext(ctx, p)
			if errors.Is(err, net.ErrClosed) {
				err = io.EOF
			}
			return n, err
		}
	}},
	{"a second Close fails", "Close may be called again, by several tasks at once, and after Abort", func(_ context.Context, f *faulty) {
		f.close = func() error {
			if err := f.Stream.Close(); err != nil {
				return io.ErrClosedPipe
			}
			return nil
		}
	}},
	{"the address is forgotten", "the addresses are known, and stay so after Close", func(_ context.Context, f *faulty) {
		closed := false
		f.close = func() error { closed = true; return f.Stream.Close() }
		f.address = func() net.Addr {
			if closed {
				return nil
			}
			return f.Stream.LocalAddr()
		}
	}},
	{"Abort looks like an end", "after Abort the peer gets an error and no end", func(_ context.Context, f *faulty) {
		f.abort = f.Stream.Close
	}},
	{"a read cannot be cancelled", "a cancelled read returns the cancellation and has taken nothing", func(_ context.Context, f *faulty) {
		f.read = func(ctx context.Context, p []byte) (int, error) {
			return f.Stream.ReadContext(context.WithoutCancel(ctx), p)
		}
	}},
	{"a cancelled read takes what is there", "a read under a context that has ended takes nothing, even where data is there", func(_ context.Context, f *faulty) {
		f.read = func(ctx context.Context, p []byte) (int, error) {
			n, err := f.Stream.ReadContext(context.WithoutCancel(ctx), p)
			if ctx.Err() != nil {
				return 0, asyncio.Checkpoint(ctx)
			}
			return n, err
		}
	}},
	{"a read loses what comes together with its cancellation", "cancelling reads at every point of a transfer loses no byte", func(_ context.Context, f *faulty) {
		f.read = func(ctx context.Context, p []byte) (int, error) {
			n, err := f.Stream.ReadContext(ctx, p)
			asyncio.Yield(context.WithoutCancel(ctx))
			if ctx.Err() != nil {
				return 0, asyncio.Checkpoint(ctx)
			}
			return n, err
		}
	}},
	{"a plain Read does not know its task", "cancelling the task ends a plain Read, and the next one reads on", func(ctx context.Context, f *faulty) {
		f.plainRead = func(p []byte) (int, error) { return f.Stream.ReadContext(ctx, p) }
	}},
	{"a cancelled write forgets what it has sent", "a cancelled write returns how much the peer will get", func(_ context.Context, f *faulty) {
		f.write = func(ctx context.Context, p []byte) (int, error) {
			n, err := f.Stream.WriteContext(ctx, p)
			if err != nil {
				n = 0
			}
			return n, err
		}
	}},
	{"writes go on after half of one", "a write cancelled half-way makes the next one fail, so that no message follows half of one", func(_ context.Context, f *faulty) {
		f.write = func(ctx context.Context, p []byte) (int, error) {
			n, err := f.Stream.WriteContext(ctx, p)
			if errors.Is(err, aionet.ErrPartialWrite) {
				return len(p), nil
			}
			return n, err
		}
	}},
	{"a deadline is early", "a deadline ends a read that waits, not before its time", func(_ context.Context, f *faulty) {
		f.deadline = func(t time.Time) error { return f.Stream.SetReadDeadline(t.Add(-time.Millisecond)) }
	}},
	{"a deadline does not reach the read under way", "a deadline set while a read waits holds for it", func(_ context.Context, f *faulty) {
		waits := false
		f.read = func(ctx context.Context, p []byte) (int, error) {
			waits = true
			defer func() { waits = false }()
			return f.Stream.ReadContext(ctx, p)
		}
		f.deadline = func(t time.Time) error {
			if waits {
				return nil
			}
			return f.Stream.SetReadDeadline(t)
		}
	}},
	{"a deadline cannot be moved away", "a deadline moved away while a read waits does not end it", func(_ context.Context, f *faulty) {
		var first time.Time
		f.deadline = func(t time.Time) error {
			if first.IsZero() || t.IsZero() {
				first = t
			}
			if t.After(first) {
				t = first
			}
			return f.Stream.SetReadDeadline(t)
		}
	}},
	{"a deadline is an error of its own", "a deadline ends a read that waits, not before its time", func(_ context.Context, f *faulty) {
		f.read = func(ctx context.Context, p []byte) (int, error) {
			n, err := f.Stream.ReadContext(ctx, p)
			if errors.Is(err, os.ErrDeadlineExceeded) {
				err = errors.New("too late")
			}
			return n, err
		}
	}},
	{"a second reader waits", "a second reader gets ErrBusy, and the first its data", func(_ context.Context, f *faulty) {
		var lock asyncio.Lock
		f.read = func(ctx context.Context, p []byte) (int, error) {
			if err := lock.Acquire(ctx); err != nil {
				return 0, err
			}
			defer lock.Release()
			return f.Stream.ReadContext(ctx, p)
		}
	}},
	{"readers and writers keep each other waiting", "a reader and a writer do not disturb each other", func(_ context.Context, f *faulty) {
		var lock asyncio.Lock
		with := func(do func(context.Context, []byte) (int, error)) func(context.Context, []byte) (int, error) {
			return func(ctx context.Context, p []byte) (int, error) {
				if err := lock.Acquire(ctx); err != nil {
					return 0, err
				}
				defer lock.Release()
				return do(ctx, p)
			}
		}
		f.read, f.write = with(f.Stream.ReadContext), with(f.Stream.WriteContext)
	}},
	{"a writer never waits", "a writer whose peer does not read waits, and the memory stays bounded", func(ctx context.Context, f *faulty) {
		var held [][]byte
		f.write = func(ctx context.Context, p []byte) (int, error) {
			held = append(held, append([]byte(nil), p...))
			return len(p), asyncio.Checkpoint(ctx)
		}
	}},
	{"a reader gives no way", "a fast peer does not keep other tasks from running", func(_ context.Context, f *faulty) {
		var left []byte
		f.read = func(ctx context.Context, p []byte) (int, error) {
			if len(left) == 0 {
				left = make([]byte, 4<<20)
				if _, err := io.ReadFull(aionet.Bind(ctx, f.Stream), left); err != nil {
					return 0, err
				}
			}
			n := copy(p, left)
			left = left[n:]
			return n, nil
		}
	}},
	{"errors are bare", "errors are net.OpError with operation, network and addresses", func(_ context.Context, f *faulty) {
		f.read = func(ctx context.Context, p []byte) (int, error) {
			n, err := f.Stream.ReadContext(ctx, p)
			var op *net.OpError
			if errors.As(err, &op) {
				err = op.Err
			}
			return n, err
		}
	}},
	{"a cancellation is an error of the network", "a cancellation is the context's error, and no net.OpError", func(_ context.Context, f *faulty) {
		f.read = func(ctx context.Context, p []byte) (int, error) {
			n, err := f.Stream.ReadContext(ctx, p)
			if ctx.Err() != nil {
				err = &net.OpError{Op: "read", Net: "memory", Err: err}
			}
			return n, err
		}
	}},
	{"a handle is left open", "messages go both ways", func(ctx context.Context, f *faulty) {
		f.read = func(ctx context.Context, p []byte) (int, error) {
			asyncio.OpenHandle(ctx)
			return f.Stream.ReadContext(ctx, p)
		}
	}},
	{"a goroutine is left behind", "messages go both ways", func(ctx context.Context, f *faulty) {
		f.read = func(ctx context.Context, p []byte) (int, error) {
			go func() { select {} }()
			return f.Stream.ReadContext(ctx, p)
		}
	}},
}

// A suite that finds nothing wrong with a wrong stream would be worth nothing. Each
// runs in a process of its own, where it may fail.
func TestTheSuiteFindsEachDefect(t *testing.T) {
	for _, d := range defects {
		t.Run(d.name, func(t *testing.T) {
			pattern := "^TestAFaultyStream$/" + caseOf(d.found)
			cmd := exec.Command(os.Args[0], "-test.run="+pattern, "-test.timeout=60s", "-test.v")
			cmd.Env = append(os.Environ(), defectVariable+"="+d.name)
			out, err := cmd.CombinedOutput()
			switch {
			case strings.HasPrefix(d.name, none):
				if err != nil || !strings.Contains(string(out), "--- PASS: TestAFaultyStream/") {
					t.Errorf("the suite finds fault with a stream without one: %v\n%s", err, out)
				}
			case err == nil:
				t.Errorf("the suite has not found it:\n%s", out)
			case !strings.Contains(string(out), "--- FAIL: TestAFaultyStream/"):
				t.Errorf("the case did not run: %v\n%s", err, out)
			}
		})
	}
}

// defectVariable names the defect for the process that has it.
const defectVariable = "ASYNCIOTEST_DEFECT"

func TestAFaultyStream(t *testing.T) {
	for _, d := range defects {
		if d.name != os.Getenv(defectVariable) {
			continue
		}
		open := func(ctx context.Context) (_, _ asynciotest.Stream, err error) {
			a, b := aionet.Pipe(ctx, aionet.DefaultBuffer)
			return spoiled(ctx, a, d.spoil), spoiled(ctx, b, d.spoil), nil
		}
		asynciotest.TestStream(t, open, asynciotest.VirtualTime)
		return
	}
	t.Skip("for the processes of TestTheSuiteFindsEachDefect")
}

func spoiled(ctx context.Context, s aionet.Stream, spoil func(context.Context, *faulty)) *faulty {
	f := &faulty{Stream: s, loop: inside.PollerOf(ctx)}
	spoil(ctx, f)
	return f
}

// caseOf is the pattern for the subtest of that name, or for all.
func caseOf(name string) string {
	if name == "" {
		return "."
	}
	return "^" + regexp.QuoteMeta(strings.ReplaceAll(name, " ", "_")) + "$"
}
