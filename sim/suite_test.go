package sim_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/internal/inside"
	"github.com/goasyncio/asyncio/sim"
)

// A weather is a network in which everything that the suites ask for must still hold:
// what goes wrong costs time and nothing else.
type weather struct {
	name     string
	network  sim.NetworkFaults
	strategy string
	runs     int
}

var weathers = []weather{
	{"a perfect network", sim.NetworkFaults{}, "fifo", 1},
	{"any order", sim.NetworkFaults{}, "mix", 3},
	{"short transfers", sim.NetworkFaults{ShortRead: 0.3, ShortWrite: 0.3}, "fifo", 1},
	{"late packets", sim.NetworkFaults{
		Latency:   sim.Delay{Min: 10 * time.Microsecond, Mean: time.Millisecond, Tail: 50 * time.Millisecond, Rare: 0.01},
		ShortRead: 0.1, ShortWrite: 0.1,
	}, "fifo", 1},
}

// inWorlds makes the cases of asynciotest's suites run in simulated worlds.
func inWorlds(t *testing.T, in weather) {
	if testing.Short() && in.name != weathers[0].name {
		t.Skip("once is enough for a short run")
	}
	slow := in.network.Latency != (sim.Delay{})
	inside.RunSuite = func(c any, main func(ctx context.Context) error) {
		t := c.(*testing.T)
		if (slow || in.strategy != "fifo") && strings.Contains(t.Name(), "a_fast_peer") {
			t.Skip("its other task is always ready: no time passes, and no order but that of production is fair to it")
		}
		sim.Check(t, func(w *sim.World) {
			if slow {
				w.SlowLoopback(in.network.Latency)
			}
			if err := main(w.Context()); err != nil {
				w.Fatalf("%v", err)
			}
		}, sim.WithFaults(sim.Faults{Network: in.network}), sim.Runs(in.runs), sim.Strategy(in.strategy))
	}
	t.Cleanup(func() { inside.RunSuite = nil })
}

func TestStreamsInAWorldBehaveAsThoseOfPackageNet(t *testing.T) {
	for _, c := range weathers {
		t.Run(c.name, func(t *testing.T) {
			inWorlds(t, c)
			networks := []string{"tcp4", "unix", "tcp6"}
			if c.runs > 1 {
				networks = networks[:1] // the others are the same above the driver
			}
			for _, network := range networks {
				t.Run(network, func(t *testing.T) { asynciotest.TestStream(t, dialled(network)) })
			}
			t.Run("unixpacket", func(t *testing.T) {
				asynciotest.TestStream(t, dialled("unixpacket"), asynciotest.Packets)
			})
		})
	}
}

func TestListenersInAWorldBehaveAsThoseOfPackageNet(t *testing.T) {
	for _, c := range weathers {
		t.Run(c.name, func(t *testing.T) {
			inWorlds(t, c)
			for _, network := range []string{"tcp4", "tcp6", "unix", "unixpacket"} {
				t.Run(network, func(t *testing.T) { asynciotest.TestListener(t, listens(network)) })
			}
		})
	}
}

func TestDatagramsInAWorldBehaveAsThoseOfPackageNet(t *testing.T) {
	inWorlds(t, weathers[0])
	for _, network := range []string{"udp4", "udp6", "unixgram"} {
		t.Run(network, func(t *testing.T) {
			address := addresses(network)
			asynciotest.TestDatagrams(t, func(ctx context.Context) (_, _ asynciotest.PacketConn, err error) {
				a, err := aionet.ListenPacket(ctx, network, address())
				if err != nil {
					return nil, nil, err
				}
				b, err := aionet.ListenPacket(ctx, network, address())
				if err != nil {
					return nil, nil, errors.Join(err, a.Close())
				}
				return a, b, nil
			})
		})
	}
}

// addresses returns a function that makes fresh addresses of the test's own host.
func addresses(network string) func() string {
	var made atomic.Int64 // several worlds run at a time
	return func() string {
		switch network {
		case "tcp4", "udp4":
			return "127.0.0.1:0"
		case "tcp6", "udp6":
			return "[::1]:0"
		}
		return fmt.Sprint("@suite", made.Add(1))
	}
}

// listens opens listeners of a network.
func listens(network string) func(context.Context) (asynciotest.Listener[*aionet.Conn], func(context.Context) (*aionet.Conn, error), error) {
	address := addresses(network)
	return func(ctx context.Context) (asynciotest.Listener[*aionet.Conn], func(context.Context) (*aionet.Conn, error), error) {
		l, err := aionet.Listen(ctx, network, address())
		if err != nil {
			return nil, nil, err
		}
		dial := func(ctx context.Context) (*aionet.Conn, error) {
			return aionet.Dial(ctx, network, l.Addr().String())
		}
		return l, dial, nil
	}
}

// dialled opens pairs of connections of a network.
func dialled(network string) func(ctx context.Context) (_, _ asynciotest.Stream, err error) {
	return asynciotest.Dialled(listens(network))
}
