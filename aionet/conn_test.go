package aionet_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
)

// onLoop runs main on a real loop; the test fails with its error.
func onLoop(t *testing.T, main func(ctx context.Context) error) {
	t.Helper()
	defer asynciotest.CheckLeaks(t)()
	if err := asyncio.Run(context.Background(), main); err != nil {
		t.Error(err)
	}
}

func TestAnEchoOverEachKindOfSocket(t *testing.T) {
	for _, network := range []string{"tcp", "tcp4", "tcp6", "unix"} {
		t.Run(network, func(t *testing.T) {
			address := map[string]string{"tcp6": "[::1]:0", "unix": t.TempDir() + "/s"}[network]
			if address == "" {
				address = "localhost:0"
			}
			onLoop(t, func(ctx context.Context) error { return echoOnce(ctx, t, network, address) })
		})
	}
}

func echoOnce(ctx context.Context, t *testing.T, network, address string) error {
	l, err := aionet.Listen(ctx, network, address)
	if err != nil {
		return err
	}
	defer l.Close()
	server := asyncio.Go(ctx, func(ctx context.Context) error {
		c, err := l.AcceptContext(ctx)
		if err != nil {
			return err
		}
		defer c.Close()
		_, err = io.Copy(c.WithContext(ctx), c.WithContext(ctx))
		return err
	})
	c, err := aionet.Dial(ctx, network, l.Addr().String())
	if err != nil {
		return err
	}
	defer c.Close()
	want := bytes.Repeat([]byte("0123456789abcdef"), 1000)
	if _, err := c.WriteContext(ctx, want); err != nil {
		return err
	}
	if err := c.CloseWrite(); err != nil {
		return err
	}
	got, err := io.ReadAll(c)
	if !bytes.Equal(got, want) {
		t.Errorf("%d bytes came back, error %v", len(got), err)
	}
	_, err2 := server.Await(ctx)
	return errors.Join(err, err2)
}
