//go:build (linux || darwin || freebsd || openbsd || netbsd || dragonfly) && !asyncio_portable

package asyncio_test

import (
	"context"
	"errors"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// sockets is a pair of connected, non-blocking sockets.
func sockets(t *testing.T) (a, b int) {
	t.Helper()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		syscall.SetNonblock(fd, true)
	}
	t.Cleanup(func() { syscall.Close(fds[0]); syscall.Close(fds[1]) })
	return fds[0], fds[1]
}

func descriptor(t *testing.T, ctx context.Context, fd int) *asyncio.Descriptor {
	t.Helper()
	d, err := asyncio.OpenDescriptor(ctx, fd)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// onLoop runs main on a real loop; the test fails with its error.
func onLoop(t *testing.T, main func(ctx context.Context) error) {
	t.Helper()
	defer asynciotest.CheckLeaks(t)()
	if err := asyncio.Run(context.Background(), main); err != nil {
		t.Error(err)
	}
}

// read reads n bytes as a task does: try, and wait where that would block.
func read(ctx context.Context, d *asyncio.Descriptor, fd, n int) (string, error) {
	buf := make([]byte, n)
	for have := 0; have < n; {
		k, err := syscall.Read(fd, buf[have:])
		switch {
		case err == syscall.EAGAIN:
			if err := d.WaitReadable(ctx); err != nil {
				return string(buf[:have]), err
			}
		case err != nil:
			return string(buf[:have]), err
		case k == 0:
			return string(buf[:have]), errors.New("end")
		default:
			have += k
		}
	}
	return string(buf), nil
}

func TestDescriptorATaskWaitsAndTheOthersRun(t *testing.T) {
	a, b := sockets(t)
	onLoop(t, func(ctx context.Context) error {
		d := descriptor(t, ctx, a)
		defer d.Close()
		reader := asyncio.CreateTask(ctx, func(ctx context.Context) (string, error) { return read(ctx, d, a, 10) })
		for range 10 {
			if err := asyncio.Sleep(ctx, 100*time.Microsecond); err != nil {
				return err
			}
			syscall.Write(b, []byte("x"))
		}
		got, err := reader.Await(ctx)
		if got != "xxxxxxxxxx" {
			t.Errorf("read %q", got)
		}
		return err
	})
}

func TestDescriptorTheWriterWaitsForItsPeer(t *testing.T) {
	a, b := sockets(t)
	const total = 4 << 20
	onLoop(t, func(ctx context.Context) error {
		w, r := descriptor(t, ctx, a), descriptor(t, ctx, b)
		defer w.Close()
		defer r.Close()
		waits := 0
		writer := asyncio.Go(ctx, func(ctx context.Context) error {
			for left := make([]byte, total); len(left) > 0; {
				n, err := syscall.Write(a, left)
				if err == syscall.EAGAIN {
					waits++
					if err := w.WaitWritable(ctx); err != nil {
						return err
					}
					continue
				} else if err != nil {
					return err
				}
				left = left[n:]
			}
			return nil
		})
		if got, err := read(ctx, r, b, total); err != nil || len(got) != total {
			t.Errorf("read %d bytes, error %v", len(got), err)
		}
		if waits == 0 {
			t.Error("the writer never waited")
		}
		_, err := writer.Await(ctx)
		return err
	})
}

func TestDescriptorOneReaderAndOneWriterAtATime(t *testing.T) {
	a, _ := sockets(t)
	onLoop(t, func(ctx context.Context) error {
		d := descriptor(t, ctx, a)
		defer d.Close()
		first := asyncio.Go(ctx, d.WaitReadable)
		asyncio.Yield(ctx)
		if err := d.WaitReadable(ctx); !errors.Is(err, asyncio.ErrBusy) {
			t.Errorf("a second reader got %v", err)
		}
		if err := d.WaitWritable(ctx); err != nil {
			t.Errorf("a writer beside the reader got %v", err)
		}
		if first.Done() {
			t.Error("the writer's event ended the reader's wait")
		}
		return nil
	})
}

func TestDescriptorACancelledWaitTakesNothing(t *testing.T) {
	a, b := sockets(t)
	onLoop(t, func(ctx context.Context) error {
		d := descriptor(t, ctx, a)
		defer d.Close()
		for range 100 {
			_, err := asyncio.WaitFor(ctx, 10*time.Microsecond, func(ctx context.Context) (struct{}, error) {
				return struct{}{}, d.WaitReadable(ctx)
			})
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error %v", err)
			}
		}
		reader := asyncio.Go(ctx, d.WaitReadable)
		asyncio.Yield(ctx)
		syscall.Write(b, []byte("x"))
		asyncio.Sleep(ctx, time.Millisecond)
		reader.Cancel(nil)
		got, err := read(ctx, d, a, 1)
		if got != "x" {
			t.Errorf("read %q", got)
		}
		return err
	})
}

func TestDescriptorCloseEndsTheWaits(t *testing.T) {
	a, _ := sockets(t)
	onLoop(t, func(ctx context.Context) error {
		d := descriptor(t, ctx, a)
		waiter := asyncio.Go(ctx, d.WaitReadable)
		asyncio.Yield(ctx)
		for range 2 {
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		}
		if _, err := waiter.Await(ctx); !errors.Is(err, net.ErrClosed) {
			t.Errorf("the waiter got %v", err)
		}
		if err := d.WaitWritable(ctx); !errors.Is(err, net.ErrClosed) {
			t.Errorf("a later wait got %v", err)
		}
		return nil
	})
}

// The number of a descriptor that was closed behind our back comes back as somebody
// else's: the old owner's waits end, and the new owner is not disturbed.
func TestDescriptorALaterOwnerOfTheNumber(t *testing.T) {
	a, _ := sockets(t)
	c, d := sockets(t)
	onLoop(t, func(ctx context.Context) error {
		number, err := syscall.Dup(a)
		if err != nil {
			return err
		}
		old := descriptor(t, ctx, number)
		waiter := asyncio.Go(ctx, old.WaitReadable)
		asyncio.Yield(ctx)
		syscall.Close(number)

		if err := syscall.Dup2(c, number); err != nil {
			return err
		}
		defer syscall.Close(number)
		owner := descriptor(t, ctx, number)
		defer owner.Close()
		if _, err := waiter.Await(ctx); !errors.Is(err, net.ErrClosed) {
			t.Errorf("the old owner's wait ended with %v", err)
		}
		old.Close()
		syscall.Write(d, []byte("x"))
		return owner.WaitReadable(ctx)
	})
}

func TestDescriptorAClosedOneDoesNotSpin(t *testing.T) {
	a, _ := sockets(t)
	onLoop(t, func(ctx context.Context) error {
		number, err := syscall.Dup(a)
		if err != nil {
			return err
		}
		d := descriptor(t, ctx, number)
		waiter := asyncio.Go(ctx, d.WaitReadable)
		asyncio.Yield(ctx)
		syscall.Close(number) // without telling
		asyncio.Sleep(ctx, 2*time.Millisecond)
		if waiter.Done() {
			t.Error("the wait ended by itself")
		}
		waiter.Cancel(nil)
		waiter.Await(ctx)
		return d.Close()
	})
}

func TestDescriptorWhatCannotBeWaitedForIsRefused(t *testing.T) {
	file, err := os.Open(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	onLoop(t, func(ctx context.Context) error {
		if _, err := asyncio.OpenDescriptor(ctx, -1); !errors.Is(err, net.ErrClosed) {
			t.Errorf("number -1: %v", err)
		}
		if _, err := asyncio.OpenDescriptor(ctx, 1<<20); !errors.Is(err, syscall.EBADF) {
			t.Errorf("a number that is not open: %v", err)
		}
		raw, _ := file.SyscallConn()
		raw.Control(func(fd uintptr) {
			_, err = asyncio.OpenDescriptor(ctx, int(fd))
		})
		if err == nil {
			t.Error("a regular file was accepted")
		}
		return nil
	})
	asynciotest.Run(t, func(ctx context.Context) {
		if _, err := asyncio.OpenDescriptor(ctx, 0); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("under a virtual clock: %v", err)
		}
	})
}

func TestDescriptorManyAreReadyAtOnce(t *testing.T) {
	var pairs [300][2]int
	for i := range pairs {
		pairs[i][0], pairs[i][1] = sockets(t)
	}
	onLoop(t, func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			for _, p := range pairs {
				d := descriptor(t, ctx, p[0])
				g.Go(func(ctx context.Context) error {
					defer d.Close()
					return d.WaitReadable(ctx)
				})
			}
			asyncio.Yield(ctx)
			for _, p := range pairs {
				syscall.Write(p[1], []byte("x"))
			}
			return nil
		})
	})
}

func TestDescriptorANewReaderIsNotDisturbedByACancelledOne(t *testing.T) {
	a, b := sockets(t)
	onLoop(t, func(ctx context.Context) error {
		d := descriptor(t, ctx, a)
		defer d.Close()
		first := asyncio.Go(ctx, d.WaitReadable)
		if err := asyncio.Sleep(ctx, time.Millisecond); err != nil {
			return err
		}
		first.Cancel(nil) // it has left the descriptor, and not run yet
		asyncio.CallLater(ctx, time.Millisecond, func() { syscall.Write(b, []byte("x")) })
		ctx, timeout := asyncio.WithTimeout(ctx, 5*time.Second)
		defer timeout.Cancel()
		return d.WaitReadable(ctx)
	})
}

func TestDescriptorOfAnotherLoopIsRefused(t *testing.T) {
	a, _ := sockets(t)
	onLoop(t, func(ctx context.Context) error {
		d := descriptor(t, ctx, a)
		defer d.Close()
		return asyncio.Run(context.Background(), func(ctx context.Context) error {
			if err := d.WaitReadable(ctx); !errors.Is(err, asyncio.ErrOtherLoop) {
				t.Errorf("WaitReadable returned %v", err)
			}
			return nil
		})
	})
}
