package asynciotest_test

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"testing"

	"github.com/goasyncio/asyncio/asynciotest"
)

// The suite on package net's own connections: what it demands is what the platform
// does.
func TestStreamsOfPackageNet(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) { asynciotest.TestStream(t, netPair(t, network)) })
	}
	t.Run("net.Pipe", func(t *testing.T) {
		open := func(ctx context.Context) (a, b asynciotest.Stream, err error) {
			x, y := net.Pipe()
			return newNetStream(ctx, x), newNetStream(ctx, y), nil
		}
		asynciotest.TestStream(t, open, asynciotest.NoHalfClose, asynciotest.NoReset, asynciotest.Unbuffered, asynciotest.PlainErrors)
	})
}

// The other suites, likewise.
func TestListenersOfPackageNet(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) { asynciotest.TestListener(t, netListening(t, network)) })
	}
}

func TestDatagramsOfPackageNet(t *testing.T) {
	for _, network := range []string{"udp", "unixgram"} {
		t.Run(network, func(t *testing.T) {
			asynciotest.TestDatagrams(t, func(ctx context.Context) (a, b asynciotest.PacketConn, err error) {
				x, err := net.ListenPacket(network, netAddress(t, network))
				if err != nil {
					return nil, nil, err
				}
				y, err := net.ListenPacket(network, netAddress(t, network))
				if err != nil {
					return nil, nil, errors.Join(err, x.Close())
				}
				return newNetPackets(ctx, x), newNetPackets(ctx, y), nil
			})
		})
	}
}

// netAddress is a fresh address of a network.
func netAddress(t *testing.T, network string) string {
	if network == "tcp" || network == "udp" {
		return "127.0.0.1:0"
	}
	return filepath.Join(t.TempDir(), "s")
}

// netListening opens listeners of a network.
func netListening(t *testing.T, network string) func(context.Context) (asynciotest.Listener[*netStream], func(context.Context) (*netStream, error), error) {
	return func(ctx context.Context) (asynciotest.Listener[*netStream], func(context.Context) (*netStream, error), error) {
		l, err := net.Listen(network, netAddress(t, network))
		if err != nil {
			return nil, nil, err
		}
		dial := func(ctx context.Context) (*netStream, error) { return dialNet(ctx, l.Addr()) }
		return newNetListener(ctx, l), dial, nil
	}
}

// netPair opens pairs of connected streams of a network.
func netPair(t *testing.T, network string) func(context.Context) (a, b asynciotest.Stream, err error) {
	return asynciotest.Dialled(netListening(t, network))
}
