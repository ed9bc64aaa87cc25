package aionet_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
)

// serving runs s on a listener of the loop while body runs.
func serving(ctx context.Context, t *testing.T, s *aionet.Server, body func(ctx context.Context, dial func() aionet.Stream)) {
	t.Helper()
	l, err := aionet.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := asyncio.Go(ctx, func(ctx context.Context) error { return s.Serve(ctx, l) })
	body(ctx, func() aionet.Stream {
		c, err := aionet.Dial(ctx, "tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		return c
	})
	s.Close()
	if _, err := server.Await(ctx); !errors.Is(err, aionet.ErrServerClosed) {
		t.Errorf("Serve returned %v", err)
	}
}

// echo sends back what comes, until the end.
func echo(ctx context.Context, c aionet.Stream) error {
	bound := aionet.Bind(ctx, c)
	_, err := io.Copy(bound, bound)
	return err
}

// say writes a line and reads as many bytes as the line has.
func say(ctx context.Context, t *testing.T, c aionet.Stream, line string) string {
	t.Helper()
	bound := aionet.Bind(ctx, c)
	if _, err := io.WriteString(bound, line); err != nil {
		t.Error(err)
	}
	answer := make([]byte, len(line))
	if _, err := io.ReadFull(bound, answer); err != nil {
		t.Error(err)
	}
	return string(answer)
}

func TestAServerServesItsClientsSideBySide(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		s := &aionet.Server{Handler: echo}
		serving(ctx, t, s, func(ctx context.Context, dial func() aionet.Stream) {
			a, b := dial(), dial()
			defer a.Close()
			defer b.Close()
			for _, c := range []aionet.Stream{a, b, a} {
				if got := say(ctx, t, c, "hello"); got != "hello" {
					t.Errorf("got %q", got)
				}
			}
			if s.Conns() != 2 {
				t.Errorf("%d connections are open", s.Conns())
			}
		})
		return nil
	})
}

func TestReliabilityD6AHandlerThatPanicsOrFailsEndsItsConnectionAndNoOther(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		var reports []asyncio.Report
		s := &aionet.Server{
			OnError: func(r asyncio.Report) { reports = append(reports, r) },
			Handler: func(ctx context.Context, c aionet.Stream) error {
				buf := make([]byte, 1)
				for {
					if _, err := c.ReadContext(ctx, buf); err != nil {
						return err
					}
					switch buf[0] {
					case 'p':
						panic("on request")
					case 'e':
						return errors.New("an error of the handler")
					}
					c.WriteContext(ctx, buf)
				}
			},
		}
		serving(ctx, t, s, func(ctx context.Context, dial func() aionet.Stream) {
			steady := dial()
			defer steady.Close()
			for _, what := range []string{"p", "e"} {
				c := dial()
				c.WriteContext(ctx, []byte(what))
				if n, err := c.ReadContext(ctx, make([]byte, 1)); n != 0 || err == nil {
					t.Errorf("after %q the connection gave %d bytes, error %v", what, n, err)
				}
				c.Close()
			}
			if got := say(ctx, t, steady, "x"); got != "x" {
				t.Errorf("the other connection gave %q", got)
			}
		})
		if len(reports) != 2 || !bytes.Contains(reports[0].Stack, []byte("server_test.go")) || reports[1].Err.Error() != "an error of the handler" {
			t.Errorf("reports: %+v", reports)
		}
		return nil
	})
}

func TestReliabilityD5TheBoundOnConnectionsCountsUntilTheHandlerEnds(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		most, now := 0, 0
		s := &aionet.Server{MaxConns: 2, Handler: func(ctx context.Context, c aionet.Stream) error {
			now++
			most = max(most, now)
			defer func() { now-- }()
			err := echo(ctx, c)
			asyncio.Sleep(ctx, time.Millisecond) // the connection has ended, the handler has not
			return err
		}}
		serving(ctx, t, s, func(ctx context.Context, dial func() aionet.Stream) {
			asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
				for range 20 {
					c := dial()
					g.Go(func(ctx context.Context) error {
						defer c.Close()
						say(ctx, t, c, "x")
						return nil
					})
				}
				return nil
			})
		})
		if most != 2 {
			t.Errorf("%d handlers at a time", most)
		}
		return nil
	})
}

func TestReliabilityI2ShutdownLetsHandlersFinishAndThenCutsThemOff(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		finished, cancelled := 0, 0
		s := &aionet.Server{Handler: func(ctx context.Context, c aionet.Stream) error {
			buf := make([]byte, 4)
			if _, err := io.ReadFull(aionet.Bind(ctx, c), buf); err != nil {
				return err
			}
			d := time.Millisecond
			if string(buf) == "slow" {
				d = time.Hour
			}
			if err := asyncio.Sleep(ctx, d); err != nil {
				cancelled++
				return err
			}
			finished++
			_, err := c.WriteContext(ctx, []byte("done"))
			return err
		}}
		serving(ctx, t, s, func(ctx context.Context, dial func() aionet.Stream) {
			quick, slow := dial(), dial()
			defer quick.Close()
			defer slow.Close()
			quick.WriteContext(ctx, []byte("fast"))
			slow.WriteContext(ctx, []byte("slow"))
			asyncio.Sleep(ctx, time.Millisecond)
			short, timeout := asyncio.WithTimeout(ctx, 50*time.Millisecond)
			defer timeout.Cancel()
			for range 2 {
				if err := s.Shutdown(short); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("Shutdown returned %v", err)
				}
			}
			if got, _ := io.ReadAll(quick); string(got) != "done" {
				t.Errorf("the quick client got %q", got)
			}
			if got, err := io.ReadAll(slow); len(got) != 0 {
				t.Errorf("the slow client got %q, %v", got, err)
			}
		})
		if finished != 1 || cancelled != 1 {
			t.Errorf("%d finished, %d were cancelled", finished, cancelled)
		}
		return nil
	})
}

func TestAnIdleConnectionIsClosedAfterItsTimeAndABusyOneIsNot(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		s := &aionet.Server{Handler: echo, IdleTimeout: 30 * time.Millisecond, OnError: func(r asyncio.Report) { t.Errorf("reported: %+v", r) }}
		serving(ctx, t, s, func(ctx context.Context, dial func() aionet.Stream) {
			idle, busy := dial(), dial()
			defer idle.Close()
			defer busy.Close()
			over := asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := idle.ReadContext(ctx, make([]byte, 1))
				return err
			})
			for !over.Done() {
				say(ctx, t, busy, "x")
				asyncio.Sleep(ctx, time.Millisecond)
			}
			if _, err := over.Await(ctx); err != io.EOF {
				t.Errorf("the idle client got %v", err)
			}
			if got := say(ctx, t, busy, "still here"); got != "still here" {
				t.Errorf("the busy client got %q", got)
			}
		})
		return nil
	})
}

func TestAConnectionThatStartsOnDataHasNoTaskWhileItIsIdle(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		calls := 0
		s := &aionet.Server{StartOnData: true, Handler: func(ctx context.Context, c aionet.Stream) error {
			calls++
			buf := make([]byte, 3) // less than what comes: the rest is new data
			n, err := c.ReadContext(ctx, buf)
			if err != nil {
				return err
			}
			_, err = c.WriteContext(ctx, buf[:n])
			return err
		}}
		serving(ctx, t, s, func(ctx context.Context, dial func() aionet.Stream) {
			clients := []aionet.Stream{dial(), dial(), dial()}
			for s.Conns() < len(clients) {
				asyncio.Sleep(ctx, time.Millisecond)
			}
			for _, line := range []string{"ab", strings.Repeat("0123456789", 10), "x"} {
				for _, c := range clients {
					if got := say(ctx, t, c, line); got != line {
						t.Errorf("got %q", got)
					}
				}
				asyncio.Sleep(ctx, time.Millisecond)
				if n := len(asyncio.AllTasks(ctx)); n != 3 { // this one, Serve's and the one that accepts
					t.Errorf("%d tasks while all are idle", n)
				}
			}
			if want := 3 * (1 + 34 + 1); calls != want {
				t.Errorf("%d calls of the handler, want %d", calls, want)
			}
			clients[0].Close()
			for s.Conns() != 2 {
				asyncio.Sleep(ctx, time.Millisecond)
			}
			defer clients[1].Close()
			defer clients[2].Close()
		})
		return nil
	})
}

func TestAServerThatIsCancelledLeavesNothing(t *testing.T) {
	for _, onData := range []bool{false, true} {
		onLoop(t, func(ctx context.Context) error {
			l, err := aionet.Listen(ctx, "tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			s := &aionet.Server{Handler: echo, StartOnData: onData}
			server := asyncio.Go(ctx, func(ctx context.Context) error { return s.Serve(ctx, l) })
			c, err := aionet.Dial(ctx, "tcp", l.Addr().String())
			if err != nil {
				return err
			}
			defer c.Close()
			for s.Conns() == 0 {
				asyncio.Sleep(ctx, time.Millisecond)
			}
			server.Cancel(nil)
			server.Await(ctx)
			if _, err := c.ReadContext(ctx, make([]byte, 1)); err == nil {
				t.Error("the connection is still open")
			}
			if _, err := aionet.Dial(ctx, "tcp", l.Addr().String()); err == nil {
				t.Error("the listener is still open")
			}
			return nil
		})
	}
}

func TestAServerOfMemoryStreams(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		l := aionet.ListenMemory(ctx, "server", 0, 0)
		s := &aionet.Server{Handler: echo}
		server := asyncio.Go(ctx, func(ctx context.Context) error { return s.Serve(ctx, l) })
		c, err := l.Dial(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if got := say(ctx, t, c, "hello"); got != "hello" {
			t.Errorf("got %q", got)
		}
		s.Close()
		server.Await(ctx)
	})
}

func TestAServerRefusesAListenerThatWouldBlockTheLoop(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	onLoop(t, func(ctx context.Context) error {
		err := (&aionet.Server{Handler: echo}).Serve(ctx, l)
		if err == nil || !strings.Contains(err.Error(), "aionet.Listen") {
			t.Errorf("error %v", err)
		}
		return nil
	})
}

// strangers gives connections of package net, whose reads would block the loop.
type strangers struct {
	*aionet.MemoryListener
	given bool
}

func (s *strangers) Accept() (net.Conn, error) {
	if s.given {
		return s.MemoryListener.Accept()
	}
	s.given = true
	c, _ := net.Pipe()
	return c, nil
}

func TestAServerRefusesAConnectionThatWouldBlockTheLoop(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var said []asyncio.Report
		s := &aionet.Server{Handler: echo, OnError: func(r asyncio.Report) { said = append(said, r) }}
		l := &strangers{MemoryListener: aionet.ListenMemory(ctx, "server", 0, 0)}
		server := asyncio.Go(ctx, func(ctx context.Context) error { return s.Serve(ctx, l) })
		asynciotest.WaitIdle(ctx)
		s.Close()
		server.Await(ctx)
		if len(said) != 1 || !strings.Contains(said[0].Message, "aionet") {
			t.Errorf("reports: %+v", said)
		}
	})
}
