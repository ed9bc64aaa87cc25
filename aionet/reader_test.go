package aionet_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
)

// pieces is a source that gives one piece per read, then end.
type pieces struct {
	list  []string
	end   error
	reads int
}

func (p *pieces) Read(b []byte) (int, error) { return p.ReadContext(context.Background(), b) }

func (p *pieces) ReadContext(_ context.Context, b []byte) (int, error) {
	p.reads++
	if len(p.list) == 0 {
		return 0, p.end
	}
	n := copy(b, p.list[0])
	if p.list[0] = p.list[0][n:]; p.list[0] == "" {
		p.list = p.list[1:]
	}
	return n, nil
}

// bytewise is text in pieces of one byte.
func bytewise(text string) *pieces {
	return &pieces{list: strings.Split(text, ""), end: io.EOF}
}

func fed(limit int, list ...string) *aionet.Reader {
	return aionet.NewReader(&pieces{list: list, end: io.EOF}, limit)
}

// wantPiece fails the test where a call did not return want and no error.
func wantPiece(t *testing.T, want string) func([]byte, error) {
	return func(got []byte, err error) {
		t.Helper()
		if string(got) != want || err != nil {
			t.Errorf("got %q, error %v; want %q", got, err, want)
		}
	}
}

// wantPartial fails the test where err does not carry what came before the end.
func wantPartial(t *testing.T, want string, expected int) func([]byte, error) {
	return func(_ []byte, err error) {
		t.Helper()
		var e *aionet.IncompleteReadError
		if !errors.As(err, &e) || string(e.Partial) != want || e.Expected != expected || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("error %#v, want an IncompleteReadError with %q", err, want)
		}
	}
}

// wantEnd fails the test where a call did not return a bare io.EOF.
func wantEnd(t *testing.T) func([]byte, error) {
	return func(got []byte, err error) {
		t.Helper()
		if len(got) != 0 || err != io.EOF {
			t.Errorf("got %q, error %v; want io.EOF", got, err)
		}
	}
}

func wantLimit(t *testing.T, consumed int, found bool) func([]byte, error) {
	return func(_ []byte, err error) {
		t.Helper()
		var e *aionet.LimitError
		if !errors.As(err, &e) || e.Consumed != consumed || e.Found != found {
			t.Errorf("error %#v, want a LimitError with %d bytes consumed", err, consumed)
		}
	}
}

func TestReadExactly(t *testing.T) {
	virtually(t, "gives that many bytes, however they come", func(ctx context.Context, t *testing.T) {
		r := fed(0, "ab", "c", "defg")
		wantPiece(t, "abcd")(r.ReadExactly(ctx, 4))
		wantPiece(t, "")(r.ReadExactly(ctx, 0))
		wantPiece(t, "efg")(r.ReadExactly(ctx, 3))
		wantEnd(t)(r.ReadExactly(ctx, 1))
	})
	virtually(t, "H01: gives what came where the stream ends before", func(ctx context.Context, t *testing.T) {
		r := fed(0, "abc")
		wantPartial(t, "abc", 5)(r.ReadExactly(ctx, 5))
		wantEnd(t)(r.ReadExactly(ctx, 5))
	})
	virtually(t, "is not bound by the limit, and takes memory only for what has come", func(ctx context.Context, t *testing.T) {
		r := aionet.NewReader(bytewise("0123456789"), 2)
		wantPiece(t, "01234567")(r.ReadExactly(ctx, 8))
		wantPartial(t, "little", 1<<40)(fed(0, "little").ReadExactly(ctx, 1<<40)) // there is no memory for that much
	})
	virtually(t, "refuses a negative number", func(ctx context.Context, t *testing.T) {
		if _, err := fed(0, "a").ReadExactly(ctx, -1); err == nil {
			t.Error("no error")
		}
	})
}

func TestReadUntil(t *testing.T) {
	crlf, lf := []byte("\r\n"), []byte("\n")
	virtually(t, "gives everything up to the end of the delimiter", func(ctx context.Context, t *testing.T) {
		r := fed(0, "one\r\ntwo\r\nthree")
		wantPiece(t, "one\r\n")(r.ReadUntil(ctx, crlf))
		wantPiece(t, "two\r\n")(r.ReadUntil(ctx, crlf))
		wantPartial(t, "three", 0)(r.ReadUntil(ctx, crlf))
		wantEnd(t)(r.ReadUntil(ctx, crlf))
	})
	virtually(t, "E10: finds a delimiter that comes in two reads", func(ctx context.Context, t *testing.T) {
		r := fed(0, "x--", "boun", "d", "ary--y")
		wantPiece(t, "x--boundary--")(r.ReadUntil(ctx, []byte("--boundary--")))
		wantPiece(t, "y")(r.ReadAll(ctx, 0))
	})
	virtually(t, "of several delimiters takes the one that ends first, however the bytes come", func(ctx context.Context, t *testing.T) {
		for _, c := range []struct{ text, want string }{
			{"ab\ncd\r\n", "ab\n"}, {"ab\r\ncd\n", "ab\r\n"}, {"aLONGb", "aLO"}, {"\n", "\n"},
		} {
			for _, source := range []*pieces{{list: []string{c.text}, end: io.EOF}, bytewise(c.text)} {
				r := aionet.NewReader(source, 0)
				wantPiece(t, c.want)(r.ReadUntil(ctx, crlf, []byte("LONG"), lf, []byte("O")))
			}
		}
	})
	virtually(t, "refuses no delimiter and an empty one", func(ctx context.Context, t *testing.T) {
		r := fed(0, "a")
		for _, list := range [][][]byte{nil, {{}}, {lf, nil}} {
			if _, err := r.ReadUntil(ctx, list...); err == nil {
				t.Errorf("no error for %q", list)
			}
		}
		if r.Buffered() != 0 {
			t.Error("it read all the same")
		}
	})
}

func TestTheLimitOfAReader(t *testing.T) {
	lf := []byte("\n")
	virtually(t, "H02: stops a piece that is too long and keeps its bytes", func(ctx context.Context, t *testing.T) {
		r := fed(8, "0123456789\nz\n")
		wantLimit(t, 10, true)(r.ReadUntil(ctx, lf))
		wantLimit(t, 10, true)(r.ReadLine(ctx))
		wantPiece(t, "0123456789")(r.ReadExactly(ctx, 10))
		wantPiece(t, "\n")(r.ReadLine(ctx))
		wantPiece(t, "z\n")(r.ReadLine(ctx))
	})
	virtually(t, "is for what comes before the delimiter", func(ctx context.Context, t *testing.T) {
		wantPiece(t, "01234567\r\n")(fed(8, "01234567\r\n").ReadUntil(ctx, []byte("\r\n")))
		wantLimit(t, 9, true)(fed(8, "012345678\r\n").ReadUntil(ctx, []byte("\r\n")))
	})
	virtually(t, "E10: holds on an endless stream, and its buffer does not grow", func(ctx context.Context, t *testing.T) {
		source := &pieces{list: []string{strings.Repeat("x", 1<<20)}, end: io.EOF}
		r := aionet.NewReader(source, 10_000)
		_, err := r.ReadUntil(ctx, []byte("END"))
		var e *aionet.LimitError
		if !errors.As(err, &e) || e.Found || e.Consumed <= 10_000 || e.Consumed > r.Buffered() {
			t.Fatalf("error %v", err)
		}
		if r.Buffered() > 12_000 {
			t.Errorf("%d bytes are in the buffer of a reader with a limit of 10,000", r.Buffered())
		}
		wantPiece(t, strings.Repeat("x", e.Consumed))(r.ReadExactly(ctx, e.Consumed))
	})
	virtually(t, "lets nobody skip the beginning of a delimiter", func(ctx context.Context, t *testing.T) {
		r := aionet.NewReader(bytewise(strings.Repeat("x", 9)+"END!"), 4)
		var skipped int
		for {
			got, err := r.ReadUntil(ctx, []byte("END"))
			var e *aionet.LimitError
			if !errors.As(err, &e) {
				if !strings.HasSuffix(string(got), "END") || skipped+len(got) != 12 {
					t.Errorf("after %d bytes got %q, error %v", skipped, got, err)
				}
				break
			}
			skipped += e.Consumed
			r.ReadExactly(ctx, e.Consumed)
		}
	})
	virtually(t, "bounds Peek and ReadAll, which keep what came", func(ctx context.Context, t *testing.T) {
		r := fed(4, "abcdefgh")
		wantLimit(t, 0, false)(r.Peek(ctx, 5))
		wantLimit(t, 4, false)(r.ReadAll(ctx, 0))
		wantPiece(t, "abcdefgh")(r.ReadAll(ctx, 8))
	})
	virtually(t, "H21: a reader that is not asked takes nothing from its source", func(ctx context.Context, t *testing.T) {
		a, b := aionet.Pipe(ctx, 10)
		r := aionet.NewReader(b, 10)
		w := asyncio.Go(ctx, func(ctx context.Context) error { write(ctx, t, a, strings.Repeat("x", 20)+"\n"); return nil })
		asynciotest.WaitIdle(ctx)
		if w.Done() || r.Buffered() != 0 {
			t.Error("the peer was not held up")
		}
		wantLimit(t, 20, false)(r.ReadLine(ctx)) // two reads of ten
		wantPiece(t, strings.Repeat("x", 20))(r.ReadExactly(ctx, 20))
		wantPiece(t, "\n")(r.ReadLine(ctx))
		w.Await(ctx)
	})
}

func TestReadLineAndLines(t *testing.T) {
	virtually(t, "H01: give the lines with their ends, the last one as it is", func(ctx context.Context, t *testing.T) {
		r := aionet.NewReader(bytewise("one\n\ntwo\r\nthree"), 0)
		var got []string
		for line, err := range r.Lines(ctx) {
			if err != nil {
				t.Error(err)
			}
			got = append(got, string(line))
		}
		if want := []string{"one\n", "\n", "two\r\n", "three"}; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %q, want %q", got, want)
		}
		wantEnd(t)(r.ReadLine(ctx))
	})
	virtually(t, "end with the first error, which is shown once", func(ctx context.Context, t *testing.T) {
		r := aionet.NewReader(&pieces{list: []string{"a\nb"}, end: syscall.ECONNRESET}, 0)
		var lines, errs int
		for _, err := range r.Lines(ctx) {
			if err != nil {
				errs++
				wantErr(t, "the end", err, syscall.ECONNRESET)
			} else {
				lines++
			}
		}
		if lines != 1 || errs != 1 {
			t.Errorf("%d lines and %d errors", lines, errs)
		}
	})
	virtually(t, "can be left in the middle", func(ctx context.Context, t *testing.T) {
		r := fed(0, "a\nb\nc")
		for range r.Lines(ctx) {
			break
		}
		wantPiece(t, "b\n")(r.ReadLine(ctx))
	})
}

func TestReadAndPeek(t *testing.T) {
	virtually(t, "H20: Read gives what there is, first from the buffer", func(ctx context.Context, t *testing.T) {
		r := fed(0, "ab", "cd")
		wantPiece(t, "ab")(r.Peek(ctx, 2))
		wantRead(ctx, t, r, "ab")
		if got, err := readString(ctx, r, 0); got != "" || err != nil {
			t.Errorf("a read of nothing: %q, %v", got, err)
		}
		wantRead(ctx, t, r, "cd")
		_, err := readString(ctx, r, 1)
		wantErr(t, "the end", err, io.EOF)
	})
	virtually(t, "Read is an io.Reader for libraries", func(ctx context.Context, t *testing.T) {
		r := fed(0, "head\n", "body ", "and more")
		wantPiece(t, "head\n")(r.ReadLine(ctx))
		wantPiece(t, "b")(r.Peek(ctx, 1))
		all, err := io.ReadAll(r)
		wantPiece(t, "body and more")(all, err)
	})
	virtually(t, "Peek reads nothing, and shows what there is before the end", func(ctx context.Context, t *testing.T) {
		r := aionet.NewReader(bytewise("abc"), 0)
		wantPiece(t, "ab")(r.Peek(ctx, 2))
		wantPiece(t, "ab")(r.Peek(ctx, 2))
		got, err := r.Peek(ctx, 4)
		if string(got) != "abc" || err != io.EOF {
			t.Errorf("peeked %q, error %v", got, err)
		}
		wantPiece(t, "abc")(r.ReadExactly(ctx, 3))
	})
	virtually(t, "a reader can read from a reader", func(ctx context.Context, t *testing.T) {
		inner := fed(0, "one\ntwo\n")
		wantPiece(t, "one\n")(inner.ReadLine(ctx))
		wantPiece(t, "two\n")(aionet.NewReader(inner, 0).ReadLine(ctx))
	})
}

func TestAReaderLosesNothing(t *testing.T) {
	virtually(t, "B10: when it is cancelled in the middle of a piece", func(ctx context.Context, t *testing.T) {
		calls := map[string]func(ctx context.Context, r *aionet.Reader) error{
			"ReadExactly": func(ctx context.Context, r *aionet.Reader) error { _, err := r.ReadExactly(ctx, 9); return err },
			"ReadUntil":   func(ctx context.Context, r *aionet.Reader) error { _, err := r.ReadUntil(ctx, []byte("!")); return err },
			"ReadLine":    func(ctx context.Context, r *aionet.Reader) error { _, err := r.ReadLine(ctx); return err },
			"Peek":        func(ctx context.Context, r *aionet.Reader) error { _, err := r.Peek(ctx, 9); return err },
			"ReadAll":     func(ctx context.Context, r *aionet.Reader) error { _, err := r.ReadAll(ctx, 0); return err },
		}
		for name, call := range calls {
			a, b := aionet.Pipe(ctx, 100)
			r := aionet.NewReader(b, 0)
			write(ctx, t, a, "half")
			task := asyncio.Go(ctx, func(ctx context.Context) error { return call(ctx, r) })
			asynciotest.WaitIdle(ctx)
			_, err := readString(ctx, r, 1)
			wantErr(t, "a second task, H03", err, asyncio.ErrBusy)
			task.Cancel(nil)
			task.Await(ctx)
			write(ctx, t, a, " whole\n")
			got, err := r.ReadLine(ctx)
			if string(got) != "half whole\n" || err != nil {
				t.Errorf("after a cancelled %s: got %q, error %v", name, got, err)
			}
		}
	})
	virtually(t, "when a deadline passes", func(ctx context.Context, t *testing.T) {
		a, b := aionet.Pipe(ctx, 100)
		r := aionet.NewReader(b, 0)
		write(ctx, t, a, "half")
		b.SetReadDeadline(asyncio.Now(ctx).Add(time.Second))
		_, err := r.ReadLine(ctx)
		wantErr(t, "ReadLine", err, os.ErrDeadlineExceeded)
		b.SetReadDeadline(time.Time{})
		write(ctx, t, a, " whole\n")
		wantPiece(t, "half whole\n")(r.ReadLine(ctx))
	})
	virtually(t, "when the source fails: the bytes go first", func(ctx context.Context, t *testing.T) {
		r := aionet.NewReader(&pieces{list: []string{"abc"}, end: syscall.ECONNRESET}, 0)
		_, err := r.ReadExactly(ctx, 5)
		wantErr(t, "ReadExactly", err, syscall.ECONNRESET)
		wantPiece(t, "abc")(r.ReadExactly(ctx, 3))
	})
	virtually(t, "when bytes and the end come in one read", func(ctx context.Context, t *testing.T) {
		r := aionet.NewReader(together{"a\nb"}, 0)
		wantPiece(t, "a\n")(r.ReadLine(ctx))
		wantPiece(t, "b")(r.ReadLine(ctx))
		for range 2 {
			wantEnd(t)(r.ReadLine(ctx))
			_, err := readString(ctx, r, 1)
			wantErr(t, "read", err, io.EOF)
		}
	})
}

// together is a source whose bytes and end come in one read, as io.Reader allows.
type together struct{ text string }

func (s together) Read(p []byte) (int, error) { return copy(p, s.text), io.EOF }

func (s together) ReadContext(_ context.Context, p []byte) (int, error) { return s.Read(p) }

// E10: the time for a piece of n bytes that come one by one grows with n and not with
// its square. What is counted is not time but how many bytes are looked at or moved:
// the source's reads and the memory that is asked for.
func TestAReaderTakesLinearMemoryForBytesThatComeOneByOne(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		allocations := func(n int) float64 {
			text := strings.Repeat("x", n-1) + "\n"
			return testing.AllocsPerRun(1, func() {
				a := &single{text: text}
				if _, err := aionet.NewReader(a, n).ReadUntil(ctx, []byte("\r\n"), []byte("\n")); err != nil {
					t.Error(err)
				}
			})
		}
		if small, large := allocations(1<<10), allocations(1<<17); large > small+10 {
			t.Errorf("%v allocations for 1 KiB, %v for 128 KiB: the buffer does not double", small, large)
		}
	})
}

// single is a source that gives one byte per read.
type single struct{ text string }

func (s *single) Read(p []byte) (int, error) {
	if s.text == "" {
		return 0, io.EOF
	}
	p[0] = s.text[0]
	s.text = s.text[1:]
	return 1, nil
}

func (s *single) ReadContext(_ context.Context, p []byte) (int, error) { return s.Read(p) }

// A reader cut up at random gives what a search of the whole gives.
func FuzzReader(f *testing.F) {
	f.Add([]byte("one\r\ntwo\nthree"), []byte("\n"), []byte("\r\n"), uint8(3), uint16(100))
	f.Add([]byte("aaaaabaaab"), []byte("ab"), []byte("aab"), uint8(1), uint16(4))
	f.Add([]byte(""), []byte("x"), []byte("y"), uint8(1), uint16(0))
	f.Add(bytes.Repeat([]byte("x"), 700), []byte("xy"), []byte("y"), uint8(9), uint16(600))
	f.Fuzz(func(t *testing.T, text, first, second []byte, step uint8, limit uint16) {
		if len(first) == 0 || len(second) == 0 || limit == 0 {
			return
		}
		asynciotest.Run(t, func(ctx context.Context) {
			r := aionet.NewReader(&stepped{text, int(step)%17 + 1}, int(limit))
			for rest := text; ; {
				got, err := r.ReadUntil(ctx, first, second)
				begin, end := reference(rest, first, second)
				var tooLong *aionet.LimitError
				var cut *aionet.IncompleteReadError
				switch {
				case errors.As(err, &tooLong):
					if begin >= 0 && begin <= int(limit) || tooLong.Consumed <= int(limit) || begin >= 0 && tooLong.Consumed > begin {
						t.Fatalf("%q: %v, and the delimiter begins at %d", rest, err, begin)
					}
					got, err = r.ReadExactly(ctx, tooLong.Consumed)
					end = tooLong.Consumed
				case errors.As(err, &cut):
					got, err, end = cut.Partial, nil, len(rest)
					if begin >= 0 {
						t.Fatalf("%q: the delimiter at %d was not found", rest, begin)
					}
				case err == io.EOF:
					if len(rest) > 0 {
						t.Fatalf("the end came before %q", rest)
					}
					return
				}
				if err != nil || !bytes.Equal(got, rest[:end]) {
					t.Fatalf("of %q got %q, error %v; want %q", rest, got, err, rest[:end])
				}
				rest = rest[end:]
			}
		})
	})
}

// reference finds the delimiter that ends first; of those that end together the
// shortest.
func reference(text []byte, delimiters ...[]byte) (begin, end int) {
	begin, end = -1, -1
	for _, d := range delimiters {
		if i := bytes.Index(text, d); i >= 0 && (end < 0 || i+len(d) < end || i+len(d) == end && i > begin) {
			begin, end = i, i+len(d)
		}
	}
	return begin, end
}

// stepped is a source that gives so many bytes per read.
type stepped struct {
	text []byte
	step int
}

func (s *stepped) Read(p []byte) (int, error) {
	if len(s.text) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.text[:min(s.step, len(s.text))])
	s.text = s.text[n:]
	return n, nil
}

func (s *stepped) ReadContext(_ context.Context, p []byte) (int, error) { return s.Read(p) }

// Wherever a cancellation comes, the lines that were read are the beginning of those
// that were written.
func TestSweepAReader(t *testing.T) {
	asynciotest.Sweep(t, func(ctx context.Context, trial *asynciotest.Trial) error {
		a, b := aionet.Pipe(ctx, 3)
		r := aionet.NewReader(b, 0)
		const text = "one\ntwo\nthree\n"
		var got []byte
		trial.After(func() error { return isPrefix(string(got), text, len(text)) })
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			g.Go(func(ctx context.Context) error {
				defer a.Close()
				_, err := a.WriteContext(ctx, []byte(text))
				return err
			})
			for range 2 { // the second goes on where the first was cancelled
				task := asyncio.CreateTaskIn(g, func(ctx context.Context) (struct{}, error) {
					for line, err := range r.Lines(ctx) {
						if err != nil {
							return struct{}{}, err
						}
						got = append(got, line...)
					}
					return struct{}{}, nil
				})
				task.Join(ctx)
			}
			return ctx.Err()
		})
	})
}
