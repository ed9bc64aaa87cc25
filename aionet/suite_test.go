package aionet_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
)

// The conformance suite of asynciotest, on every kind of stream.
func TestStreamsBehaveAsThoseOfPackageNet(t *testing.T) {
	t.Run("tcp", func(t *testing.T) { asynciotest.TestStream(t, dialled(t, "tcp4")) })
	t.Run("tcp6", func(t *testing.T) { asynciotest.TestStream(t, dialled(t, "tcp6")) })
	t.Run("unix", func(t *testing.T) { asynciotest.TestStream(t, dialled(t, "unix"), unixTraits) })
	t.Run("unixpacket", func(t *testing.T) {
		asynciotest.TestStream(t, dialled(t, "unixpacket"), asynciotest.Packets|unixTraits)
	})
	for _, c := range []struct {
		name   string
		buffer int
		traits []asynciotest.Trait
	}{
		{"memory", aionet.DefaultBuffer, nil},
		{"memory with a small buffer", 1021, []asynciotest.Trait{asynciotest.Unbuffered}},
		{"memory without a buffer", 0, []asynciotest.Trait{asynciotest.Unbuffered}},
	} {
		t.Run(c.name, func(t *testing.T) {
			asynciotest.TestStream(t, piped(c.buffer), append(c.traits, asynciotest.VirtualTime)...)
		})
	}
}

func TestListenersBehaveAsThoseOfPackageNet(t *testing.T) {
	for _, network := range []string{"tcp4", "tcp6", "unix", "unixpacket"} {
		t.Run(network, func(t *testing.T) { asynciotest.TestListener(t, listens(t, network)) })
	}
	t.Run("memory", func(t *testing.T) {
		asynciotest.TestListener(t, func(ctx context.Context) (asynciotest.Listener[*aionet.MemoryConn], func(context.Context) (*aionet.MemoryConn, error), error) {
			l := aionet.ListenMemory(ctx, "server", 10, aionet.DefaultBuffer)
			return l, l.Dial, nil
		}, asynciotest.VirtualTime)
	})
}

// listens opens listeners of a network.
func listens(t *testing.T, network string) func(context.Context) (asynciotest.Listener[*aionet.Conn], func(context.Context) (*aionet.Conn, error), error) {
	return func(ctx context.Context) (asynciotest.Listener[*aionet.Conn], func(context.Context) (*aionet.Conn, error), error) {
		l, err := aionet.Listen(ctx, network, address(t, network))
		if err != nil {
			return nil, nil, err
		}
		dial := func(ctx context.Context) (*aionet.Conn, error) {
			return aionet.Dial(ctx, network, l.Addr().String())
		}
		return l, dial, nil
	}
}

func TestDatagramsBehaveAsThoseOfPackageNet(t *testing.T) {
	for _, network := range []string{"udp4", "udp6", "unixgram"} {
		t.Run(network, func(t *testing.T) {
			asynciotest.TestDatagrams(t, func(ctx context.Context) (_, _ asynciotest.PacketConn, err error) {
				a, err := aionet.ListenPacket(ctx, network, address(t, network))
				if err != nil {
					return nil, nil, err
				}
				b, err := aionet.ListenPacket(ctx, network, address(t, network))
				if err != nil {
					return nil, nil, errors.Join(err, a.Close())
				}
				return a, b, nil
			})
		})
	}
}

// piped opens memory streams.
func piped(buffer int) opener {
	return func(ctx context.Context) (_, _ asynciotest.Stream, err error) {
		a, b := aionet.Pipe(ctx, buffer)
		return a, b, nil
	}
}

// address is a fresh one of the network, for a listener of a test.
func address(t *testing.T, network string) string {
	switch network {
	case "tcp", "tcp4", "udp", "udp4":
		return "127.0.0.1:0"
	case "tcp6", "udp6":
		return "[::1]:0"
	}
	return filepath.Join(t.TempDir(), "s")
}

// dialled opens pairs of connections of a network.
func dialled(t *testing.T, network string) opener { return asynciotest.Dialled(listens(t, network)) }
