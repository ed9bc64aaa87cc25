//go:build (linux || darwin || freebsd || openbsd || netbsd || dragonfly) && !asyncio_portable

package aionet_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

// withPair runs f with two ends of a socketpair.
func withPair(t *testing.T, f func(ctx context.Context, a, b *aionet.Conn) error) {
	t.Helper()
	onLoop(t, func(ctx context.Context) error {
		a, b, err := aionet.Pair(ctx)
		if err != nil {
			return err
		}
		defer a.Close()
		defer b.Close()
		return f(ctx, a, b)
	})
}

// someFiles are n open files with their numbers in them.
func someFiles(t *testing.T, n int) (files []*os.File) {
	for i := range n {
		files = append(files, fileWith(t, []byte{byte(i)}))
	}
	return files
}

func TestFilesPassBesideTheData(t *testing.T) {
	files := someFiles(t, 3)
	withPair(t, func(ctx context.Context, a, b *aionet.Conn) error {
		if n, err := a.WriteFiles(ctx, []byte("three"), files...); n != 5 || err != nil {
			t.Errorf("wrote %d, %v", n, err)
		}
		p := make([]byte, 10)
		n, got, err := b.ReadFiles(ctx, p, 10)
		if string(p[:n]) != "three" || len(got) != 3 || err != nil {
			t.Fatalf("read %q and %d files, %v", p[:n], len(got), err)
		}
		for i, f := range got {
			content, err := io.ReadAll(f)
			if err != nil || len(content) != 1 || content[0] != byte(i) {
				t.Errorf("file %d has %v, %v", i, content, err)
			}
			raw, _ := f.SyscallConn()
			raw.Control(func(fd uintptr) {
				if flags, _, _ := syscall.Syscall(syscall.SYS_FCNTL, fd, syscall.F_GETFD, 0); runtime.GOOS == "linux" && flags&syscall.FD_CLOEXEC == 0 {
					t.Errorf("file %d would be inherited by a child", i)
				}
			})
			f.Close()
		}
		a.Close()
		if _, _, err := b.ReadFiles(ctx, p, 1); err != io.EOF {
			t.Errorf("at the end: %v", err)
		}
		return nil
	})
}

// That nothing is left open is checked by onLoop.
func TestFilesThatNobodyWantsAreClosed(t *testing.T) {
	files := someFiles(t, 3)
	withPair(t, func(ctx context.Context, a, b *aionet.Conn) error {
		send := func() {
			t.Helper()
			if _, err := a.WriteFiles(ctx, []byte("x"), files...); err != nil {
				t.Error(err)
			}
		}
		p := make([]byte, 1)
		send()
		n, got, err := b.ReadFiles(ctx, p, 2)
		if n != 1 || len(got) != 2 || err != aionet.ErrFilesLost {
			t.Errorf("two of three: %d bytes, %d files, %v", n, len(got), err)
		}
		for _, f := range got {
			f.Close()
		}
		send()
		if n, got, err = b.ReadFiles(ctx, p, 0); n != 1 || len(got) != 0 || err != aionet.ErrFilesLost {
			t.Errorf("none of three: %d bytes, %d files, %v", n, len(got), err)
		}
		send()
		if n, err := b.ReadContext(ctx, p); n != 1 || err != nil {
			t.Errorf("a plain read: %d, %v", n, err)
		}
		send() // and nobody reads it
		return nil
	})
}

func TestAsManyFilesPassAsTheSystemAllows(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the bound is another")
	}
	f := fileWith(t, []byte("x"))
	many := make([]*os.File, 254)
	for i := range many {
		many[i] = f
	}
	withPair(t, func(ctx context.Context, a, b *aionet.Conn) error {
		if _, err := a.WriteFiles(ctx, []byte("x"), many...); !errors.Is(err, syscall.EINVAL) {
			t.Errorf("254: %v", err)
		}
		if _, err := a.WriteFiles(ctx, []byte("x"), many[:253]...); err != nil {
			t.Errorf("253: %v", err)
		}
		_, got, err := b.ReadFiles(ctx, make([]byte, 1), 1000)
		if len(got) != 253 || err != nil {
			t.Errorf("%d came, %v", len(got), err)
		}
		for _, f := range got {
			f.Close()
		}
		return nil
	})
}

func TestFilesThatFindNoRoomAreToldOf(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the system tells in another way")
	}
	files := someFiles(t, 3)
	withPair(t, func(ctx context.Context, a, b *aionet.Conn) error {
		if _, err := a.WriteFiles(ctx, []byte("x"), files...); err != nil {
			return err
		}
		if err := b.SetReadDeadline(asyncio.Now(ctx).Add(time.Hour)); err != nil {
			return err
		}
		var old syscall.Rlimit
		if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &old); err != nil {
			return err
		}
		next, err := os.Open(os.DevNull) // the lowest number that is free
		if err != nil {
			return err
		}
		lower := old
		set(&lower.Cur, next.Fd()+1)
		next.Close()
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &lower); err != nil {
			return err
		}
		n, got, err := b.ReadFiles(ctx, make([]byte, 1), 3)
		syscall.Setrlimit(syscall.RLIMIT_NOFILE, &old)
		if n != 1 || len(got) >= 3 || err != aionet.ErrFilesLost {
			t.Errorf("%d bytes, %d files, %v", n, len(got), err)
		}
		for _, f := range got {
			f.Close()
		}
		return nil
	})
}

// set is an assignment to a limit, whose type is one or the other by system.
func set[T int64 | uint64](limit *T, n uintptr) { *limit = T(n) }

func TestFilesGoWithTheFirstByteOfALongWrite(t *testing.T) {
	files := someFiles(t, 1)
	content := pattern(2<<20, 7)
	withPair(t, func(ctx context.Context, a, b *aionet.Conn) error {
		writing := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
			return a.WriteFiles(ctx, content, files...)
		})
		p := make([]byte, 1)
		n, got, err := b.ReadFiles(ctx, p, 1)
		if n != 1 || p[0] != content[0] || len(got) != 1 || err != nil {
			t.Fatalf("first: %d bytes, %d files, %v", n, len(got), err)
		}
		got[0].Close()
		rest := make([]byte, len(content)-1)
		if _, err := io.ReadFull(b, rest); err != nil {
			return err
		}
		n, err = writing.Await(ctx)
		if n != len(content) || string(rest) != string(content[1:]) {
			t.Errorf("wrote %d, %v", n, err)
		}
		return err
	})
}

func TestACancelledWriteOfFilesLeavesAPartialStream(t *testing.T) {
	files := someFiles(t, 1)
	withPair(t, func(ctx context.Context, a, b *aionet.Conn) error {
		limited, timeout := asyncio.WithTimeout(ctx, 30*time.Millisecond)
		defer timeout.Cancel()
		n, err := a.WriteFiles(limited, pattern(8<<20, 7), files...)
		if n == 0 || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("wrote %d, %v", n, err)
		}
		if _, err := a.WriteFiles(ctx, []byte("x"), files...); err != aionet.ErrPartialWrite {
			t.Errorf("and then: %v", err)
		}
		return nil
	})
}

func TestAReadOfFilesWaitsAndIsCancelled(t *testing.T) {
	files := someFiles(t, 1)
	withPair(t, func(ctx context.Context, a, b *aionet.Conn) error {
		limited, timeout := asyncio.WithTimeout(ctx, time.Millisecond)
		defer timeout.Cancel()
		if _, _, err := b.ReadFiles(limited, make([]byte, 1), 1); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("nothing has come: %v", err)
		}
		asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := a.WriteFiles(ctx, []byte("x"), files...)
			return err
		})
		_, got, err := b.ReadFiles(ctx, make([]byte, 1), 1)
		if len(got) != 1 {
			return err
		}
		return got[0].Close()
	})
}

func TestWhatIsWrongWithPassingFilesIsSaid(t *testing.T) {
	closed := fileWith(t, nil)
	closed.Close()
	onLoop(t, func(ctx context.Context) error {
		a, b, err := aionet.Pair(ctx)
		if err != nil {
			return err
		}
		defer b.Close()
		if _, err := a.WriteFiles(ctx, []byte("x"), closed); !errors.Is(err, os.ErrClosed) {
			t.Errorf("a closed file: %v", err)
		}
		if _, err := a.WriteFiles(ctx, nil); !errors.Is(err, syscall.EINVAL) {
			t.Errorf("no data: %v", err)
		}
		a.Close()
		if _, err := a.WriteFiles(ctx, []byte("x")); !errors.Is(err, net.ErrClosed) {
			t.Errorf("a closed connection: %v", err)
		}
		if _, _, err := a.ReadFiles(ctx, nil, 1); !errors.Is(err, net.ErrClosed) {
			t.Errorf("a closed connection: %v", err)
		}
		if _, err := a.PeerCredentials(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("a closed connection: %v", err)
		}
		c, d := connPair(ctx, t, "tcp")
		defer c.Close()
		defer d.Close()
		for what, err := range map[string]error{
			"WriteFiles":      func() error { _, err := c.WriteFiles(ctx, []byte("x")); return err }(),
			"ReadFiles":       func() error { _, _, err := c.ReadFiles(ctx, nil, 1); return err }(),
			"PeerCredentials": func() error { _, err := c.PeerCredentials(); return err }(),
		} {
			if !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), "tcp") {
				t.Errorf("%s on TCP: %v", what, err)
			}
		}
		return nil
	})
}

func TestTheSystemVouchesForThePeer(t *testing.T) {
	withPair(t, func(ctx context.Context, a, _ *aionet.Conn) error {
		got, err := a.PeerCredentials()
		if errors.Is(err, errors.ErrUnsupported) && runtime.GOOS != "linux" {
			t.Skip(err)
		}
		want := aionet.Credentials{PID: os.Getpid(), UID: os.Getuid(), GID: os.Getgid()}
		if runtime.GOOS != "linux" {
			want.PID = 0
		}
		if got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		return err
	})
}
