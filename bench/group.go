package main

import (
	"context"

	"github.com/goasyncio/asyncio"
)

// runGroup runs a loop with one task group, which body fills.
func runGroup(body func(g *asyncio.TaskGroup)) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(_ context.Context, g *asyncio.TaskGroup) error {
			body(g)
			return nil
		})
	})
}
