// Periodic runs jobs side by side, each with a period and a rule of its own for
// ticks that were missed because a run took too long.
package main

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/goasyncio/asyncio"
)

// A job is something to do again and again.
type job struct {
	name   string
	period time.Duration
	missed asyncio.MissedTicks // what becomes of ticks that nobody waited for
	first  time.Duration       // how long the first run takes; the others take no time
}

var jobs = []job{
	{"heartbeat", 250 * time.Millisecond, asyncio.Skip, 0},
	{"burst", 300 * time.Millisecond, asyncio.Burst, 700 * time.Millisecond}, // catches up
	{"skip", 300 * time.Millisecond, asyncio.Skip, 700 * time.Millisecond},   // drops what it missed
	{"delay", 300 * time.Millisecond, asyncio.Delay, 700 * time.Millisecond}, // begins anew
}

func main() {
	if err := asyncio.Run(context.Background(), program); err != nil {
		log.Fatal(err)
	}
}

// program runs the jobs for a little more than a second.
func program(ctx context.Context) error {
	start := asyncio.Now(ctx)
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		for _, j := range jobs {
			g.Go(func(ctx context.Context) error { return j.repeat(ctx, start) }, asyncio.TaskName(j.name))
		}
		if err := asyncio.Sleep(ctx, 1100*time.Millisecond); err != nil {
			return err
		}
		g.Cancel(nil) // not an error: the jobs end, and the group with them
		return nil
	})
}

// repeat runs the job at each tick until ctx ends.
func (j job) repeat(ctx context.Context, start time.Time) error {
	ticks := asyncio.NewInterval(ctx, j.period, j.missed)
	for takes := j.first; ; takes = 0 {
		due, err := ticks.Tick(ctx)
		if err != nil {
			return err
		}
		fmt.Printf("%5v %-9s due at %v\n", rounded(asyncio.Now(ctx).Sub(start)), j.name, rounded(due.Sub(start)))
		if err := asyncio.Sleep(ctx, takes); err != nil {
			return err
		}
	}
}

func rounded(d time.Duration) time.Duration { return d.Round(50 * time.Millisecond) }
