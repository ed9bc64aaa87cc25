package aionet_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

func TestReliabilityE4BuffersOfEverySizeAndNumberAreSent(t *testing.T) {
	many := func(n, size int) (v net.Buffers) {
		for i := range n {
			v = append(v, bytes.Repeat([]byte{byte(i)}, size))
		}
		return v
	}
	for name, v := range map[string]net.Buffers{
		"none":            nil,
		"one that is nil": {nil},
		"only empty ones, more than one call takes": many(3000, 0),
		"one":                                 many(1, 10),
		"empty ones between others":           {nil, []byte("a"), {}, nil, []byte("bc"), {}},
		"empty ones before another":           append(many(2000, 0), []byte("x")),
		"more than one call takes":            many(5000, 7),
		"more than the system's buffers take": many(100, 100_000),
		"big and small":                       append(many(3, 1<<20), many(2000, 1)...),
	} {
		for _, network := range []string{"tcp", "unix"} {
			t.Run(name+" over "+network, func(t *testing.T) {
				onLoop(t, func(ctx context.Context) error { return sendBuffers(ctx, t, network, v) })
			})
		}
	}
}

func sendBuffers(ctx context.Context, t *testing.T, network string, v net.Buffers) error {
	want := bytes.Join(v, nil)
	v = append(net.Buffers(nil), v...)
	a, b := connPair(ctx, t, network)
	defer a.Close()
	defer b.Close()
	reading := drained(ctx, b)
	if n, err := a.WriteBuffers(ctx, &v); n != int64(len(want)) || len(v) != 0 || err != nil {
		t.Errorf("wrote %d of %d, %d buffers are left, %v", n, len(want), len(v), err)
	}
	a.CloseWrite()
	got, err := reading.Await(ctx)
	if !bytes.Equal(got, want) {
		t.Errorf("%d bytes came, want %d", len(got), len(want))
	}
	return err
}

func TestACancelledWriteOfBuffersKeepsTheRest(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		a, b := connPair(ctx, t, "unix")
		defer a.Close()
		defer b.Close()
		content := pattern(8<<20, 7)
		v := net.Buffers{content[:10], content[10:]}
		limited, timeout := asyncio.WithTimeout(ctx, 30*time.Millisecond)
		defer timeout.Cancel()
		n, err := a.WriteBuffers(limited, &v)
		if n <= 10 || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("wrote %d, %v", n, err)
		}
		if len(v) != 1 || !bytes.Equal(v[0], content[n:]) {
			t.Errorf("after %d bytes %d buffers are left", n, len(v))
		}
		if _, err := a.WriteBuffers(ctx, &v); err != aionet.ErrPartialWrite {
			t.Errorf("and then: %v", err)
		}
		return nil
	})
}

func TestErrorsOfWriteBuffers(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		a, b := connPair(ctx, t, "tcp")
		b.Abort()
		var err error
		for err == nil {
			_, err = a.WriteBuffers(ctx, &net.Buffers{[]byte("x")})
		}
		var op *net.OpError
		if !errors.As(err, &op) || op.Op != "write" {
			t.Errorf("after a reset: %v", err)
		}
		a.Close()
		if _, err := a.WriteBuffers(ctx, &net.Buffers{[]byte("x")}); !errors.Is(err, net.ErrClosed) {
			t.Errorf("closed: %v", err)
		}
		ended, timeout := asyncio.WithTimeout(ctx, 0)
		defer timeout.Cancel()
		asyncio.Sleep(ctx, time.Millisecond)
		if _, err := a.WriteBuffers(ended, &net.Buffers{[]byte("x")}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("cancelled before: %v", err)
		}
		return nil
	})
}
