package sim_test

import (
	"context"
	"io"
	"net"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/sim"
)

func echoServer(ctx context.Context) error {
	l, err := aionet.Listen(ctx, "tcp", ":7")
	if err != nil {
		return err
	}
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		for {
			c, err := l.Accept()
			if err != nil {
				return err
			}
			g.Go(func(ctx context.Context) error {
				defer c.Close()
				io.Copy(c, c)
				return nil
			})
		}
	})
}

var _ net.Conn

func TestEcho(t *testing.T) {
	sim.Check(t, func(w *sim.World) {
		h := w.Host("server", echoServer)
		ctx := w.Context()
		asyncio.Sleep(ctx, time.Second)
		c, err := aionet.Dial(ctx, "tcp", net.JoinHostPort(h.Addr().String(), "7"))
		if err != nil {
			w.Fatalf("dial: %v", err)
		}
		if _, err := c.Write([]byte("hello")); err != nil {
			w.Fatalf("write: %v", err)
		}
		b := make([]byte, 5)
		if _, err := io.ReadFull(c, b); err != nil || string(b) != "hello" {
			w.Fatalf("read %q: %v", b, err)
		}
		c.Close()
	})
}
