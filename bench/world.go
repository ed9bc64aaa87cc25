package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"sync/atomic"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/sim"
)

// updateInWorlds is a simulated world for each schedule, in which two tasks read a
// number, give way, and write it. The orders follow from a seed, all of what was decided
// is recorded, and in every other schedule or so one update is lost.
func updateInWorlds(ops int) error {
	return inTest(func(t *testing.T) error {
		var done atomic.Int64
		sim.Check(t, func(w *sim.World) {
			x := 0
			add := func(ctx context.Context) error {
				v := x
				asyncio.Yield(ctx)
				x = v + 1
				return nil
			}
			a, b := w.Go("a", add), w.Go("b", add)
			a.Await(w.Context())
			b.Await(w.Context())
			if x == 1 || x == 2 {
				done.Add(1)
			}
		}, sim.Runs(ops))
		return mustBe("schedules", int(done.Load()), ops)
	})
}

// clusterSize is how many hosts tell each other that they are alive.
const clusterSize = 10

// beat is how often. The tests change it, so that a thousand of them take less.
var beat = time.Second

var alive = []byte("alive")

// beatInWorld is a cluster of ten simulated hosts. Each has a connection to each other
// host, on which it sends a few bytes every second. An operation is a second of theirs.
func beatInWorld(ops int) error {
	return inTest(func(t *testing.T) error {
		heard := 0
		sim.Run(t, 1, func(w *sim.World) {
			for i := range clusterSize {
				w.Host(hostName(i), func(ctx context.Context) error { return heart(ctx, i, ops, &heard) })
			}
			asyncio.Sleep(w.Context(), time.Duration(ops+1)*beat)
		}, sim.WithFaults(sim.Faults{}), sim.MaxSteps(math.MaxInt), sim.Limit(math.MaxInt64))
		return mustBe("heartbeats", heard, ops*clusterSize*(clusterSize-1))
	})
}

func hostName(i int) string { return fmt.Sprintf("h%d", i) }

// heart is the program of host i.
func heart(ctx context.Context, i, beats int, heard *int) error {
	l, err := aionet.Listen(ctx, "tcp", ":7")
	if err != nil {
		return err
	}
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		for k := range clusterSize {
			if k != i {
				g.Go(func(ctx context.Context) error { return beatTo(ctx, hostName(k), beats) })
			}
		}
		for {
			c, err := l.AcceptContext(ctx)
			if err != nil {
				return err
			}
			g.Go(func(ctx context.Context) error { return listenTo(ctx, c, heard) })
		}
	})
}

func beatTo(ctx context.Context, peer string, beats int) error {
	c, err := aionet.Dial(ctx, "tcp", peer+":7")
	for err != nil && ctx.Err() == nil { // it does not listen yet
		asyncio.Sleep(ctx, time.Millisecond)
		c, err = aionet.Dial(ctx, "tcp", peer+":7")
	}
	if err != nil {
		return err
	}
	defer c.Close()
	for range beats {
		if err := asyncio.Sleep(ctx, beat); err != nil {
			return err
		}
		if _, err := c.WriteContext(ctx, alive); err != nil {
			return err
		}
	}
	return nil
}

func listenTo(ctx context.Context, c *aionet.Conn, heard *int) error {
	defer c.Close()
	buf := make([]byte, len(alive))
	for {
		for n := 0; n < len(buf); {
			k, err := c.ReadContext(ctx, buf[n:])
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			n += k
		}
		*heard++
	}
}
