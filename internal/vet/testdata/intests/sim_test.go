package intests

import (
	"testing"
	"time"

	"github.com/goasyncio/asyncio/sim"
)

func TestInAWorld(t *testing.T) {
	start := time.Now() // the test is outside
	sim.Check(t, func(w *sim.World) {
		_ = time.Now() // want `clock`
	})
	t.Log(time.Since(start))
}
