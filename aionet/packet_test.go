package aionet_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

// packets opens two sockets for datagrams that know each other's address.
func packets(ctx context.Context, t *testing.T, network string) (a, b *aionet.PacketConn) {
	t.Helper()
	open := func(name string) *aionet.PacketConn {
		address := map[string]string{"udp": "127.0.0.1:0", "udp4": "127.0.0.1:0", "udp6": "[::1]:0"}[network]
		if address == "" {
			address = filepath.Join(t.TempDir(), name)
		}
		c, err := aionet.ListenPacket(ctx, network, address)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	return open("a"), open("b")
}

func TestDatagramsKeepTheirBordersAndTheirSender(t *testing.T) {
	for _, network := range []string{"udp", "udp4", "udp6", "unixgram"} {
		t.Run(network, func(t *testing.T) {
			onLoop(t, func(ctx context.Context) error {
				a, b := packets(ctx, t, network)
				defer a.Close()
				defer b.Close()
				for _, sent := range []string{"first", "", "a longer one"} { // features.md's H15: an empty one counts
					if _, err := a.WriteToContext(ctx, []byte(sent), b.LocalAddr()); err != nil {
						return err
					}
				}
				buf := make([]byte, 100)
				for _, want := range []string{"first", "", "a longer one"} {
					n, from, err := b.ReadFromContext(ctx, buf)
					if err != nil || string(buf[:n]) != want || from.String() != a.LocalAddr().String() {
						t.Errorf("got %q from %v, error %v; want %q from %v", buf[:n], from, err, want, a.LocalAddr())
					}
				}
				return nil
			})
		})
	}
}

func TestALongDatagramIsCutAndSaysSo(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		a, b := packets(ctx, t, "udp")
		defer a.Close()
		defer b.Close()
		a.WriteTo([]byte("0123456789"), b.LocalAddr())
		a.WriteTo([]byte("abc"), b.LocalAddr())
		buf := make([]byte, 4)
		m, err := b.ReadMessage(ctx, buf, nil)
		if err != nil || !m.Truncated || string(buf[:m.N]) != "0123" {
			t.Errorf("got %+v, %q, error %v", m, buf[:m.N], err)
		}
		m, err = b.ReadMessage(ctx, buf, nil)
		if err != nil || m.Truncated || string(buf[:m.N]) != "abc" {
			t.Errorf("got %+v, %q, error %v", m, buf[:m.N], err)
		}
		return nil
	})
}

func TestAPacketSocketFromOtherHandsIsReadWithoutAllocation(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		a, b := packets(ctx, t, "udp4")
		defer a.Close()
		defer b.Close()
		to := b.LocalAddr().(*net.UDPAddr).AddrPort()
		if _, err := a.WriteToAddrPort(ctx, []byte("x"), to); err != nil {
			return err
		}
		n, from, err := b.ReadFromAddrPort(ctx, make([]byte, 10))
		if want := a.LocalAddr().(*net.UDPAddr).AddrPort(); n != 1 || from != want {
			t.Errorf("%d bytes from %v, want 1 from %v", n, from, want)
		}
		return err
	})
}

func TestAConnectedPacketSocket(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		server, other := packets(ctx, t, "udp")
		defer other.Close()
		c, err := aionet.DialPacket(ctx, "udp", server.LocalAddr().String())
		if err != nil {
			return err
		}
		defer c.Close()
		if _, err := c.WriteTo([]byte("x"), other.LocalAddr()); !errors.Is(err, net.ErrWriteToConnected) {
			t.Errorf("WriteTo on it: %v", err)
		}
		if _, err := c.Write([]byte("ping")); err != nil {
			return err
		}
		buf := make([]byte, 10)
		n, from, err := server.ReadFrom(buf)
		if err != nil || string(buf[:n]) != "ping" {
			t.Errorf("%q, %v", buf[:n], err)
		}
		other.WriteTo([]byte("from a stranger"), c.LocalAddr())
		server.WriteTo([]byte("pong"), from)
		if n, err := c.Read(buf); string(buf[:n]) != "pong" {
			t.Errorf("%q, %v", buf[:n], err)
		}
		server.Close() // E13: the next datagram is refused, and the socket stays usable
		c.Write([]byte("x"))
		if _, err := c.Read(buf); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("from a peer that is gone: %v", err)
		}
		_, err = c.Write([]byte("x"))
		return err
	})
}

func TestReliabilityE13AnOversizedDatagramIsAnErrorAndTheSocketStaysUsable(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		a, b := packets(ctx, t, "udp")
		defer a.Close()
		defer b.Close()
		if _, err := a.WriteTo(make([]byte, 70_000), b.LocalAddr()); !errors.Is(err, syscall.EMSGSIZE) {
			t.Errorf("error %v", err)
		}
		for range 10_000 { // to ourselves, more than fits: some are lost, nothing breaks
			if _, err := a.WriteTo([]byte("flood"), a.LocalAddr()); err != nil {
				return err
			}
		}
		n, _, err := a.ReadFrom(make([]byte, 10))
		if n != 5 {
			t.Errorf("%d bytes", n)
		}
		return err
	})
}

func TestWhatAPacketSocketRefuses(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		a, b := packets(ctx, t, "udp")
		defer b.Close()
		if _, err := a.Write([]byte("x")); !errors.Is(err, syscall.EDESTADDRREQ) {
			t.Errorf("Write without a peer: %v", err)
		}
		if _, err := a.WriteTo(nil, nil); !errors.Is(err, syscall.EDESTADDRREQ) {
			t.Errorf("WriteTo nobody: %v", err)
		}
		if _, err := a.WriteToAddrPort(ctx, nil, netip.AddrPort{}); err == nil {
			t.Error("an address that is none was accepted")
		}
		for _, network := range []string{"tcp", "unix", "ip", ""} {
			if _, err := aionet.ListenPacket(ctx, network, "127.0.0.1:0"); err == nil {
				t.Errorf("ListenPacket took %q", network)
			}
		}
		reader := asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := a.ReadContext(ctx, make([]byte, 1))
			return err
		})
		asyncio.Yield(ctx)
		if _, _, err := a.ReadFromContext(ctx, nil); !errors.Is(err, asyncio.ErrBusy) {
			t.Errorf("a second reader got %v", err)
		}
		a.Close()
		if _, err := reader.Await(ctx); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Close ended the reader with %v", err)
		}
		if err := a.Close(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("the second Close returned %v", err)
		}
		return nil
	})
}

// steps counts the steps of the task of a name.
type steps struct {
	name string
	n    int
}

func (s *steps) Observe(e asyncio.LoopEvent) {
	if e.Kind == asyncio.EventStepBegin && e.Name == s.name {
		s.n++
	}
}

func TestASenderToAFullUnixSocketWaitsAndDoesNotSpin(t *testing.T) {
	counted := &steps{name: "sender"}
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		a, b := packets(ctx, t, "unixgram")
		defer b.Close()
		sent := 0
		sender := asyncio.Go(ctx, func(ctx context.Context) error {
			for {
				if _, err := a.WriteToContext(ctx, []byte("x"), b.LocalAddr()); err != nil {
					return err
				}
				sent++
			}
		}, asyncio.TaskName("sender"))
		asyncio.Sleep(ctx, 50*time.Millisecond)
		before := sent
		if sender.Done() {
			t.Error("the sender has ended")
		}
		for range 3 {
			if _, _, err := b.ReadFrom(make([]byte, 1)); err != nil {
				return err
			}
		}
		asyncio.Sleep(ctx, 50*time.Millisecond)
		if sent <= before {
			t.Error("room was made, and nothing more was sent")
		}
		a.Close()
		if _, err := sender.Await(ctx); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Close ended the sender with %v", err)
		}
		return nil
	}, asyncio.Observe(counted))
	if err != nil {
		t.Error(err)
	}
	if counted.n > 500 {
		t.Errorf("the sender took %d steps in a tenth of a second", counted.n)
	}
}
