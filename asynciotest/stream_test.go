package asynciotest_test

import (
	"context"
	"net"
	"path/filepath"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// The suite on package net's own connections: what it demands is what the platform
// does.
func TestStreamsOfPackageNet(t *testing.T) {
	t.Run("tcp", func(t *testing.T) {
		asynciotest.TestStream(t, netPair("tcp", func(*testing.T) string { return "127.0.0.1:0" }, t))
	})
	t.Run("unix", func(t *testing.T) {
		asynciotest.TestStream(t, netPair("unix", func(t *testing.T) string { return filepath.Join(t.TempDir(), "s") }, t))
	})
	t.Run("net.Pipe", func(t *testing.T) {
		open := func(ctx context.Context) (a, b asynciotest.Stream, err error) {
			x, y := net.Pipe()
			return newNetStream(ctx, x), newNetStream(ctx, y), nil
		}
		asynciotest.TestStream(t, open, asynciotest.NoHalfClose, asynciotest.NoReset, asynciotest.Unbuffered, asynciotest.PlainErrors)
	})
}

// netPair opens pairs of connected streams of a network.
func netPair(network string, address func(t *testing.T) string, t *testing.T) func(context.Context) (a, b asynciotest.Stream, err error) {
	type pair struct{ a, b net.Conn }
	return func(ctx context.Context) (_, _ asynciotest.Stream, err error) {
		p, err := asyncio.ToThread(ctx, func(context.Context) (p pair, err error) {
			l, err := net.Listen(network, address(t))
			if err != nil {
				return p, err
			}
			defer l.Close()
			if p.a, err = net.Dial(network, l.Addr().String()); err != nil {
				return p, err
			}
			p.b, err = l.Accept()
			return p, err
		})
		return newNetStream(ctx, p.a), newNetStream(ctx, p.b), err
	}
}
