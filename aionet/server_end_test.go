package aionet_test

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
)

// A handler that returns nil is called again when there is data, so where there will
// never be any it must not be called for ever.
func TestAServerThatStartsOnDataLetsAConnectionGoAtItsEnd(t *testing.T) {
	var calls int
	untilEnd := func(ctx context.Context, c aionet.Stream) error {
		calls++
		if _, err := c.ReadContext(ctx, make([]byte, 10)); err != io.EOF {
			return err
		}
		return nil
	}
	closing := func(ctx context.Context, c aionet.Stream) error {
		calls++
		return c.Close()
	}
	for name, test := range map[string]struct {
		handler func(context.Context, aionet.Stream) error
		most    int
	}{
		"that the handler has read":        {untilEnd, 2},
		"that io.Copy has read":            {func(ctx context.Context, c aionet.Stream) error { calls++; return echo(ctx, c) }, 1},
		"that the handler has made itself": {closing, 1},
	} {
		for _, kind := range []string{"tcp", "memory"} {
			t.Run(kind+", "+name, func(t *testing.T) {
				calls = 0
				onLoop(t, func(ctx context.Context) error {
					l, dial := serverOf(ctx, t, kind)
					s := &aionet.Server{Handler: test.handler, StartOnData: true}
					server := asyncio.Go(ctx, func(ctx context.Context) error { return s.Serve(ctx, l) })
					c := dial(ctx)
					c.WriteContext(ctx, []byte("x"))
					c.CloseWrite()
					for calls == 0 || s.Conns() > 0 {
						if asyncio.Sleep(ctx, time.Millisecond); calls > test.most {
							break
						}
					}
					if calls > test.most {
						t.Errorf("the handler was called %d times", calls)
					}
					c.Close()
					s.Close()
					server.Await(ctx)
					return nil
				})
			})
		}
	}
}

// serverOf is a listener of a kind and what dials it.
func serverOf(ctx context.Context, t *testing.T, kind string) (net.Listener, func(ctx context.Context) aionet.Stream) {
	t.Helper()
	if kind == "memory" {
		l := aionet.ListenMemory(ctx, "server", 1, 100)
		return l, func(ctx context.Context) aionet.Stream {
			c, err := l.Dial(ctx)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
	}
	l, err := aionet.Listen(ctx, kind, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l, func(ctx context.Context) aionet.Stream {
		c, err := aionet.Dial(ctx, kind, l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
}

// The handler ends after the server has stopped to accept: there is nobody left to
// start it again.
func TestAConnectionThatWouldRestIsClosedWhereTheServerHasEndedMeanwhile(t *testing.T) {
	ends := map[string]func(ctx context.Context, s *aionet.Server, serve *asyncio.Task[struct{}]){
		"by a shutdown": func(ctx context.Context, s *aionet.Server, _ *asyncio.Task[struct{}]) {
			asyncio.Go(ctx, func(ctx context.Context) error { return s.Shutdown(ctx) })
		},
		"by a cancellation": func(_ context.Context, _ *aionet.Server, serve *asyncio.Task[struct{}]) { serve.Cancel(nil) },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			onLoop(t, func(ctx context.Context) error {
				l, dial := serverOf(ctx, t, "tcp")
				var begun asyncio.Event
				s := &aionet.Server{StartOnData: true, Handler: func(ctx context.Context, c aionet.Stream) error {
					c.ReadContext(ctx, make([]byte, 1))
					begun.Set()
					asyncio.Sleep(context.WithoutCancel(ctx), 10*time.Millisecond)
					return nil
				}}
				server := asyncio.Go(ctx, func(ctx context.Context) error { return s.Serve(ctx, l) })
				c := dial(ctx)
				defer c.Close()
				c.WriteContext(ctx, []byte("x"))
				begun.Wait(ctx)
				end(ctx, s, server)
				server.Await(ctx)
				if s.Conns() != 0 {
					t.Errorf("%d connections are left", s.Conns())
				}
				c.SetReadDeadline(asyncio.Now(ctx).Add(5 * time.Second))
				if _, err := c.ReadContext(ctx, make([]byte, 1)); err != io.EOF {
					t.Errorf("the client read %v", err)
				}
				return nil
			})
		})
	}
}

func TestTwoListenersShareTheRoomForConnections(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		most, served := 0, 0
		s := &aionet.Server{MaxConns: 1}
		s.Handler = func(ctx context.Context, c aionet.Stream) error {
			most = max(most, s.Conns())
			served++
			return asyncio.Sleep(ctx, time.Second)
		}
		var listeners []*aionet.MemoryListener
		var servers []*asyncio.Task[struct{}]
		for range 3 {
			l := aionet.ListenMemory(ctx, "server", 10, 0)
			listeners = append(listeners, l)
			servers = append(servers, asyncio.Go(ctx, func(ctx context.Context) error { return s.Serve(ctx, l) }))
		}
		asynciotest.WaitIdle(ctx) // all of them accept
		for _, l := range listeners {
			for range 2 {
				c, err := l.Dial(ctx)
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
			}
		}
		asyncio.Sleep(ctx, 3500*time.Millisecond)
		if most != 1 || served != 4 {
			t.Errorf("%d connections at a time, want 1; %d were served in 3.5 s, want 4", most, served)
		}
		// One server that gives up in the moment in which there is room takes it from nobody.
		servers[0].Cancel(nil)
		asyncio.Sleep(ctx, 10*time.Second)
		s.Close()
		for _, server := range servers {
			server.Await(ctx)
		}
		if s.Conns() != 0 || most != 1 {
			t.Errorf("%d connections are left, %d at a time", s.Conns(), most)
		}
	})
}

func TestAHandlerMayShutItsServerDown(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		l := aionet.ListenMemory(ctx, "server", 10, 100)
		var waited []time.Duration
		s := new(aionet.Server)
		s.Handler = func(ctx context.Context, c aionet.Stream) error {
			b := make([]byte, 1)
			if _, err := c.ReadContext(ctx, b); err != nil {
				return err
			}
			if b[0] == 'w' { // works for a while
				return asyncio.Sleep(ctx, time.Minute)
			}
			start := asyncio.Now(ctx)
			err := s.Shutdown(ctx)
			waited = append(waited, asyncio.Now(ctx).Sub(start))
			c.WriteContext(ctx, []byte("bye"))
			return err
		}
		server := asyncio.Go(ctx, func(ctx context.Context) error { return s.Serve(ctx, l) })
		var clients []*aionet.MemoryConn
		for _, what := range []string{"w", "s", "s"} {
			c, err := l.Dial(ctx)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			c.WriteContext(ctx, []byte(what))
			clients = append(clients, c)
		}
		for _, c := range clients[1:] {
			if said, err := io.ReadAll(c); string(said) != "bye" || err != nil {
				t.Errorf("the client that asked for it got %q, %v", said, err)
			}
		}
		if _, err := server.Await(ctx); !errors.Is(err, aionet.ErrServerClosed) {
			t.Errorf("Serve returned %v", err)
		}
		if len(waited) != 2 || waited[0] != time.Minute || waited[1] != time.Minute {
			t.Errorf("the handlers waited %v for the third", waited)
		}
	})
}

func TestAHandlersShutdownThatTakesTooLongCutsOffTheOthers(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		l := aionet.ListenMemory(ctx, "server", 10, 100)
		s := new(aionet.Server)
		var of error
		s.Handler = func(ctx context.Context, c aionet.Stream) error {
			b := make([]byte, 1)
			if c.ReadContext(ctx, b); b[0] == 'w' {
				return asyncio.Sleep(context.WithoutCancel(ctx), time.Hour)
			}
			bound, timeout := asyncio.WithTimeout(ctx, time.Second)
			defer timeout.Cancel()
			of = s.Shutdown(bound)
			_, err := c.WriteContext(ctx, []byte("bye"))
			return err
		}
		server := asyncio.Go(ctx, func(ctx context.Context) error { return s.Serve(ctx, l) })
		worker, _ := l.Dial(ctx)
		worker.WriteContext(ctx, []byte("w"))
		asker, _ := l.Dial(ctx)
		asker.WriteContext(ctx, []byte("s"))
		if said, err := io.ReadAll(asker); string(said) != "bye" || err != nil || !errors.Is(of, context.DeadlineExceeded) {
			t.Errorf("the client that asked got %q, %v, and its handler %v", said, err, of)
		}
		if _, err := worker.Read(make([]byte, 1)); err == nil || err == io.EOF {
			t.Errorf("the other got %v, want a reset", err)
		}
		asker.Close()
		worker.Close()
		server.Await(ctx)
	})
}

func TestAServerOutlivesAnOnErrorThatPanics(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		l := aionet.ListenMemory(ctx, "server", 10, 100)
		s := &aionet.Server{
			OnError: func(asyncio.Report) { panic("in OnError") },
			Handler: func(ctx context.Context, c aionet.Stream) error {
				b := make([]byte, 1)
				c.ReadContext(ctx, b)
				if b[0] == 'p' {
					panic("in the handler")
				}
				_, err := c.WriteContext(ctx, b)
				return errors.Join(err, errors.New("to be reported"))
			},
		}
		server := asyncio.Go(ctx, func(ctx context.Context) error { return s.Serve(ctx, l) })
		for _, what := range []string{"p", "x", "x"} {
			c, err := l.Dial(ctx)
			if err != nil {
				t.Fatal(err)
			}
			c.WriteContext(ctx, []byte(what))
			if said, _ := io.ReadAll(c); what == "x" && string(said) != "x" {
				t.Errorf("got %q", said)
			}
			c.Close()
		}
		s.Close()
		if _, err := server.Await(ctx); !errors.Is(err, aionet.ErrServerClosed) {
			t.Errorf("Serve returned %v", err)
		}
	})
}
