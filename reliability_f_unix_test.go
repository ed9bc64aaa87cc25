//go:build (linux || darwin || freebsd || openbsd || netbsd || dragonfly) && !asyncio_portable

package asyncio_test

import (
	"context"
	"math"
	"syscall"
	"testing"

	"github.com/goasyncio/asyncio"
)

// The other cases of F are with the sockets, in aionet.
func TestReliabilityF4_TheGenerationOfDescriptorsMayWrap(t *testing.T) {
	a, b := sockets(t)
	onLoop(t, func(ctx context.Context) error {
		asyncio.SetGeneration(ctx, math.MaxUint32-3)
		for i := range 8 { // two owners each: the fourth has gone past the end
			da, db := descriptor(t, ctx, a), descriptor(t, ctx, b)
			reading := asyncio.CreateTask(ctx, func(ctx context.Context) (string, error) { return read(ctx, da, a, 1) })
			if err := asyncio.Yield(ctx); err != nil {
				return err
			}
			if _, err := syscall.Write(b, []byte("x")); err != nil {
				return err
			}
			if got, err := reading.Await(ctx); got != "x" || err != nil {
				t.Errorf("pair %d: %q, %v", i, got, err)
			}
			da.Close()
			db.Close()
		}
		return nil
	})
}
