package main

import (
	"context"
	"time"

	"github.com/goasyncio/asyncio"
)

// runGroup runs a loop with one task group, which body fills.
func runGroup(body func(g *asyncio.TaskGroup)) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(_ context.Context, g *asyncio.TaskGroup) error {
			body(g)
			return nil
		})
	}, patient)
}

// patient lets the watchdog watch but not bark: to create a million tasks is one
// long step, and a report of it would be measured as well.
var patient = asyncio.SlowStep(time.Minute)
