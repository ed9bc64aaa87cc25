//go:build (linux || darwin || freebsd || openbsd || netbsd || dragonfly) && !asyncio_portable

package faulty_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/internal/faulty"
	"github.com/goasyncio/asyncio/internal/inside"
)

// What a server does about each error of accept, three times in a row.
func TestReliabilityD3_EachErrorOfAcceptInAServer(t *testing.T) {
	const (
		passesOver = "tries again at once, and tells nobody"
		waits      = "waits a little, says so each time, and goes on"
		fails      = "ends, and says why"
	)
	for errno, want := range map[syscall.Errno]string{
		syscall.ECONNABORTED: passesOver,
		syscall.EPROTO:       passesOver,
		syscall.EMFILE:       waits,
		syscall.ENFILE:       waits,
		syscall.ENOBUFS:      waits,
		syscall.ENOMEM:       waits,
		syscall.EPERM:        waits, // a firewall has refused this client
		syscall.EHOSTUNREACH: waits,
		syscall.EINVAL:       fails,
		syscall.EBADF:        fails,
	} {
		t.Run(fmt.Sprintf("%v: it %s", errno, want), func(t *testing.T) {
			reports, err := acceptFailing(t, 3, errno)
			got := fails
			switch {
			case err == nil && len(reports) == 0:
				got = passesOver
			case err == nil && len(reports) == 3:
				got = waits
			case err == nil || !errors.Is(err, errno):
				got = fmt.Sprintf("ended with %v and reported %v", err, reports)
			}
			if got != want {
				t.Errorf("it %s", got)
			}
			for i, r := range reports {
				if !errors.Is(r.Err, errno) || !strings.Contains(r.Message, "cannot accept") {
					t.Errorf("report %d: %s: %v", i, r.Message, r.Err)
				}
			}
		})
	}
}

// acceptFailing serves a client whose connection can be accepted only after so many
// failures. A server that goes on must serve it.
func acceptFailing(t *testing.T, times int, errno syscall.Errno) (reports []asyncio.Report, err error) {
	t.Helper()
	world, err := faulty.New()
	if err != nil {
		t.Fatal(err)
	}
	world.Plan = func(c faulty.Call) faulty.Outcome {
		if c.Verb == faulty.Accept && c.N <= times {
			return faulty.Outcome{Err: errno}
		}
		return faulty.Outcome{}
	}
	ctx := inside.WithAudit(world.Context(context.Background()), func(b inside.Books) {
		if err := b.Err(); err != nil {
			t.Error(err)
		}
	})
	err = asyncio.Run(ctx, func(ctx context.Context) error {
		ctx, timeout := asyncio.WithTimeout(ctx, hang)
		defer timeout.Cancel()
		s := &aionet.Server{Handler: func(ctx context.Context, c aionet.Stream) error { return echo(ctx, c) }}
		s.OnError = func(r asyncio.Report) { reports = append(reports, r) }
		l, err := listen(ctx, "", "tcp")
		if err != nil {
			return err
		}
		served := asyncio.CreateTask(ctx, func(ctx context.Context) (struct{}, error) { return struct{}{}, s.Serve(ctx, l) })
		failed := echoOnce(ctx, l.Addr().String())
		if failed == nil {
			failed = s.Shutdown(ctx)
		} else { // the server has ended, or should have
			asyncio.Sleep(ctx, 10*time.Millisecond)
			s.Close()
		}
		if _, err := served.Join(ctx); err != aionet.ErrServerClosed {
			return err
		}
		return failed
	})
	if err := world.Err(); err != nil {
		t.Error(err)
	}
	return reports, err
}

func echoOnce(ctx context.Context, address string) error {
	c, err := aionet.Dial(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer c.Close()
	return exchangeOn(ctx, c, 100, 100)
}
