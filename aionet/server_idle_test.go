package aionet_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
)

// Under a virtual clock: an idle time of five minutes takes none.
func TestAServerLetsGoOfIdleClientsOfEveryKind(t *testing.T) {
	for _, secure := range []bool{false, true} {
		t.Run(map[bool]string{false: "memory", true: "TLS"}[secure], func(t *testing.T) {
			asynciotest.Run(t, func(ctx context.Context) {
				below := aionet.ListenMemory(ctx, "server", 4, aionet.DefaultBuffer)
				var l net.Listener = below
				if secure {
					var err error
					if l, err = aionet.ListenTLS(ctx, below, serverConfig()); err != nil {
						t.Fatal(err)
					}
				}
				s := &aionet.Server{Handler: echo, OnError: func(r asyncio.Report) { t.Errorf("reported: %+v", r) }}
				serving := asyncio.Go(ctx, func(ctx context.Context) error { return s.Serve(ctx, l) })
				idle := dialIdle(ctx, t, below, secure)
				busy := dialIdle(ctx, t, below, secure)
				began := asyncio.Now(ctx)
				over := asyncio.CreateTask(ctx, func(ctx context.Context) (time.Duration, error) {
					if _, err := idle.ReadContext(ctx, make([]byte, 1)); err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF) {
						t.Errorf("the idle client got %v", err)
					}
					return asyncio.Now(ctx).Sub(began), nil
				})
				for range 6 {
					asyncio.Sleep(ctx, time.Minute)
					if got := say(ctx, t, busy, "still here"); got != "still here" {
						t.Errorf("the busy client got %q", got)
					}
				}
				if took, err := over.Await(ctx); took < 5*time.Minute || took > 5*time.Minute+time.Second || err != nil {
					t.Errorf("the idle client was let go after %v (%v), want five minutes", took, err)
				}
				idle.Close()
				busy.Close()
				s.Close()
				serving.Await(ctx)
			})
		})
	}
}

func dialIdle(ctx context.Context, t *testing.T, l *aionet.MemoryListener, secure bool) aionet.Stream {
	t.Helper()
	c, err := l.Dial(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if !secure {
		return c
	}
	s, err := aionet.TLSClient(ctx, c, clientConfig())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheIdleTimeoutOfAMemoryStream(t *testing.T) {
	var asked []byte
	for name, test := range map[string]func(ctx context.Context, near, far *aionet.MemoryConn) (time.Duration, error){
		"ends a read that has to wait": func(ctx context.Context, near, far *aionet.MemoryConn) (time.Duration, error) {
			_, err := near.ReadContext(ctx, asked)
			return time.Minute, err
		},
		"begins anew with each read": func(ctx context.Context, near, far *aionet.MemoryConn) (time.Duration, error) {
			asyncio.CallLater(ctx, 50*time.Second, func() { asyncio.Go(ctx, func(context.Context) error { _, err := far.Write([]byte("x")); return err }) })
			if _, err := near.ReadContext(ctx, asked); err != nil {
				return 0, err
			}
			_, err := near.ReadContext(ctx, asked)
			return 110 * time.Second, err
		},
		"does not count while nobody reads": func(ctx context.Context, near, far *aionet.MemoryConn) (time.Duration, error) {
			asyncio.Sleep(ctx, time.Hour)
			_, err := near.ReadContext(ctx, asked)
			return time.Hour + time.Minute, err
		},
		"gives way to a deadline": func(ctx context.Context, near, far *aionet.MemoryConn) (time.Duration, error) {
			near.SetReadDeadline(asyncio.Now(ctx).Add(time.Hour))
			_, err := near.ReadContext(ctx, asked)
			return time.Hour, err
		},
		"is back when the deadline is taken away": func(ctx context.Context, near, far *aionet.MemoryConn) (time.Duration, error) {
			near.SetReadDeadline(asyncio.Now(ctx).Add(time.Hour))
			near.SetReadDeadline(time.Time{})
			_, err := near.ReadContext(ctx, asked)
			return time.Minute, err
		},
		"holds for the reads after it": func(ctx context.Context, near, far *aionet.MemoryConn) (time.Duration, error) {
			near.ReadContext(ctx, asked)
			_, err := near.ReadContext(ctx, asked)
			return time.Minute, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			asynciotest.Run(t, func(ctx context.Context) {
				asked = make([]byte, 1)
				near, far := aionet.Pipe(ctx, 16)
				near.SetIdleTimeout(time.Minute)
				began := asyncio.Now(ctx)
				want, err := test(ctx, near, far)
				if took := asyncio.Now(ctx).Sub(began); !errors.Is(err, os.ErrDeadlineExceeded) || took != want {
					t.Errorf("%v after %v, want the end of the time after %v", err, took, want)
				}
				near.SetIdleTimeout(0)
				asyncio.CallLater(ctx, time.Hour, func() { far.Close() })
				if _, err := near.ReadContext(ctx, asked); err != io.EOF {
					t.Errorf("without a limit the read ended with %v", err)
				}
				near.Close()
			})
		})
	}
}
