package aionet_test

import (
	"context"
	"errors"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
)

// The conformance suite on TLS over each kind of stream.
func TestTLSStreamsBehaveAsThoseOfPackageNet(t *testing.T) {
	t.Run("TLS over memory", func(t *testing.T) {
		asynciotest.TestStream(t, encrypted(piped(aionet.DefaultBuffer)), asynciotest.VirtualTime)
	})
	t.Run("TLS over tcp", func(t *testing.T) { asynciotest.TestStream(t, encrypted(dialled(t, "tcp4"))) })
	if !testing.Short() {
		t.Run("TLS over unix", func(t *testing.T) { asynciotest.TestStream(t, encrypted(dialled(t, "unix"))) })
	}
}

// encrypted opens TLS on what open opens.
func encrypted(open func(context.Context) (a, b asynciotest.Stream, err error)) func(context.Context) (a, b asynciotest.Stream, err error) {
	return func(ctx context.Context) (_, _ asynciotest.Stream, err error) {
		a, b, err := open(ctx)
		if err != nil {
			return nil, nil, err
		}
		server := asyncio.CreateTask(ctx, func(ctx context.Context) (*aionet.TLSConn, error) {
			return aionet.TLSServer(ctx, b, serverConfig())
		})
		c, err := aionet.TLSClient(ctx, a, clientConfig())
		s, err2 := server.Join(ctx)
		return c, s, errors.Join(err, err2)
	}
}
