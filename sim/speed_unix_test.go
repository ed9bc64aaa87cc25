//go:build unix

package sim_test

import (
	"context"
	"fmt"
	"io"
	"math"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/sim"
)

// heart is a host of a cluster that does nothing but tell each other host, over a
// connection of its own, that it is alive.
func heart(peers []string, beat time.Duration) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		l, err := aionet.Listen(ctx, "tcp", ":7")
		if err != nil {
			return err
		}
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			for _, p := range peers {
				g.Go(func(ctx context.Context) error { return beatTo(ctx, p, beat) })
			}
			for {
				c, err := l.AcceptContext(ctx)
				if err != nil {
					return err
				}
				g.Go(func(ctx context.Context) error { return listenTo(ctx, c) })
			}
		})
	}
}

func beatTo(ctx context.Context, peer string, beat time.Duration) error {
	asyncio.Sleep(ctx, time.Millisecond) // so that all listen
	c, err := aionet.Dial(ctx, "tcp", peer+":7")
	if err != nil {
		return err
	}
	defer c.Close()
	for {
		if _, err := c.WriteContext(ctx, []byte("alive")); err != nil {
			return err
		}
		if err := asyncio.Sleep(ctx, beat); err != nil {
			return err
		}
	}
}

func listenTo(ctx context.Context, c *aionet.Conn) error {
	defer c.Close()
	buf := make([]byte, 64)
	for {
		if _, err := c.ReadContext(ctx, buf); err != nil {
			if err == io.EOF {
				return nil
			}
			return err
		}
	}
}

func others(n, i int) (names []string) {
	for k := range n {
		if k != i {
			names = append(names, fmt.Sprintf("h%d", k))
		}
	}
	return names
}

// BenchmarkHeartbeats is one virtual second of ten hosts that do nothing but send a few
// bytes now and then: one of them, as the leader of a Raft cluster, to the nine others,
// or each to each other. The time is the processor's, so that other programs matter less.
func BenchmarkHeartbeats(b *testing.B) {
	const hosts = 10
	for _, senders := range []int{1, hosts} {
		for _, beat := range []time.Duration{time.Second, 100 * time.Millisecond} {
			b.Run(fmt.Sprintf("senders=%d/every=%v", senders, beat), func(b *testing.B) {
				var took time.Duration
				sim.Run(b, 1, func(w *sim.World) {
					for i := range hosts {
						var peers []string
						if i < senders {
							peers = others(hosts, i)
						}
						w.Host(fmt.Sprintf("h%d", i), heart(peers, beat))
					}
					asyncio.Sleep(w.Context(), 10*time.Second)
					b.ResetTimer()
					begin := processorTime()
					asyncio.Sleep(w.Context(), time.Duration(b.N)*time.Second)
					b.StopTimer()
					took = processorTime() - begin
				}, sim.WithFaults(sim.Faults{}), sim.MaxSteps(math.MaxInt), sim.Limit(math.MaxInt64))
				if took > 0 {
					b.ReportMetric(float64(b.N)/took.Seconds(), "virtual-s/cpu-s")
				}
			})
		}
	}
}

// processorTime is what this process has used so far.
func processorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkManyHosts is a world of hosts that make ten connections each, and get ten, on which something is
// sent each second for ten seconds: the time of all of it, and the memory at its end.
func BenchmarkManyHosts(b *testing.B) {
	for _, hosts := range []int{100, 1000} {
		b.Run(fmt.Sprintf("hosts=%d", hosts), func(b *testing.B) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range b.N {
				sim.Run(b, 1, func(w *sim.World) {
					for i := range hosts {
						var peers []string
						for k := range 10 {
							peers = append(peers, fmt.Sprintf("h%d", (i+k+1)%hosts))
						}
						w.Host(fmt.Sprintf("h%d", i), heart(peers, time.Second))
					}
					asyncio.Sleep(w.Context(), 10*time.Second)
					runtime.ReadMemStats(&after)
				}, sim.WithFaults(sim.Faults{}))
			}
			b.ReportMetric(float64(after.Sys-before.Sys)/float64(hosts), "B-of-system/host")
			b.ReportMetric(float64(after.HeapAlloc+after.StackInuse)/float64(hosts), "B-in-use/host")
		})
	}
}
