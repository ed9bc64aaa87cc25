// Package intests is looked at with its tests.
package intests

import (
	"context"
	"time"

	"github.com/goasyncio/asyncio"
)

func Waits(ctx context.Context) error {
	helper()
	return asyncio.Checkpoint(ctx)
}

func helper() time.Time {
	return time.Now() // want `clock`
}
