package aionet_test

import (
	"context"
	"errors"
	"net"
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
	t.Run("TLS over a stream of another package", func(t *testing.T) {
		asynciotest.TestStream(t, encrypted(foreign(piped(aionet.DefaultBuffer))), asynciotest.VirtualTime)
	})
	if !testing.Short() {
		t.Run("TLS over unix", func(t *testing.T) { asynciotest.TestStream(t, encrypted(dialled(t, "unix")), unixTraits) })
	}
}

// foreign opens what open opens and hides all but what an aionet.Stream must have.
func foreign(open opener) opener {
	type other struct{ asynciotest.Stream }
	return func(ctx context.Context) (_, _ asynciotest.Stream, err error) {
		a, b, err := open(ctx)
		return other{a}, other{b}, err
	}
}

// encrypted opens TLS on what open opens.
func encrypted(open opener) opener {
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

// The tests for net.Conn of the extended standard library, on the view that is safe
// from any goroutine.
func TestTLSStreamsPassNettest(t *testing.T) {
	t.Run("over memory", func(t *testing.T) { testConn(t, encrypted(piped(aionet.DefaultBuffer))) })
	t.Run("over tcp", func(t *testing.T) { testConn(t, encrypted(dialled(t, "tcp4"))) })
}

func TestATLSStreamTellsOfAHangup(t *testing.T) {
	virtually(t, "when the stream below is closed", func(ctx context.Context, t *testing.T) {
		c, s := tlsPipe(ctx, t, aionet.DefaultBuffer)
		var gone asyncio.Event
		wantErr(t, "OnHangup", s.OnHangup(gone.Set), nil)
		c.CloseWrite()
		asynciotest.WaitIdle(ctx)
		if gone.IsSet() {
			t.Error("a close_notify is no hangup: the peer may wait for an answer")
		}
		c.Close()
		gone.Wait(ctx)
		s.Close()
		wantErr(t, "OnHangup after Close", s.OnHangup(nil), net.ErrClosed)
	})
}
