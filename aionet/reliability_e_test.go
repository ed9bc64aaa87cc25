//go:build (linux || darwin || freebsd || openbsd || netbsd || dragonfly) && !asyncio_portable

package aionet_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

// spins checks that the loop sleeps while nothing happens: in so many milliseconds it
// may turn a few times, but not all the time.
func spins(ctx context.Context, t *testing.T, d *watched, when string) error {
	t.Helper()
	before := d.waits
	if err := asyncio.Sleep(ctx, 20*time.Millisecond); err != nil {
		return err
	}
	if waits := d.waits - before; waits > 20 {
		t.Errorf("%s: the loop turned %d times in 20 ms in which nothing happened", when, waits)
	}
	return nil
}

func TestReliabilityE6_AHalfClosedConnectionDoesNotKeepTheLoopBusy(t *testing.T) {
	for _, network := range []string{"tcp4", "unix"} {
		t.Run(network, func(t *testing.T) {
			onWatchedLoop(t, func(ctx context.Context, d *watched) error {
				a, b, err := connectedPair(ctx, t, network)
				if err != nil {
					return err
				}
				defer a.Close()
				defer b.Close()
				// Both sides wait, so that both are watched; then one ends.
				reading := asyncio.CreateTask(ctx, func(context.Context) (int, error) { return a.Read(make([]byte, 1)) })
				writing := asyncio.CreateTask(ctx, func(context.Context) (int, error) { return b.Write(make([]byte, 32<<20)) })
				if _, err := b.ReadContext(ctx, nil); err != nil {
					return err
				}
				if err := spins(ctx, t, d, "with data that nobody reads"); err != nil {
					return err
				}
				if err := a.CloseWrite(); err != nil {
					return err
				}
				if err := spins(ctx, t, d, "after the peer's end, with a writer that waits"); err != nil {
					return err
				}
				if n, err := b.ReadContext(ctx, make([]byte, 1)); n != 0 || err != io.EOF {
					t.Errorf("read %d, %v", n, err)
				}
				if _, err := reading.Await(ctx); err != nil {
					return err
				}
				if err := a.Close(); err != nil {
					return err
				}
				if _, err := writing.Await(ctx); err == nil {
					t.Error("a write to a closed peer has succeeded")
				}
				return spins(ctx, t, d, "after the peer has closed")
			})
		})
	}
}

func TestReliabilityE7_AResetIsAnErrorAndNoSignal(t *testing.T) {
	onWatchedLoop(t, func(ctx context.Context, _ *watched) error {
		a, b, err := connectedPair(ctx, t, "tcp4")
		if err != nil {
			return err
		}
		defer b.Close()
		if _, err := a.WriteContext(ctx, []byte("unread")); err != nil {
			return err
		}
		if err := a.Abort(); err != nil {
			return err
		}
		// Whether what had come before the reset can still be read is the system's
		// affair: on Linux it can, on the BSDs it is gone. Then comes the reset.
		got, err := io.ReadAll(b)
		var op *net.OpError
		if !errors.Is(err, syscall.ECONNRESET) || !errors.As(err, &op) || op.Op != "read" {
			t.Errorf("got %v; want ECONNRESET in a net.OpError", err)
		}
		if len(got) > 0 && string(got) != "unread" {
			t.Errorf("read %q", got)
		}
		for range 3 { // each of which would raise SIGPIPE
			if _, err := b.WriteContext(ctx, []byte("x")); !errors.Is(err, syscall.EPIPE) && !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("a write after the reset: %v", err)
			}
		}
		return nil
	})
}

// A real peer on a goroutine of its own sends as fast as it can.
func TestReliabilityA9E12_AFloodDoesNotKeepOtherConnectionsFromTheirEcho(t *testing.T) {
	onWatchedLoop(t, func(ctx context.Context, _ *watched) error {
		l, err := aionet.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer l.Close()
		flooding := asyncio.CreateTask(ctx, func(ctx context.Context) (int64, error) {
			return asyncio.ToThread(ctx, func(context.Context) (int64, error) { return floodUntilClosed(l.Addr().String()) })
		})
		source, err := l.AcceptContext(ctx)
		if err != nil {
			return err
		}
		defer source.Close()
		moved := 0
		drain := asyncio.Go(ctx, func(ctx context.Context) error {
			buf := make([]byte, 64<<10)
			for {
				n, err := source.ReadContext(ctx, buf)
				if moved += n; err != nil {
					return err
				}
			}
		})
		worst, err := echoBeside(ctx, t, &moved)
		if err != nil {
			return err
		}
		// An echo takes some rounds; in each the flood may take a fair share.
		if worst > 16<<20 {
			t.Errorf("%d bytes of the flood went by during one echo", worst)
		}
		drain.Cancel(nil)
		drain.Join(ctx)
		source.Close()
		if sent, err := flooding.Await(ctx); err == nil || sent == 0 {
			t.Errorf("the flood sent %d bytes and ended with %v", sent, err)
		}
		return nil
	})
}

func floodUntilClosed(address string) (sent int64, err error) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	for buf := make([]byte, 1<<20); ; {
		n, err := c.Write(buf)
		if sent += int64(n); err != nil {
			return sent, err
		}
	}
}

// echoBeside makes 200 echoes and returns how much moved at most during one.
func echoBeside(ctx context.Context, t *testing.T, moved *int) (worst int, err error) {
	a, b, err := connectedPair(ctx, t, "tcp4")
	if err != nil {
		return 0, err
	}
	defer a.Close()
	defer b.Close()
	echo := asyncio.Go(ctx, func(ctx context.Context) error {
		_, err := io.Copy(b.WithContext(ctx), b.WithContext(ctx))
		return err
	})
	buf := make([]byte, 10)
	for range 200 {
		before := *moved
		if _, err := a.WriteContext(ctx, buf); err != nil {
			return 0, err
		}
		if _, err := io.ReadFull(a.WithContext(ctx), buf); err != nil {
			return 0, err
		}
		worst = max(worst, *moved-before)
	}
	if err := a.CloseWrite(); err != nil {
		return 0, err
	}
	_, err = echo.Await(ctx)
	return worst, err
}

func TestReliabilityE14_AConnectionThatFailsSaysWhyAndLeavesNothing(t *testing.T) {
	refused := func(ctx context.Context) (string, error) { // a port that was free a moment ago
		l, err := aionet.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return "", err
		}
		return l.Addr().String(), l.Close()
	}

	t.Run("refused", func(t *testing.T) {
		onWatchedLoop(t, func(ctx context.Context, _ *watched) error {
			address, err := refused(ctx)
			if err != nil {
				return err
			}
			c, err := aionet.Dial(ctx, "tcp", address)
			var op *net.OpError
			if c != nil || !errors.Is(err, syscall.ECONNREFUSED) || !errors.As(err, &op) || op.Op != "dial" || op.Addr.String() != address {
				t.Errorf("got %v, %v", c, err)
			}
			return nil
		})
	})

	t.Run("a Unix socket that is not there", func(t *testing.T) {
		onWatchedLoop(t, func(ctx context.Context, _ *watched) error {
			if _, err := aionet.Dial(ctx, "unix", t.TempDir()+"/none"); !errors.Is(err, syscall.ENOENT) {
				t.Errorf("got %v", err)
			}
			return nil
		})
	})

	t.Run("B12: cancelled at every point, with a peer that answers", func(t *testing.T) {
		onWatchedLoop(t, func(ctx context.Context, _ *watched) error {
			l, err := aionet.Listen(ctx, "tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			defer l.Close()
			made := 0
			for rounds := range 40 {
				scope, cancel := asyncio.WithCancel(ctx)
				after(ctx, rounds%10, func() { cancel(nil) })
				c, err := aionet.Dial(scope, "tcp", l.Addr().String())
				switch {
				case err == nil:
					made++
					if err := c.Close(); err != nil {
						return err
					}
				case !errors.Is(err, context.Canceled):
					t.Errorf("cancelled after %d rounds: %v", rounds%10, err)
				}
				cancel(nil)
			}
			t.Logf("%d of 40 were made before they were cancelled", made)
			return nil
		})
	})

	t.Run("B12: a peer that never answers, under a timeout", func(t *testing.T) {
		onWatchedLoop(t, func(ctx context.Context, _ *watched) error {
			address, fill, err := silentListener(ctx)
			if err != nil {
				return err
			}
			defer fill()
			for range 3 {
				short, timeout := asyncio.WithTimeout(ctx, 20*time.Millisecond)
				c, err := aionet.Dial(short, "tcp", address)
				timeout.Cancel()
				if c != nil || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v, %v", c, err)
				}
			}
			return nil
		})
	})
}

// after calls f after so many rounds.
func after(ctx context.Context, rounds int, f func()) {
	if rounds == 0 {
		f()
		return
	}
	asyncio.CallSoon(ctx, func() { after(ctx, rounds-1, f) })
}

// silentListener is the address of a listener whose queue is full, so that the system
// answers nobody any more. Where it answers all the same the test is skipped.
func silentListener(ctx context.Context) (address string, release func(), err error) {
	l, err := (&aionet.ListenConfig{Backlog: 1}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	conns := []io.Closer{l}
	release = func() {
		for _, c := range conns {
			c.Close()
		}
	}
	for range 100 {
		short, timeout := asyncio.WithTimeout(ctx, 50*time.Millisecond)
		c, err := aionet.Dial(short, "tcp", l.Addr().String())
		timeout.Cancel()
		if err != nil {
			return l.Addr().String(), release, nil
		}
		conns = append(conns, c)
	}
	release()
	return "", nil, fmt.Errorf("%w: this system answers more clients than the queue holds", errors.ErrUnsupported)
}
