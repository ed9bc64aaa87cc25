//go:build linux && !asyncio_portable

package aionet

import (
	"context"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/goasyncio/asyncio"
)

// The results are the same when bytes are copied by hand: here it is seen that they
// are not.
func TestTheSystemMovesTheBytes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, make([]byte, 100_000), 0o600); err != nil {
		t.Fatal(err)
	}
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		a, b, err := Pair(ctx)
		if err != nil {
			return err
		}
		c, d, err := Pair(ctx)
		if err != nil {
			return err
		}
		moving := asyncio.CreateTask(ctx, func(ctx context.Context) (int64, error) {
			defer c.Close()
			n, done, err := c.splice(ctx, b, ctx, math.MaxInt64)
			if !done {
				t.Error("splice was not used")
			}
			return n, err
		})
		asyncio.Go(ctx, func(ctx context.Context) error {
			defer a.Close()
			n, done, err := a.sendFile(ctx, f, math.MaxInt64)
			if !done || n != 100_000 {
				t.Errorf("sendfile sent %d, used %v", n, done)
			}
			return err
		})
		if got, err := io.ReadAll(Bind(ctx, d)); len(got) != 100_000 || err != nil {
			t.Errorf("%d bytes came, %v", len(got), err)
		}
		n, err := moving.Await(ctx)
		if n != 100_000 {
			t.Errorf("spliced %d", n)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
