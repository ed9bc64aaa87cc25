package aionet_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
)

// virtually is a subtest under a virtual clock.
func virtually(t *testing.T, name string, main func(ctx context.Context, t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) { main(ctx, t) })
	})
}

// wantErr fails the test where err is not target, nil included.
func wantErr(t *testing.T, what string, err, target error) {
	t.Helper()
	if target == nil && err != nil || !errors.Is(err, target) {
		t.Errorf("%s: error %v, want %v", what, err, target)
	}
}

// readString reads once.
func readString(ctx context.Context, s aionet.Source, most int) (string, error) {
	p := make([]byte, most)
	n, err := s.ReadContext(ctx, p)
	return string(p[:n]), err
}

// wantRead fails the test where the next read does not give want and no error.
func wantRead(ctx context.Context, t *testing.T, s aionet.Source, want string) {
	t.Helper()
	got, err := readString(ctx, s, 1024)
	if got != want || err != nil {
		t.Errorf("read %q, error %v; want %q", got, err, want)
	}
}

func write(ctx context.Context, t *testing.T, s aionet.Stream, text string) {
	t.Helper()
	if n, err := s.WriteContext(ctx, []byte(text)); n != len(text) || err != nil {
		t.Errorf("wrote %d of %d bytes, error %v", n, len(text), err)
	}
}

func TestAMemoryStream(t *testing.T) {
	virtually(t, "gives what was written, in both directions", func(ctx context.Context, t *testing.T) {
		a, b := aionet.Pipe(ctx, aionet.DefaultBuffer)
		write(ctx, t, a, "ping")
		write(ctx, t, b, "pong")
		wantRead(ctx, t, b, "ping")
		wantRead(ctx, t, a, "pong")
	})
	virtually(t, "gives what there is and does not wait for more", func(ctx context.Context, t *testing.T) {
		a, b := aionet.Pipe(ctx, aionet.DefaultBuffer)
		write(ctx, t, a, "ab")
		write(ctx, t, a, "cd")
		if got, err := readString(ctx, b, 3); got != "abc" || err != nil {
			t.Errorf("read %q, error %v", got, err)
		}
		wantRead(ctx, t, b, "d")
	})
	virtually(t, "makes the writer wait where its buffer is full", func(ctx context.Context, t *testing.T) {
		a, b := aionet.Pipe(ctx, 4)
		w := asyncio.Go(ctx, func(ctx context.Context) error { write(ctx, t, a, "abcdef"); return nil })
		asynciotest.WaitIdle(ctx)
		if w.Done() {
			t.Error("six bytes went into a buffer of four")
		}
		wantRead(ctx, t, b, "abcd")
		wantRead(ctx, t, b, "ef")
		w.Await(ctx)
	})
	virtually(t, "without a buffer lets a write wait for its reader", func(ctx context.Context, t *testing.T) {
		a, b := aionet.Pipe(ctx, 0)
		w := asyncio.Go(ctx, func(ctx context.Context) error { write(ctx, t, a, "abcdef"); return nil })
		for _, want := range []string{"ab", "cd", "ef"} {
			asynciotest.WaitIdle(ctx)
			if w.Done() {
				t.Error("the write has ended before all was read")
			}
			if got, err := readString(ctx, b, 2); got != want || err != nil {
				t.Errorf("read %q, error %v", got, err)
			}
		}
		w.Await(ctx)
	})
	virtually(t, "carries 2 MiB both ways through small buffers", func(ctx context.Context, t *testing.T) {
		const bytes = 2 << 20
		for size, n := range map[int]int{0: bytes, 1: 2 << 10, 1000: bytes, aionet.DefaultBuffer: bytes} {
			a, b := aionet.Pipe(ctx, size)
			bothWays(ctx, t, a, b, n)
		}
	})
	virtually(t, "is a net.Conn whose Read and Write wait under the task's context", func(ctx context.Context, t *testing.T) {
		a, _ := aionet.Pipe(ctx, 8)
		var conn net.Conn = a
		reader := asyncio.Go(ctx, func(context.Context) error { _, err := conn.Read(make([]byte, 1)); return err })
		writer := asyncio.Go(ctx, func(context.Context) error { _, err := conn.Write(make([]byte, 9)); return err })
		asynciotest.WaitIdle(ctx)
		for _, task := range []*asyncio.Task[struct{}]{reader, writer} {
			task.Cancel(nil)
			_, err := task.Await(ctx)
			wantErr(t, "a cancelled task", err, asyncio.ErrTaskCancelled)
		}
	})
	virtually(t, "has no Read for a callback, which cannot wait", func(ctx context.Context, t *testing.T) {
		a, _ := aionet.Pipe(ctx, 8)
		asyncio.CallSoon(ctx, func() {
			_, err := a.Read(make([]byte, 1))
			wantErr(t, "Read in a callback", err, asyncio.ErrNotInTask)
		})
		asyncio.Sleep(ctx, time.Second)
	})
}

// bothWays moves n bytes in each direction at the same time and checks them.
func bothWays(ctx context.Context, t *testing.T, a, b aionet.Stream, n int) {
	t.Helper()
	there, back := pattern(n, 3), pattern(n, 7)
	send := func(s aionet.Stream, data []byte) func(context.Context) error {
		return func(ctx context.Context) error {
			for rest := data; len(rest) > 0; {
				k := min(len(rest), 1+len(rest)%5000)
				if _, err := s.WriteContext(ctx, rest[:k]); err != nil {
					return err
				}
				rest = rest[k:]
			}
			return s.CloseWrite()
		}
	}
	receive := func(s aionet.Stream, want []byte) func(context.Context) error {
		return func(ctx context.Context) error {
			got, err := io.ReadAll(aionet.Bind(ctx, s))
			if !bytes.Equal(got, want) {
				t.Errorf("%d bytes came, which are not the %d that were sent", len(got), len(want))
			}
			return err
		}
	}
	err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		g.Go(send(a, there))
		g.Go(send(b, back))
		g.Go(receive(a, back))
		g.Go(receive(b, there))
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// pattern is n bytes that tell where they belong.
func pattern(n, seed int) []byte {
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(i*seed + i>>8)
	}
	return p
}

func TestTheEndOfAMemoryStream(t *testing.T) {
	virtually(t, "comes after what was written before Close", func(ctx context.Context, t *testing.T) {
		a, b := aionet.Pipe(ctx, aionet.DefaultBuffer)
		write(ctx, t, a, "last words")
		a.Close()
		wantRead(ctx, t, b, "last words")
		for range 2 {
			_, err := readString(ctx, b, 1)
			if err != io.EOF {
				t.Errorf("error %v, want a bare io.EOF", err)
			}
		}
	})
	virtually(t, "is a broken pipe for who writes to a closed peer", func(ctx context.Context, t *testing.T) {
		a, b := aionet.Pipe(ctx, 2)
		parked := asyncio.Go(ctx, func(ctx context.Context) error {
			n, err := a.WriteContext(ctx, []byte("abc"))
			if n != 2 {
				t.Errorf("%d bytes were written", n)
			}
			return err
		})
		asynciotest.WaitIdle(ctx)
		b.Close()
		_, err := parked.Await(ctx)
		wantErr(t, "the write that waited", err, syscall.EPIPE)
		_, err = a.WriteContext(ctx, []byte("d"))
		wantErr(t, "the next write", err, syscall.EPIPE)
		var op *net.OpError
		if !errors.As(err, &op) || op.Op != "write" || op.Net != "memory" || op.Addr.String() != "pipe:b" {
			t.Errorf("%#v is not what package net would give", err)
		}
	})
	virtually(t, "is for one direction with CloseWrite", func(ctx context.Context, t *testing.T) {
		a, b := aionet.Pipe(ctx, aionet.DefaultBuffer)
		write(ctx, t, a, "question")
		a.CloseWrite()
		wantRead(ctx, t, b, "question")
		_, err := readString(ctx, b, 1)
		wantErr(t, "read", err, io.EOF)
		write(ctx, t, b, "answer")
		wantRead(ctx, t, a, "answer")
		_, err = a.WriteContext(ctx, []byte("more"))
		wantErr(t, "write after CloseWrite", err, syscall.EPIPE)
	})
	virtually(t, "ends the waits of the same end with net.ErrClosed", func(ctx context.Context, t *testing.T) {
		a, _ := aionet.Pipe(ctx, 0)
		r := asyncio.Go(ctx, func(ctx context.Context) error { _, err := readString(ctx, a, 1); return err })
		w := asyncio.Go(ctx, func(ctx context.Context) error { _, err := a.WriteContext(ctx, []byte("x")); return err })
		asynciotest.WaitIdle(ctx)
		wantErr(t, "Close", a.Close(), nil)
		wantErr(t, "second Close", a.Close(), net.ErrClosed)
		for _, task := range []*asyncio.Task[struct{}]{r, w} {
			_, err := task.Await(ctx)
			wantErr(t, "a wait", err, net.ErrClosed)
		}
		_, err := readString(ctx, a, 1)
		wantErr(t, "read after Close", err, net.ErrClosed)
		wantErr(t, "CloseWrite after Close", a.CloseWrite(), net.ErrClosed)
		wantErr(t, "SetDeadline after Close", a.SetDeadline(time.Time{}), net.ErrClosed)
	})
	virtually(t, "is a reset for the peer of an Abort, and what it had not read is gone", func(ctx context.Context, t *testing.T) {
		a, b := aionet.Pipe(ctx, aionet.DefaultBuffer)
		write(ctx, t, a, "never read")
		a.Abort()
		_, err := readString(ctx, b, 10)
		wantErr(t, "read", err, syscall.ECONNRESET)
		_, err = b.WriteContext(ctx, []byte("x"))
		wantErr(t, "write", err, syscall.ECONNRESET)
		wantErr(t, "Abort of a closed stream", a.Abort(), net.ErrClosed)
	})
}

func TestAMemoryStreamHasOneReaderAndOneWriter(t *testing.T) {
	virtually(t, "N1", func(ctx context.Context, t *testing.T) {
		a, b := aionet.Pipe(ctx, 0)
		first := asyncio.Go(ctx, func(ctx context.Context) error { wantRead(ctx, t, a, "x"); return nil })
		w := asyncio.Go(ctx, func(ctx context.Context) error { write(ctx, t, a, "y"); return nil })
		asynciotest.WaitIdle(ctx)
		_, err := readString(ctx, a, 1)
		wantErr(t, "second reader", err, asyncio.ErrBusy)
		_, err = a.WriteContext(ctx, []byte("z"))
		wantErr(t, "second writer", err, asyncio.ErrBusy)
		write(ctx, t, b, "x")
		wantRead(ctx, t, b, "y")
		first.Await(ctx)
		w.Await(ctx)
	})
}

func TestACancelledWaitOfAMemoryStream(t *testing.T) {
	virtually(t, "H04 B10: takes no byte where it read", func(ctx context.Context, t *testing.T) {
		a, b := aionet.Pipe(ctx, aionet.DefaultBuffer)
		r := asyncio.Go(ctx, func(ctx context.Context) error { _, err := readString(ctx, b, 10); return err })
		asynciotest.WaitIdle(ctx)
		write(ctx, t, a, "kept") // wakes the reader,
		r.Cancel(nil)            // who is cancelled before its turn
		_, err := r.Await(ctx)
		wantErr(t, "the reader", err, asyncio.ErrTaskCancelled)
		wantRead(ctx, t, b, "kept")
	})
	virtually(t, "makes the stream a partial one where it wrote in the middle", func(ctx context.Context, t *testing.T) {
		for _, size := range []int{0, 3} {
			a, b := aionet.Pipe(ctx, size)
			w := asyncio.Go(ctx, func(ctx context.Context) error {
				n, err := a.WriteContext(ctx, []byte("abcdef"))
				if n != 3 {
					t.Errorf("%d bytes were written, want 3", n)
				}
				return err
			})
			asynciotest.WaitIdle(ctx)
			if size == 0 {
				readString(ctx, b, 3)
			}
			w.Cancel(nil)
			w.Await(ctx)
			_, err := a.WriteContext(ctx, []byte("g"))
			wantErr(t, "the next write", err, aionet.ErrPartialWrite)
		}
	})
	virtually(t, "leaves the stream as it was where it wrote nothing", func(ctx context.Context, t *testing.T) {
		a, b := aionet.Pipe(ctx, 0)
		w := asyncio.Go(ctx, func(ctx context.Context) error { _, err := a.WriteContext(ctx, []byte("no")); return err })
		asynciotest.WaitIdle(ctx)
		w.Cancel(nil)
		w.Await(ctx)
		next := asyncio.Go(ctx, func(ctx context.Context) error { write(ctx, t, a, "yes"); return nil })
		wantRead(ctx, t, b, "yes")
		next.Await(ctx)
	})
	virtually(t, "has happened where all was taken when it was cancelled", func(ctx context.Context, t *testing.T) {
		a, b := aionet.Pipe(ctx, 0)
		w := asyncio.Go(ctx, func(ctx context.Context) error { write(ctx, t, a, "all"); return nil })
		asynciotest.WaitIdle(ctx)
		wantRead(ctx, t, b, "all")
		w.Cancel(nil)
		w.Await(ctx)
	})
}

func TestDeadlinesOfAMemoryStream(t *testing.T) {
	virtually(t, "end a read at their time and not before", func(ctx context.Context, t *testing.T) {
		a, b := aionet.Pipe(ctx, aionet.DefaultBuffer)
		start := asyncio.Now(ctx)
		b.SetReadDeadline(start.Add(3 * time.Second))
		_, err := readString(ctx, b, 1)
		wantErr(t, "read", err, os.ErrDeadlineExceeded)
		if e, ok := err.(net.Error); !ok || !e.Timeout() {
			t.Errorf("%v is no timeout of package net", err)
		}
		if took := asyncio.Now(ctx).Sub(start); took != 3*time.Second {
			t.Errorf("it took %v", took)
		}
		write(ctx, t, a, "late")
		_, err = readString(ctx, b, 1)
		wantErr(t, "read after the deadline, where there is something", err, os.ErrDeadlineExceeded)
		b.SetReadDeadline(time.Time{})
		wantRead(ctx, t, b, "late")
	})
	virtually(t, "end a write, tell how much went, and do not make the stream partial", func(ctx context.Context, t *testing.T) {
		a, b := aionet.Pipe(ctx, 3)
		a.SetWriteDeadline(asyncio.Now(ctx).Add(time.Second))
		n, err := a.WriteContext(ctx, []byte("abcdef"))
		wantErr(t, "write", err, os.ErrDeadlineExceeded)
		a.SetDeadline(time.Time{})
		wantRead(ctx, t, b, "abc")
		write(ctx, t, a, "abcdef"[n:])
		wantRead(ctx, t, b, "def")
	})
	virtually(t, "in the past end a wait that is under way", func(ctx context.Context, t *testing.T) {
		a, _ := aionet.Pipe(ctx, 0)
		r := asyncio.Go(ctx, func(ctx context.Context) error { _, err := readString(ctx, a, 1); return err })
		asynciotest.WaitIdle(ctx)
		a.SetDeadline(time.Unix(1, 0))
		_, err := r.Await(ctx)
		wantErr(t, "read", err, os.ErrDeadlineExceeded)
	})
	virtually(t, "can be moved while somebody waits", func(ctx context.Context, t *testing.T) {
		a, _ := aionet.Pipe(ctx, 0)
		start := asyncio.Now(ctx)
		a.SetReadDeadline(start.Add(time.Second))
		asyncio.CallLater(ctx, time.Second/2, func() { a.SetReadDeadline(start.Add(time.Minute)) })
		_, err := readString(ctx, a, 1)
		wantErr(t, "read", err, os.ErrDeadlineExceeded)
		if took := asyncio.Now(ctx).Sub(start); took != time.Minute {
			t.Errorf("it took %v", took)
		}
	})
}

func TestAMemoryListener(t *testing.T) {
	virtually(t, "connects Dial with Accept", func(ctx context.Context, t *testing.T) {
		l := aionet.ListenMemory(ctx, "server", 1, 0)
		defer l.Close()
		server := asyncio.Go(ctx, func(ctx context.Context) error {
			c, err := l.Accept()
			if err != nil {
				return err
			}
			defer c.Close()
			if c.LocalAddr().String() != "server" || c.RemoteAddr().String() != "server:client" {
				t.Errorf("addresses %v and %v", c.LocalAddr(), c.RemoteAddr())
			}
			_, err = io.Copy(c, c)
			return err
		})
		c, err := l.Dial(ctx)
		if err != nil {
			t.Fatal(err)
		}
		write(ctx, t, c, "echo")
		wantRead(ctx, t, c, "echo")
		c.Close()
		if _, err := server.Await(ctx); err != nil {
			t.Error(err)
		}
	})
	virtually(t, "lets Dial wait where its backlog is full, and loses no connection", func(ctx context.Context, t *testing.T) {
		l := aionet.ListenMemory(ctx, "server", 1, 0)
		l.Dial(ctx)
		bound, timeout := asyncio.WithTimeout(ctx, time.Second)
		defer timeout.Cancel()
		_, err := l.Dial(bound)
		wantErr(t, "Dial", err, context.DeadlineExceeded)
		if _, err := l.AcceptContext(ctx); err != nil {
			t.Error(err)
		}
		again, timeout := asyncio.WithTimeout(ctx, time.Second)
		defer timeout.Cancel()
		_, err = l.AcceptContext(again)
		wantErr(t, "Accept of the connection that was given up", err, context.DeadlineExceeded)
	})
	virtually(t, "refuses and resets after Close", func(ctx context.Context, t *testing.T) {
		l := aionet.ListenMemory(ctx, "server", 5, 0)
		waiting, _ := l.Dial(ctx)
		wantErr(t, "Close", l.Close(), nil)
		wantErr(t, "second Close", l.Close(), net.ErrClosed)
		_, err := l.Dial(ctx)
		wantErr(t, "Dial", err, syscall.ECONNREFUSED)
		_, err = l.AcceptStream(ctx)
		wantErr(t, "Accept", err, net.ErrClosed)
		_, err = readString(ctx, waiting, 1)
		wantErr(t, "read of who had dialled", err, syscall.ECONNRESET)
	})
}

// Nothing is lost or doubled wherever a cancellation comes: what the reader has got,
// and what is left in the stream, is the beginning of what the writer has been told.
func TestSweepAMemoryStream(t *testing.T) {
	for _, size := range []int{0, 4} {
		asynciotest.Sweep(t, func(ctx context.Context, trial *asynciotest.Trial) error {
			a, b := aionet.Pipe(ctx, size)
			var sent int
			var got strings.Builder
			const text = "the quick brown fox"
			trial.After(func() error { return isPrefix(got.String(), text, sent) })
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
				g.Go(func(ctx context.Context) error {
					defer a.Close()
					a.SetWriteDeadline(asyncio.Now(ctx).Add(time.Hour))
					for sent < len(text) {
						n, err := a.WriteContext(ctx, []byte(text[sent:min(sent+6, len(text))]))
						sent += n
						if err != nil {
							return err
						}
					}
					return nil
				})
				g.Go(func(ctx context.Context) error {
					defer b.Close()
					return readInto(ctx, &got, b)
				})
				return nil
			})
		})
	}
}

// isPrefix tells whether what was received is the beginning of text, and no more than
// what was sent.
func isPrefix(got, text string, sent int) error {
	if !strings.HasPrefix(text, got) || len(got) > sent {
		return errors.New("received " + got + ", which is not the beginning of what was sent")
	}
	return nil
}

// readInto reads to the end.
func readInto(ctx context.Context, w *strings.Builder, s aionet.Source) error {
	for {
		text, err := readString(ctx, s, 4)
		w.WriteString(text)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
