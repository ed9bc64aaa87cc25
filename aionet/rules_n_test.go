package aionet_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

// connected is both ends of a TCP connection on the loop.
func connected(ctx context.Context, t *testing.T) (client, server *aionet.Conn) {
	t.Helper()
	l, err := aionet.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if client, err = aionet.Dial(ctx, "tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if server, err = l.AcceptContext(ctx); err != nil {
		t.Fatal(err)
	}
	return client, server
}

func TestRuleN1OneReaderAndOneWriterAtATime(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		a, b := connected(ctx, t)
		defer b.Close()
		reader := asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := a.ReadContext(ctx, make([]byte, 1))
			return err
		})
		writer := asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := a.WriteContext(ctx, make([]byte, 64<<20))
			return err
		})
		asyncio.Sleep(ctx, 5*time.Millisecond)
		if _, err := a.ReadContext(ctx, make([]byte, 1)); !errors.Is(err, asyncio.ErrBusy) {
			t.Errorf("a second reader got %v", err)
		}
		if _, err := a.WriteContext(ctx, []byte("x")); !errors.Is(err, asyncio.ErrBusy) {
			t.Errorf("a second writer got %v", err)
		}
		a.Close()
		for _, task := range []*asyncio.Task[struct{}]{reader, writer} {
			if _, err := task.Await(ctx); !errors.Is(err, net.ErrClosed) {
				t.Errorf("Close ended the first with %v", err)
			}
		}
		return nil
	})
}

func TestRuleN2AWriterWaitsForItsPeer(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		a, b := connected(ctx, t)
		defer a.Close()
		defer b.Close()
		const total = 64 << 20
		writer := asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := a.WriteContext(ctx, make([]byte, total))
			return err
		})
		asyncio.Sleep(ctx, 20*time.Millisecond)
		if writer.Done() {
			t.Error("64 MiB were written and nobody has read")
		}
		n, err := io.CopyN(io.Discard, aionet.Bind(ctx, b), total)
		_, err2 := writer.Await(ctx)
		if n != total {
			t.Errorf("%d bytes came", n)
		}
		return errors.Join(err, err2)
	})
}

// A number that is given out again, in the same step, belongs to the new connection.
func TestRuleN3ALaterOwnerOfTheNumberHearsNothingOfTheEarlier(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		l, err := aionet.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer l.Close()
		for range 50 {
			a, b := connected(ctx, t)
			waiter := asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := a.ReadContext(ctx, make([]byte, 1))
				return err
			})
			asyncio.Yield(ctx)
			b.WriteContext(ctx, []byte("for a")) // its event is on the way
			a.Close()                            // and a's number free
			c, d := connected(ctx, t)
			c.SetReadDeadline(asyncio.Now(ctx).Add(time.Millisecond))
			if n, err := c.ReadContext(ctx, make([]byte, 9)); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("the later owner read %d bytes, error %v", n, err)
			}
			if _, err := waiter.Await(ctx); !errors.Is(err, net.ErrClosed) {
				t.Errorf("the earlier owner got %v", err)
			}
			for _, conn := range []*aionet.Conn{b, c, d} {
				conn.Close()
			}
		}
		return nil
	})
}

func TestRuleN4AServerOutlivesAHandlerThatPanics(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		s := &aionet.Server{
			OnError: func(asyncio.Report) {},
			Handler: func(ctx context.Context, c aionet.Stream) error {
				c.ReadContext(ctx, make([]byte, 1))
				panic("always")
			},
		}
		serving(ctx, t, s, func(ctx context.Context, dial func() aionet.Stream) {
			for range 3 {
				c := dial()
				c.WriteContext(ctx, []byte("x"))
				if rest, _ := io.ReadAll(aionet.Bind(ctx, c)); len(rest) != 0 {
					t.Errorf("got %q", rest)
				}
				c.Close()
			}
		})
		return nil
	})
}

func TestRuleN5ErrorsAreThePlatforms(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		a, b := connected(ctx, t)
		var op *net.OpError
		a.SetReadDeadline(time.Unix(1, 0))
		_, err := a.ReadContext(ctx, make([]byte, 1))
		if !errors.As(err, &op) || !op.Timeout() || !errors.Is(err, os.ErrDeadlineExceeded) || op.Op != "read" || op.Addr.String() != b.LocalAddr().String() {
			t.Errorf("past its deadline: %v", err)
		}
		a.SetReadDeadline(time.Time{})
		b.CloseWrite()
		if _, err := a.ReadContext(ctx, make([]byte, 1)); err != io.EOF {
			t.Errorf("at the end: %v", err)
		}
		b.Abort()
		for err = nil; err == nil; {
			_, err = a.WriteContext(ctx, bytes.Repeat([]byte("x"), 1000))
		}
		if !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) || !errors.As(err, &op) || op.Op != "write" {
			t.Errorf("after a reset: %v", err)
		}
		a.Close()
		if _, err := a.ReadContext(ctx, make([]byte, 1)); !errors.Is(err, net.ErrClosed) || !errors.As(err, &op) {
			t.Errorf("after Close: %v", err)
		}
		_, err = aionet.Dial(ctx, "tcp", b.LocalAddr().String()) // nobody listens there
		if !errors.Is(err, syscall.ECONNREFUSED) || err.Error() != "dial tcp "+b.LocalAddr().String()+": connect: connection refused" {
			t.Errorf("refused: %v", err)
		}
		return nil
	})
}
