package aionet_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
)

// dialTLS connects to a listener below a TLS listener.
func dialTLS(ctx context.Context, l *aionet.MemoryListener) (*aionet.TLSConn, error) {
	c, err := l.Dial(ctx)
	if err != nil {
		return nil, err
	}
	return aionet.TLSClient(ctx, c, clientConfig())
}

func listenTLS(ctx context.Context, t *testing.T, opts ...aionet.TLSOption) (*aionet.TLSListener, *aionet.MemoryListener) {
	t.Helper()
	below := aionet.ListenMemory(ctx, "server", 100, aionet.DefaultBuffer)
	l, err := aionet.ListenTLS(ctx, below, serverConfig(), opts...)
	if err != nil {
		t.Fatal(err)
	}
	return l, below
}

func TestATLSListener(t *testing.T) {
	virtually(t, "G3: accepts a client while others are silent", func(ctx context.Context, t *testing.T) {
		var failed []error
		l, below := listenTLS(ctx, t, aionet.OnHandshakeError(func(_ net.Addr, err error) { failed = append(failed, err) }))
		for range 50 {
			below.Dial(ctx)
		}
		client := asyncio.Go(ctx, func(ctx context.Context) error {
			c, err := dialTLS(ctx, below)
			if err == nil {
				write(ctx, t, c, "hello")
			}
			return err
		})
		start := asyncio.Now(ctx)
		s, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		wantRead(ctx, t, s.(aionet.Stream), "hello")
		if took := asyncio.Now(ctx).Sub(start); took != 0 {
			t.Errorf("it took %v", took)
		}
		client.Await(ctx)
		asyncio.Sleep(ctx, aionet.DefaultHandshakeTimeout)
		if len(failed) != 50 {
			t.Errorf("%d handshakes failed, want 50", len(failed))
		}
		for _, err := range failed {
			wantErr(t, "a silent client's handshake", err, os.ErrDeadlineExceeded)
		}
		l.Close()
	})
	virtually(t, "G3: has a bound on handshakes, and goes on when one has ended", func(ctx context.Context, t *testing.T) {
		l, below := listenTLS(ctx, t, aionet.Handshakes(2), aionet.HandshakeTimeout(3*time.Second))
		for range 2 {
			below.Dial(ctx)
		}
		start := asyncio.Now(ctx)
		client := asyncio.Go(ctx, func(ctx context.Context) error { _, err := dialTLS(ctx, below); return err })
		if _, err := l.AcceptContext(ctx); err != nil {
			t.Error(err)
		}
		if took := asyncio.Now(ctx).Sub(start); took != 3*time.Second {
			t.Errorf("it took %v: two silent clients hold the two places for 3s", took)
		}
		client.Await(ctx)
		l.Close()
	})
	virtually(t, "keeps connections that nobody accepts within its bound", func(ctx context.Context, t *testing.T) {
		l, below := listenTLS(ctx, t, aionet.Handshakes(2))
		accepting := asyncio.Go(ctx, func(ctx context.Context) error { _, err := l.AcceptContext(ctx); return err })
		asynciotest.WaitIdle(ctx)
		accepting.Cancel(nil) // the listener has begun, and the place is given back
		accepting.Await(ctx)
		var done int
		for range 4 {
			asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := dialTLS(ctx, below)
				if err == nil {
					done++
				}
				return nil
			})
		}
		asyncio.Sleep(ctx, time.Second)
		if done != 2 {
			t.Errorf("%d handshakes are over, want 2", done)
		}
		for range 4 {
			if _, err := l.AcceptStream(ctx); err != nil {
				t.Error(err)
			}
		}
		l.Close()
	})
	virtually(t, "at Close ends what is under way and resets what nobody accepted", func(ctx context.Context, t *testing.T) {
		l, below := listenTLS(ctx, t)
		connect := func(ctx context.Context) (*aionet.TLSConn, error) { return dialTLS(ctx, below) }
		first := asyncio.CreateTask(ctx, connect)
		if _, err := l.AcceptContext(ctx); err != nil {
			t.Error(err)
		}
		first.Await(ctx)
		forgotten, err := connect(ctx)
		wantErr(t, "the second handshake", err, nil)
		silent, _ := below.Dial(ctx)
		asynciotest.WaitIdle(ctx)
		wantErr(t, "Close", l.Close(), nil)
		wantErr(t, "second Close", l.Close(), net.ErrClosed)
		_, err = l.AcceptContext(ctx)
		wantErr(t, "Accept", err, net.ErrClosed)
		_, err = below.Dial(ctx)
		wantErr(t, "Dial", err, syscall.ECONNREFUSED)
		_, err = readString(ctx, forgotten, 1)
		wantErr(t, "read of the client that nobody accepted", err, syscall.ECONNRESET)
		_, err = readString(ctx, silent, 1)
		wantErr(t, "read of the silent client", err, io.EOF)
	})
	virtually(t, "at Close ends an Accept that waits", func(ctx context.Context, t *testing.T) {
		l, _ := listenTLS(ctx, t)
		waiting := asyncio.Go(ctx, func(ctx context.Context) error { _, err := l.AcceptContext(ctx); return err })
		asynciotest.WaitIdle(ctx)
		l.Close()
		_, err := waiting.Await(ctx)
		wantErr(t, "Accept", err, net.ErrClosed)
	})
	virtually(t, "returns an error of the listener below once and then tries again", func(ctx context.Context, t *testing.T) {
		below := &moody{MemoryListener: aionet.ListenMemory(ctx, "server", 1, aionet.DefaultBuffer), errs: 2}
		l, err := aionet.ListenTLS(ctx, below, serverConfig())
		if err != nil {
			t.Fatal(err)
		}
		client := asyncio.Go(ctx, func(ctx context.Context) error { _, err := dialTLS(ctx, below.MemoryListener); return err })
		for range 2 {
			_, err := l.AcceptContext(ctx)
			wantErr(t, "Accept", err, syscall.EMFILE)
		}
		_, err = l.AcceptContext(ctx)
		wantErr(t, "the third Accept", err, nil)
		client.Await(ctx)
		l.Close()
	})
	virtually(t, "N4: outlives a function of the config that panics", func(ctx context.Context, t *testing.T) {
		var failed []error
		below := aionet.ListenMemory(ctx, "server", 1, aionet.DefaultBuffer)
		config := serverConfig()
		config.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
			if len(failed) == 0 {
				panic("on the first client")
			}
			return nil, nil
		}
		l, err := aionet.ListenTLS(ctx, below, config, aionet.Handshakes(1),
			aionet.OnHandshakeError(func(_ net.Addr, err error) { failed = append(failed, err) }))
		if err != nil {
			t.Fatal(err)
		}
		clients := asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := dialTLS(ctx, below)
			wantErr(t, "the first client's handshake", err, io.ErrUnexpectedEOF)
			_, err = dialTLS(ctx, below)
			return err
		})
		if _, err := l.AcceptContext(ctx); err != nil {
			t.Error(err)
		}
		if _, err := clients.Await(ctx); err != nil {
			t.Error(err)
		}
		var p *asyncio.PanicError
		if len(failed) != 1 || !errors.As(failed[0], &p) || p.Value != "on the first client" {
			t.Errorf("reported: %v", failed)
		}
		l.Close()
	})
	virtually(t, "ends with the context under which it was made", func(ctx context.Context, t *testing.T) {
		inner, cancel := asyncio.WithCancel(ctx)
		l, below := listenTLS(inner, t)
		waiting := asyncio.Go(ctx, func(ctx context.Context) error { _, err := l.AcceptContext(ctx); return err })
		asynciotest.WaitIdle(ctx)
		cancel(nil)
		_, err := waiting.Await(ctx)
		wantErr(t, "Accept", err, net.ErrClosed)
		_, err = below.Dial(ctx)
		wantErr(t, "Dial", err, syscall.ECONNREFUSED)
	})
	virtually(t, "refuses a config that cannot work", func(ctx context.Context, t *testing.T) {
		below := aionet.ListenMemory(ctx, "server", 1, 0)
		for _, opts := range [][]aionet.TLSOption{{aionet.Handshakes(0)}, {aionet.Handshakes(-1)}} {
			if _, err := aionet.ListenTLS(ctx, below, serverConfig(), opts...); err == nil {
				t.Error("no error")
			}
		}
		if _, err := aionet.ListenTLS(ctx, below, nil); err == nil {
			t.Error("no error without a config")
		}
		_, err := aionet.ListenTLS(context.Background(), below, serverConfig())
		wantErr(t, "without a loop", err, asyncio.ErrNoLoop)
	})
}

// moody is a listener that lacks descriptors at first.
type moody struct {
	*aionet.MemoryListener
	errs int
}

func (l *moody) AcceptStream(ctx context.Context) (aionet.Stream, error) {
	if l.errs > 0 {
		l.errs--
		return nil, os.NewSyscallError("accept", syscall.EMFILE)
	}
	return l.MemoryListener.AcceptStream(ctx)
}

// Wherever a cancellation comes, every client is served or is told that it is not.
func TestSweepATLSListener(t *testing.T) {
	asynciotest.Sweep(t, func(ctx context.Context, trial *asynciotest.Trial) error {
		l, below := listenTLS(ctx, t, aionet.Handshakes(1))
		served := 0
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			g.Go(func(ctx context.Context) error {
				defer l.Close()
				for {
					s, err := l.AcceptContext(ctx)
					if err != nil {
						return nil
					}
					s.WriteContext(ctx, []byte("served"))
					s.Close()
				}
			})
			g.Go(func(ctx context.Context) error {
				defer l.Close() // with the last client
				return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
					for range 2 {
						g.Go(func(ctx context.Context) error {
							c, err := dialTLS(ctx, below)
							if err != nil {
								return nil
							}
							defer c.Close()
							if text, _ := readString(ctx, c, 10); text == "served" {
								served++
							}
							return nil
						})
					}
					return nil
				})
			})
			return nil
		})
		if trial.Undisturbed() && served != 2 {
			t.Errorf("%d clients were served", served)
		}
		return err
	})
}
