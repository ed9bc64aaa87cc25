//go:build !plan9 && !js && !wasip1

package aionet_test

import (
	"context"
	"errors"
	"net"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/internal/driver"
)

// A troubled listener fails before each of its connections.
type troubled struct {
	*aionet.MemoryListener
	errs  []error
	tried []time.Duration // when
	now   func() time.Duration
}

func (l *troubled) Accept() (net.Conn, error) {
	l.tried = append(l.tried, l.now())
	if len(l.errs) == 0 {
		return l.MemoryListener.Accept()
	}
	err := l.errs[0]
	l.errs = l.errs[1:]
	return nil, &net.OpError{Op: "accept", Net: "tcp", Err: os.NewSyscallError("accept4", err)}
}

// serveTroubled serves a client from a listener with those errors. It returns when the
// server has tried to accept, what it has reported, and how Serve has ended.
func serveTroubled(t *testing.T, errs ...error) (tried []time.Duration, reports int, ended error) {
	t.Helper()
	asynciotest.Run(t, func(ctx context.Context) {
		start := asyncio.Now(ctx)
		l := &troubled{
			MemoryListener: aionet.ListenMemory(ctx, "server", 1, 100), errs: errs,
			now: func() time.Duration { return asyncio.Now(ctx).Sub(start) },
		}
		s := &aionet.Server{Handler: echo, OnError: func(asyncio.Report) { reports++ }}
		server := asyncio.Go(ctx, func(ctx context.Context) error { return s.Serve(ctx, l) })
		c, err := l.Dial(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if asyncio.Sleep(ctx, time.Minute); !server.Done() {
			if got := say(ctx, t, c, "hello"); got != "hello" {
				t.Errorf("the client got %q", got)
			}
			s.Close()
		}
		_, ended = server.Await(ctx)
		tried = l.tried
	})
	return tried, reports, ended
}

func TestReliabilityD3_TheErrorsOfAccept(t *testing.T) {
	for _, errno := range []syscall.Errno{
		syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.EINTR, syscall.ECONNRESET,
		syscall.ECONNABORTED, syscall.EPROTO, syscall.EPERM, syscall.ENETDOWN, syscall.EHOSTUNREACH,
	} {
		t.Run("the server tries again after "+errno.Error(), func(t *testing.T) {
			tried, reports, ended := serveTroubled(t, errno, errno, errno)
			want := []time.Duration{0, 5 * time.Millisecond, 15 * time.Millisecond, 35 * time.Millisecond}
			if !slices.Equal(tried[:min(4, len(tried))], want) || len(tried) != 5 { // the fifth waits for another client
				t.Errorf("tried after %v, want %v and once more", tried, want)
			}
			if reports != 3 || !errors.Is(ended, aionet.ErrServerClosed) {
				t.Errorf("%d reports, Serve returned %v", reports, ended)
			}
		})
	}
	t.Run("the pauses have a longest", func(t *testing.T) {
		tried, _, _ := serveTroubled(t, slices.Repeat([]error{syscall.EMFILE}, 12)...)
		if d := tried[12] - tried[11]; d != time.Second {
			t.Errorf("the last pause was %v", d)
		}
	})
	for _, errno := range []syscall.Errno{syscall.EBADF, syscall.EINVAL, syscall.ENOTSOCK} {
		t.Run("the server ends with "+errno.Error(), func(t *testing.T) {
			tried, reports, ended := serveTroubled(t, errno)
			if len(tried) != 1 || reports != 0 || !errors.Is(ended, errno) {
				t.Errorf("tried after %v, %d reports, Serve returned %v", tried, reports, ended)
			}
		})
	}
}

// A scripted driver's network fails the first attempts to accept.
type scripted struct {
	driver.Driver
	errs []error
}

func (s *scripted) Network() driver.Network { return scriptedNetwork{s.Driver.Network(), s} }

type scriptedNetwork struct {
	driver.Network
	s *scripted
}

func (n scriptedNetwork) Accept(fd int) (int, driver.Addr, error) {
	if len(n.s.errs) > 0 {
		err := n.s.errs[0]
		n.s.errs = n.s.errs[1:]
		return -1, driver.Addr{}, err
	}
	return n.Network.Accept(fd)
}

func TestReliabilityD3_AListenerPassesOverClientsThatAreGone(t *testing.T) {
	real, err := driver.New()
	if err != nil {
		t.Fatal(err)
	}
	d := &scripted{Driver: real, errs: []error{syscall.ECONNABORTED, syscall.EPROTO, syscall.ECONNABORTED}}
	ctx := driver.NewContext(context.Background(), func() driver.Driver { return d })
	err = asyncio.Run(ctx, func(ctx context.Context) error {
		a, b, err := connectedPair(ctx, t, "tcp4")
		if err != nil {
			return err
		}
		return errors.Join(a.Close(), b.Close())
	})
	if err != nil || len(d.errs) != 0 {
		t.Errorf("error %v, %d errors are left", err, len(d.errs))
	}
}

func TestReliabilityD3_AStormOfClientsThatAreGoneDoesNotHoldTheLoop(t *testing.T) {
	real, err := driver.New()
	if err != nil {
		t.Fatal(err)
	}
	d := &scripted{Driver: real, errs: slices.Repeat([]error{syscall.ECONNABORTED}, 10_000)}
	ctx := driver.NewContext(context.Background(), func() driver.Driver { return d })
	turns := 0
	err = asyncio.Run(ctx, func(ctx context.Context) error {
		l, err := aionet.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer l.Close()
		acceptor := asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := l.AcceptContext(ctx)
			return err
		})
		for ; len(d.errs) > 0; turns++ {
			if err := asyncio.Yield(ctx); err != nil {
				return err
			}
		}
		acceptor.Cancel(nil)
		if _, err := acceptor.Await(ctx); !errors.Is(err, asyncio.ErrTaskCancelled) {
			t.Errorf("the cancelled acceptor: %v", err)
		}
		return nil
	})
	if err != nil || turns < 10_000/200 {
		t.Errorf("error %v; the other task had %d turns meanwhile", err, turns)
	}
}
