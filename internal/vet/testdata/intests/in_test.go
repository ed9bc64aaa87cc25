package intests

import (
	"context"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/asynciotest"
)

func TestHelper(t *testing.T) {
	helper() // that a test calls it here does not take it off the loop
	asynciotest.Run(t, func(ctx context.Context) {
		_ = time.Now() // want `clock`
	})
}
