package aionet_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

// connPair is a pair of connections on the loop, closed at the end of the test's run.
func connPair(ctx context.Context, t *testing.T, network string) (a, b *aionet.Conn) {
	t.Helper()
	l, err := aionet.Listen(ctx, network, address(t, network))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if a, err = aionet.Dial(ctx, network, l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if b, err = l.AcceptContext(ctx); err != nil {
		t.Fatal(err)
	}
	return a, b
}

// fileWith is an open file with the content.
func fileWith(t *testing.T, content []byte) *os.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// drained reads all of c in a task.
func drained(ctx context.Context, c *aionet.Conn) *asyncio.Task[[]byte] {
	return asyncio.CreateTask(ctx, func(ctx context.Context) ([]byte, error) {
		return io.ReadAll(c.WithContext(ctx))
	})
}

// Whatever the source, all of it comes, in order, and not a byte more.
func TestReadFromCopiesFrom(t *testing.T) {
	const size = 3<<20 + 12345
	content := pattern(size, 7)
	sources := map[string]func(context.Context, *testing.T) (r io.Reader, want []byte){
		"a file": func(_ context.Context, t *testing.T) (io.Reader, []byte) {
			return fileWith(t, content), content
		},
		"a file, from where it stands": func(_ context.Context, t *testing.T) (io.Reader, []byte) {
			f := fileWith(t, content)
			f.Seek(1000, io.SeekStart)
			return f, content[1000:]
		},
		"a part of a file": func(_ context.Context, t *testing.T) (io.Reader, []byte) {
			return io.LimitReader(fileWith(t, content), 2<<20+1), content[:2<<20+1]
		},
		"nothing of a file": func(_ context.Context, t *testing.T) (io.Reader, []byte) {
			return io.LimitReader(fileWith(t, content), 0), nil
		},
		"a file that is shorter than its limit": func(_ context.Context, t *testing.T) (io.Reader, []byte) {
			return io.LimitReader(fileWith(t, content[:10]), 1<<20), content[:10]
		},
		"an empty file": func(_ context.Context, t *testing.T) (io.Reader, []byte) { return fileWith(t, nil), nil },
		"a pipe that is a file": func(_ context.Context, t *testing.T) (io.Reader, []byte) {
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { r.Close() })
			go func() { w.Write(content[:300_000]); w.Close() }()
			return r, content[:300_000]
		},
		"a connection": func(ctx context.Context, t *testing.T) (io.Reader, []byte) {
			return sending(ctx, t, "tcp", content), content
		},
		"a Unix connection": func(ctx context.Context, t *testing.T) (io.Reader, []byte) {
			return sending(ctx, t, "unix", content), content
		},
		"a view of a connection": func(ctx context.Context, t *testing.T) (io.Reader, []byte) {
			return sending(ctx, t, "tcp", content).WithContext(ctx), content
		},
		"a part of a connection": func(ctx context.Context, t *testing.T) (io.Reader, []byte) {
			return io.LimitReader(sending(ctx, t, "tcp", content), 100_001), content[:100_001]
		},
		"a memory stream": func(ctx context.Context, _ *testing.T) (io.Reader, []byte) {
			return sendingInMemory(ctx, content), content
		},
		"a view of a memory stream": func(ctx context.Context, _ *testing.T) (io.Reader, []byte) {
			return aionet.Bind(ctx, sendingInMemory(ctx, content)), content
		},
		"a buffer": func(context.Context, *testing.T) (io.Reader, []byte) { return bytes.NewReader(content), content },
		"a reader that ends with its data": func(context.Context, *testing.T) (io.Reader, []byte) {
			return iotest.DataErrReader(bytes.NewReader(content)), content
		},
		"a connection that somebody has made something else of": func(ctx context.Context, t *testing.T) (io.Reader, []byte) {
			return upper{sending(ctx, t, "tcp", []byte("small"))}, []byte("SMALL")
		},
	}
	for name, open := range sources {
		for _, network := range []string{"tcp", "unix"} {
			t.Run(name+" over "+network, func(t *testing.T) {
				onLoop(t, func(ctx context.Context) error { return copyOnce(ctx, t, network, open) })
			})
		}
	}
}

func copyOnce(ctx context.Context, t *testing.T, network string, open func(context.Context, *testing.T) (io.Reader, []byte)) error {
	a, b := connPair(ctx, t, network)
	defer a.Close()
	defer b.Close()
	r, want := open(ctx, t)
	if c, ok := r.(io.Closer); ok {
		defer c.Close()
	}
	reading := drained(ctx, b)
	n, err := io.Copy(a, r)
	if err != nil || n != int64(len(want)) {
		t.Errorf("copied %d bytes of %d, error %v", n, len(want), err)
	}
	if l, ok := r.(*io.LimitedReader); ok {
		if c, ok := l.R.(io.Closer); ok {
			c.Close()
		}
	}
	a.CloseWrite()
	got, err := reading.Await(ctx)
	if !bytes.Equal(got, want) {
		t.Errorf("%d bytes came, want %d", len(got), len(want))
	}
	return err
}

// upper has a Read of its own above that of a connection.
type upper struct{ *aionet.Conn }

func (u upper) Read(p []byte) (int, error) {
	n, err := u.Conn.Read(p)
	copy(p, bytes.ToUpper(p[:n]))
	return n, err
}

// WriteTo must not be the connection's, which io.Copy would prefer.
func (u upper) WriteTo(w io.Writer) (int64, error) {
	return io.Copy(w, struct{ io.Reader }{u})
}

// sending is a connection whose peer sends content and ends.
func sending(ctx context.Context, t *testing.T, network string, content []byte) *aionet.Conn {
	a, b := connPair(ctx, t, network)
	asyncio.Go(ctx, func(ctx context.Context) error {
		defer b.Close()
		b.WriteContext(ctx, content) // the copy may take a part only
		return nil
	})
	return a
}

func sendingInMemory(ctx context.Context, content []byte) *aionet.MemoryConn {
	a, b := aionet.Pipe(ctx, 1000)
	asyncio.Go(ctx, func(ctx context.Context) error {
		defer b.Close()
		_, err := b.WriteContext(ctx, content)
		return err
	})
	return a
}

func TestWriteToCopiesTo(t *testing.T) {
	content := pattern(1<<20+77, 7)
	t.Run("a file", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "f")
		onLoop(t, func(ctx context.Context) error {
			f, err := os.Create(path)
			if err != nil {
				return err
			}
			defer f.Close()
			c := sending(ctx, t, "tcp", content)
			defer c.Close()
			if n, err := io.Copy(f, c); n != int64(len(content)) || err != nil {
				t.Errorf("copied %d, %v", n, err)
			}
			return nil
		})
		if got, err := os.ReadFile(path); !bytes.Equal(got, content) {
			t.Errorf("the file has %d bytes, %v", len(got), err)
		}
	})
	t.Run("a buffer", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) error {
			c := sending(ctx, t, "unix", content)
			defer c.Close()
			var b bytes.Buffer
			if n, err := c.WriteToContext(ctx, &b); n != int64(len(content)) || err != nil || !bytes.Equal(b.Bytes(), content) {
				t.Errorf("copied %d, %v; the buffer has %d", n, err, b.Len())
			}
			return nil
		})
	})
	t.Run("a writer that takes less than it is given", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) error {
			c := sending(ctx, t, "unix", content)
			defer c.Close()
			if n, err := c.WriteTo(short{}); n != 1 || err != io.ErrShortWrite {
				t.Errorf("copied %d, %v", n, err)
			}
			return nil
		})
	})
}

type short struct{}

func (short) Write([]byte) (int, error) { return 1, nil }

// An echo server of one line moves bytes without seeing them.
func TestACopyOfAConnectionToItselfIsAnEcho(t *testing.T) {
	content := pattern(2<<20, 7)
	onLoop(t, func(ctx context.Context) error {
		a, b := connPair(ctx, t, "tcp")
		defer a.Close()
		asyncio.Go(ctx, func(ctx context.Context) error {
			defer b.Close()
			_, err := io.Copy(b, b)
			return err
		})
		reading := drained(ctx, a)
		if _, err := a.WriteContext(ctx, content); err != nil {
			return err
		}
		a.CloseWrite()
		got, err := reading.Await(ctx)
		if !bytes.Equal(got, content) {
			t.Errorf("%d bytes came back", len(got))
		}
		return err
	})
}

// stalled runs copying under a timeout, to a peer that does not read: that is a
// cancellation in the middle.
func stalled(ctx context.Context, t *testing.T, r io.Reader) (to, peer *aionet.Conn, n int64) {
	t.Helper()
	to, peer = connPair(ctx, t, "unix")
	limited, timeout := asyncio.WithTimeout(ctx, 50*time.Millisecond)
	defer timeout.Cancel()
	n, err := to.ReadFromContext(limited, r)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("copied %d, %v; want that the timeout ended it", n, err)
	}
	return to, peer, n
}

func TestACancelledCopyTellsWhatWent(t *testing.T) {
	content := pattern(8<<20, 7)
	open := map[string]func(context.Context, *testing.T) io.Reader{
		"of a file":       func(_ context.Context, t *testing.T) io.Reader { return fileWith(t, content) },
		"of a connection": func(ctx context.Context, t *testing.T) io.Reader { return sending(ctx, t, "unix", content) },
		"of a buffer":     func(context.Context, *testing.T) io.Reader { return bytes.NewReader(content) },
	}
	for name, open := range open {
		t.Run(name, func(t *testing.T) {
			onLoop(t, func(ctx context.Context) error {
				r := open(ctx, t)
				to, peer, n := stalled(ctx, t, r)
				defer peer.Close()
				if c, ok := r.(io.Closer); ok {
					c.Close()
				}
				_, partial := to.Write(nil)
				if name == "of a file" && !portable && partial != aionet.ErrPartialWrite {
					t.Errorf("a write in the middle of a file: %v", partial)
				}
				to.Close()
				got, err := io.ReadAll(peer)
				if int64(len(got)) != n && !portable {
					t.Errorf("the peer got %d bytes, the copy says %d", len(got), n)
				}
				if !bytes.Equal(got, content[:len(got)]) {
					t.Error("what came is not the beginning")
				}
				return err
			})
		})
	}
}

func TestACopyIsAWriterLikeOthers(t *testing.T) {
	f := fileWith(t, pattern(4<<20, 7))
	onLoop(t, func(ctx context.Context) error {
		a, b := connPair(ctx, t, "unix")
		defer b.Close()
		copying := asyncio.CreateTask(ctx, func(ctx context.Context) (int64, error) {
			return a.ReadFromContext(ctx, f)
		})
		for asyncio.Sleep(ctx, 0); ; asyncio.Sleep(ctx, time.Millisecond) {
			_, err := a.Write(nil)
			if errors.Is(err, asyncio.ErrBusy) {
				break
			}
		}
		a.Close()
		if _, err := copying.Await(ctx); !errors.Is(err, net.ErrClosed) {
			t.Errorf("closed in the middle: %v", err)
		}
		if _, err := a.ReadFrom(f); !errors.Is(err, net.ErrClosed) {
			t.Errorf("of a closed connection: %v", err)
		}
		return nil
	})
}

func TestADeadlineEndsACopyAndTheNextGoesOn(t *testing.T) {
	content := pattern(4<<20, 7)
	f := fileWith(t, content)
	onLoop(t, func(ctx context.Context) error {
		a, b := connPair(ctx, t, "unix")
		defer b.Close()
		a.SetWriteDeadline(asyncio.Now(ctx).Add(20 * time.Millisecond))
		n, err := io.Copy(a, f)
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("copied %d, %v", n, err)
		}
		a.SetWriteDeadline(time.Time{})
		reading := drained(ctx, b)
		m, err := io.Copy(a, io.NewSectionReader(f, n, 1<<30))
		if n+m != int64(len(content)) || err != nil {
			t.Errorf("then copied %d after %d, %v", m, n, err)
		}
		a.Close()
		if got, err := reading.Await(ctx); !bytes.Equal(got, content) {
			t.Errorf("%d bytes came, %v", len(got), err)
		}
		return nil
	})
}

func TestErrorsOfACopyAreOfTheSideThatFailed(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		a, b := connPair(ctx, t, "unix")
		defer a.Close()
		defer b.Close()
		f := fileWith(t, []byte("x"))
		f.Close()
		if _, err := a.ReadFrom(f); !errors.Is(err, os.ErrClosed) {
			t.Errorf("of a closed file: %v", err)
		}
		if _, err := a.ReadFrom(iotest.ErrReader(errors.ErrUnsupported)); err != errors.ErrUnsupported {
			t.Errorf("the reader's error became %v", err)
		}
		x, y := connPair(ctx, t, "unix")
		y.Close()
		x.Close()
		if _, err := a.ReadFrom(x); !errors.Is(err, net.ErrClosed) || !strings.HasPrefix(err.Error(), "read unix") {
			t.Errorf("from a closed connection: %v", err)
		}
		return nil
	})
}
