package disksim_test

import (
	"context"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/aiofs"
	"github.com/goasyncio/asyncio/aiofs/fstest"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/sim/internal/disksim"
)

// virtual is the world of the suite.
func virtual() context.Context { return asynciotest.Context(context.Background()) }

// The simulated disk does what the system's does, under the same suite, in each of its
// kinds and in a folder.
func TestASimulatedDiskConforms(t *testing.T) {
	for name, faults := range map[string]disksim.Faults{
		"good":              {},
		"slow":              {Slow: time.Second, Stall: 0.5, StallTime: time.Minute},
		"journal":           {Journal: true},
		"early to the disk": {EarlySync: 0.5},
	} {
		t.Run(name, func(t *testing.T) {
			fstest.TestFS(t, virtual, func(ctx context.Context, t *testing.T) aiofs.FS {
				w := newWorld(ctx, t, 1)
				w.disk.SetFaults(faults)
				return w.disk.Mount()
			})
		})
	}
	t.Run("in a folder", func(t *testing.T) {
		fstest.TestFS(t, virtual, func(ctx context.Context, t *testing.T) aiofs.FS {
			d := aiofs.Dir(newWorld(ctx, t, 1).disk.Mount(), "a/b")
			if err := d.MkdirAll(ctx, ".", 0o755); err != nil {
				t.Fatal(err)
			}
			return d
		})
	})
}
