//go:build linux || darwin || freebsd || openbsd || netbsd || dragonfly

package aionet_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestPairsBehaveAsStreams(t *testing.T) {
	asynciotest.TestStream(t, func(ctx context.Context) (_, _ asynciotest.Stream, err error) {
		return aionet.Pair(ctx)
	}, unixTraits)
}

func TestConnectionsOfPackageNetThatWereAdoptedBehaveAsStreams(t *testing.T) {
	for _, network := range []string{"tcp4", "tcp6", "unix"} {
		t.Run(network, func(t *testing.T) {
			traits := asynciotest.Trait(0)
			if network == "unix" {
				traits = unixTraits
			}
			asynciotest.TestStream(t, func(ctx context.Context) (_, _ asynciotest.Stream, err error) {
				x, y := netPair(t, network)
				a, err := aionet.Adopt(ctx, x)
				if err != nil {
					return nil, nil, err
				}
				b, err := aionet.Adopt(ctx, y)
				return a, b, err
			}, traits)
		})
	}
}

// netPair is two ends of a connection of package net.
func netPair(t *testing.T, network string) (a, b net.Conn) {
	t.Helper()
	l, err := net.Listen(network, address(t, network))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if a, err = net.Dial(network, l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if b, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	return a, b
}

func TestAdoptTakesTheConnectionOver(t *testing.T) {
	x, y := netPair(t, "tcp")
	defer y.Close()
	onLoop(t, func(ctx context.Context) error {
		c, err := aionet.Adopt(ctx, x)
		if err != nil {
			return err
		}
		defer c.Close()
		if c.LocalAddr().String() != y.RemoteAddr().String() || c.RemoteAddr().String() != y.LocalAddr().String() {
			t.Errorf("addresses %v and %v; the peer has %v and %v", c.LocalAddr(), c.RemoteAddr(), y.LocalAddr(), y.RemoteAddr())
		}
		if _, err := c.Write([]byte("hello")); err != nil {
			t.Error(err)
		}
		got := make([]byte, 5)
		if _, err := io.ReadFull(y, got); err != nil || string(got) != "hello" {
			t.Errorf("the peer read %q, %v", got, err)
		}
		return nil
	})
}

func TestAdoptClosesTheOriginal(t *testing.T) {
	if portable {
		t.Skip("the portable driver goes on with the original itself")
	}
	x, y := netPair(t, "unix")
	defer y.Close()
	onLoop(t, func(ctx context.Context) error {
		c, err := aionet.Adopt(ctx, x)
		if err != nil {
			return err
		}
		defer c.Close()
		if _, err := x.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
			t.Errorf("the original says %v, want that it is closed", err)
		}
		return nil
	})
}

func TestAdoptRefusesWhatItCannotTake(t *testing.T) {
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	closed, peer := netPair(t, "tcp")
	closed.Close()
	peer.Close()
	onLoop(t, func(ctx context.Context) error {
		for _, c := range []net.Conn{a, udp.(net.Conn)} {
			if _, err := aionet.Adopt(ctx, c); !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), "*net.TCPConn") {
				t.Errorf("%T: %v", c, err)
			}
		}
		if portable {
			return nil // it finds out when it reads
		}
		if _, err := aionet.Adopt(ctx, closed); !errors.Is(err, net.ErrClosed) {
			t.Errorf("a closed one: %v", err)
		}
		return nil
	})
	if _, err := aionet.Adopt(context.Background(), a); !errors.Is(err, asyncio.ErrNoLoop) {
		t.Errorf("without a loop: %v", err)
	}
}

func TestFileIsADuplicate(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		a, b, err := aionet.Pair(ctx)
		if err != nil {
			return err
		}
		defer b.Close()
		f, err := a.File()
		if err != nil {
			return err
		}
		a.Close()
		if _, err := a.File(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("File of a closed connection: %v", err)
		}
		if _, err := f.WriteString("after Close"); err != nil {
			t.Errorf("the duplicate ended with the original: %v", err)
		}
		f.Close()
		got, err := io.ReadAll(b)
		if string(got) != "after Close" {
			t.Errorf("read %q", got)
		}
		return err
	})
}

func TestTheFileOfAListenerListensOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	onLoop(t, func(ctx context.Context) error {
		first, err := aionet.Listen(ctx, "unix", path)
		if err != nil {
			return err
		}
		f, err := first.File()
		if err != nil {
			return err
		}
		defer f.Close()
		first.SetUnlinkOnClose(false)
		first.Close()
		second, err := aionet.FileListener(ctx, f)
		if err != nil {
			return err
		}
		c, err := aionet.Dial(ctx, "unix", path)
		if err != nil {
			return err
		}
		defer c.Close()
		served, err := second.AcceptContext(ctx)
		if err != nil {
			return err
		}
		served.Close()
		second.Close()
		if _, err := os.Lstat(path); err != nil {
			t.Errorf("an adopted listener removed a file that it has not made: %v", err)
		}
		return nil
	})
}

func TestAPacketSocketIsDuplicatedAndAdopted(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		a, err := aionet.ListenPacket(ctx, "udp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		f, err := a.File()
		if err != nil {
			return err
		}
		defer f.Close()
		a.Close()
		b, err := aionet.FilePacketConn(ctx, f)
		if err != nil {
			return err
		}
		defer b.Close()
		if b.LocalAddr().String() != a.LocalAddr().String() {
			t.Errorf("its address is %v, was %v", b.LocalAddr(), a.LocalAddr())
		}
		if _, err := b.WriteTo([]byte("x"), b.LocalAddr()); err != nil {
			return err
		}
		_, from, err := b.ReadFrom(make([]byte, 1))
		if err == nil && from.String() != b.LocalAddr().String() {
			t.Errorf("a datagram to itself came from %v", from)
		}
		return err
	})
}
