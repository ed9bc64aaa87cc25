//go:build (linux || darwin || freebsd || openbsd || netbsd || dragonfly) && !asyncio_portable

package aionet_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
)

// fdOf is the number of the connection's descriptor.
func fdOf(c *aionet.Conn) (fd int, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, err
	}
	return fd, raw.Control(func(n uintptr) { fd = int(n) })
}

func TestReliabilityF1_AnEventDoesNotReachTheNextOwnerOfANumber(t *testing.T) {
	onWatchedLoop(t, func(ctx context.Context, _ *watched) error {
		for i := range 20 {
			if err := reuseNumber(ctx, t); err != nil {
				return fmt.Errorf("round %d: %w", i, err)
			}
		}
		return nil
	})
}

// reuseNumber makes two connections ready in one poll. The task of the first closes
// the second, whose event is still to be delivered, and opens a third, which gets its
// number.
func reuseNumber(ctx context.Context, t *testing.T) error {
	a1, b1, err := connectedPair(ctx, t, "unix")
	if err != nil {
		return err
	}
	defer a1.Close()
	defer b1.Close()
	a2, b2, err := connectedPair(ctx, t, "unix")
	if err != nil {
		return err
	}
	defer a2.Close()
	number, err := fdOf(b2)
	if err != nil {
		return err
	}
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		g.Go(func(ctx context.Context) error {
			if _, err := b1.ReadContext(ctx, make([]byte, 1)); err != nil {
				return err
			}
			if err := b2.Close(); err != nil {
				return err
			}
			return awaitQuiet(ctx, t, number)
		})
		g.Go(func(ctx context.Context) error { // has b2 watched
			if _, err := b2.ReadContext(ctx, make([]byte, 1)); err != nil && !isClosed(err) {
				return err
			}
			return nil
		})
		if err := asynciotest.WaitIdle(ctx); err != nil {
			return err
		}
		if _, err := a1.WriteContext(ctx, []byte("x")); err != nil {
			return err
		}
		_, err := a2.WriteContext(ctx, []byte("x"))
		return err
	})
}

// awaitQuiet opens connections until one has the number, and checks that a read of it
// waits for data of its own.
func awaitQuiet(ctx context.Context, t *testing.T, number int) error {
	a, b, err := connectedPair(ctx, t, "unix")
	if err != nil {
		return err
	}
	defer a.Close()
	defer b.Close()
	fds := map[int][2]*aionet.Conn{}
	for _, c := range [][2]*aionet.Conn{{a, b}, {b, a}} {
		fd, err := fdOf(c[0])
		if err != nil {
			return err
		}
		fds[fd] = c
	}
	c, ok := fds[number]
	if !ok {
		c = [2]*aionet.Conn{a, b} // the listener had it: no harm either
	}
	short, timeout := asyncio.WithTimeout(ctx, time.Millisecond)
	defer timeout.Cancel()
	if n, err := c[0].ReadContext(short, make([]byte, 1)); n != 0 || !timeout.Caused(err) {
		return fmt.Errorf("a new connection has read %d, %w", n, err)
	}
	if _, err := c[1].WriteContext(ctx, []byte("y")); err != nil {
		return err
	}
	_, err = c[0].ReadContext(ctx, make([]byte, 1))
	return err
}

func isClosed(err error) bool { return errors.Is(err, net.ErrClosed) }

func TestReliabilityF2_ADuplicateOfAClosedConnectionDoesNotKeepTheLoopBusy(t *testing.T) {
	onWatchedLoop(t, func(ctx context.Context, d *watched) error {
		a, b, err := connectedPair(ctx, t, "tcp4")
		if err != nil {
			return err
		}
		defer a.Close()
		number, err := fdOf(b)
		if err != nil {
			return err
		}
		duplicate, err := unix.Dup(number)
		if err != nil {
			return err
		}
		defer unix.Close(duplicate)
		short, timeout := asyncio.WithTimeout(ctx, time.Millisecond) // to have it watched
		_, err = b.ReadContext(short, make([]byte, 1))
		timeout.Cancel()
		if !timeout.Caused(err) {
			return err
		}
		if err := b.Close(); err != nil {
			return err
		}
		if _, err := a.WriteContext(ctx, make([]byte, 1000)); err != nil { // the duplicate keeps the connection open
			return err
		}
		return spins(ctx, t, d, "with a duplicate that is ready")
	})
}

func TestReliabilityF3_ADescriptorClosedBehindOurBackHarmsNobodyElse(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		a, b, err := connectedPair(ctx, t, "unix")
		if err != nil {
			return err
		}
		defer a.Close()
		number, err := fdOf(b)
		if err != nil {
			return err
		}
		reading := asyncio.CreateTask(ctx, func(context.Context) (int, error) { return b.Read(make([]byte, 1)) })
		if err := asynciotest.WaitIdle(ctx); err != nil {
			return err
		}
		if err := unix.Close(number); err != nil {
			return err
		}
		// The system tells nobody. The number goes to the next, and then b is lost.
		var next []*aionet.Conn
		for !reading.Done() && len(next) < 10 {
			x, y, err := connectedPair(ctx, t, "unix")
			if err != nil {
				return err
			}
			next = append(next, x, y)
		}
		if _, err := reading.Await(ctx); !isClosed(err) {
			t.Errorf("the read ended with %v", err)
		}
		b.Close() // must not close the number, which is another's now
		for i := 0; i < len(next); i += 2 {
			if _, err := next[i].WriteContext(ctx, []byte("x")); err != nil {
				t.Error(err)
			}
			if n, err := next[i+1].ReadContext(ctx, make([]byte, 1)); n != 1 || err != nil {
				t.Errorf("a connection opened later: %d, %v", n, err)
			}
			if err := errors.Join(next[i].Close(), next[i+1].Close()); err != nil {
				t.Error(err)
			}
		}
		return nil
	})
}

// Everything else in these files runs on watched drivers, which count closes, too.
func TestReliabilityF5_EachDescriptorIsClosedOnce(t *testing.T) {
	onWatchedLoop(t, func(ctx context.Context, d *watched) error {
		for range 20 {
			a, b, err := connectedPair(ctx, t, "tcp4")
			if err != nil {
				return err
			}
			reading := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
				defer a.Close() // where the other Close is under way already
				return a.Read(make([]byte, 1))
			})
			if err := asynciotest.WaitIdle(ctx); err != nil {
				return err
			}
			b.Abort()
			b.Close()
			a.Close()
			a.Abort()
			if _, err := reading.Await(ctx); err == nil {
				t.Error("the read has succeeded")
			}
		}
		if d.network.opened != 60 {
			t.Errorf("%d descriptors were opened; want 60, three for each pair", d.network.opened)
		}
		return nil
	})
}

func TestReliabilityF6_MoreDescriptorsAreReadyThanOnePollReturns(t *testing.T) {
	const pairs = 1100
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil || limit.Cur < 3*pairs {
		t.Skipf("%d descriptors are allowed here, %v", limit.Cur, err)
	}
	onWatchedLoop(t, func(ctx context.Context, _ *watched) error {
		l, err := aionet.Listen(ctx, "unix", address(t, "unix"))
		if err != nil {
			return err
		}
		defer l.Close()
		var near, far []*aionet.Conn
		defer func() {
			for _, c := range append(near, far...) {
				c.Close()
			}
		}()
		for range pairs {
			a, err := aionet.Dial(ctx, "unix", l.Addr().String())
			if err != nil {
				return err
			}
			near = append(near, a)
			b, err := l.AcceptContext(ctx)
			if err != nil {
				return err
			}
			far = append(far, b)
		}
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			for i, c := range far {
				g.Go(func(ctx context.Context) error {
					b := make([]byte, 1)
					if _, err := c.ReadContext(ctx, b); err != nil || b[0] != byte(i) {
						return fmt.Errorf("connection %d has read %v, %w", i, b, err)
					}
					return nil
				})
			}
			if err := asynciotest.WaitIdle(ctx); err != nil {
				return err
			}
			for i, c := range near {
				if _, err := c.WriteContext(ctx, []byte{byte(i)}); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

func TestReliabilityF8_NoDescriptorBlocksOrReachesAChild(t *testing.T) {
	onWatchedLoop(t, func(ctx context.Context, d *watched) error {
		l, err := aionet.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer l.Close()
		a, b, err := connectedPair(ctx, t, "unix")
		if err != nil {
			return err
		}
		defer a.Close()
		defer b.Close()
		u, err := aionet.ListenPacket(ctx, "udp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer u.Close()
		for fd := range d.network.open {
			flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
			if err != nil || flags&unix.FD_CLOEXEC == 0 {
				t.Errorf("descriptor %d would reach a child: %v", fd, err)
			}
			flags, err = unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
			if err != nil || flags&unix.O_NONBLOCK == 0 {
				t.Errorf("descriptor %d would block: %v", fd, err)
			}
		}
		if _, err := os.Stat("/proc/self/fd"); err != nil {
			return nil
		}
		sockets, err := asyncio.ToThread(ctx, func(context.Context) (string, error) {
			out, err := exec.Command("ls", "-l", "/proc/self/fd").Output()
			return string(out), err
		})
		if strings.Contains(sockets, "socket:") {
			t.Errorf("a child has sockets:\n%s", sockets)
		}
		return err
	})
}

func TestReliabilityF10_ReadersAndWritersOfOneDescriptorWakeIndependently(t *testing.T) {
	for _, network := range []string{"tcp4", "unix"} {
		t.Run(network, func(t *testing.T) {
			onWatchedLoop(t, func(ctx context.Context, d *watched) error {
				a, b, err := connectedPair(ctx, t, network)
				if err != nil {
					return err
				}
				defer a.Close()
				defer b.Close()
				const large = 16 << 20
				writing := asyncio.CreateTask(ctx, func(context.Context) (int, error) { return a.Write(make([]byte, large)) })
				for i := range 100 { // while the writer waits
					reading := asyncio.CreateTask(ctx, func(ctx context.Context) (byte, error) {
						p := make([]byte, 1)
						_, err := a.Read(p)
						return p[0], err
					})
					if err := asynciotest.WaitIdle(ctx); err != nil {
						return err
					}
					if _, err := b.WriteContext(ctx, []byte{byte(i)}); err != nil {
						return err
					}
					if got, err := reading.Await(ctx); err != nil || got != byte(i) {
						return fmt.Errorf("byte %d: got %d, %w", i, got, err)
					}
				}
				if writing.Done() {
					t.Error("the writer has ended, and nobody has read")
				}
				reading := asyncio.CreateTask(ctx, func(context.Context) (int, error) { return a.Read(make([]byte, 1)) })
				for got, buf := 0, make([]byte, 64<<10); got < large; { // while the reader waits
					n, err := b.ReadContext(ctx, buf)
					if err != nil {
						return err
					}
					got += n
				}
				if n, err := writing.Await(ctx); n != large || err != nil {
					t.Errorf("the writer: %d, %v", n, err)
				}
				if reading.Done() {
					t.Error("the reader has ended, and nobody has written")
				}
				if err := spins(ctx, t, d, "with a reader that waits"); err != nil {
					return err
				}
				reading.Cancel(nil)
				_, err = reading.Join(ctx)
				if !errors.Is(err, asyncio.ErrTaskCancelled) {
					return err
				}
				return nil
			})
		})
	}
}
