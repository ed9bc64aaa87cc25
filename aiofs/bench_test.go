package aiofs_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiofs"
)

// What a call costs beside the bare one of package os: a thread there and back.
func BenchmarkReadAt(b *testing.B) {
	name := filepath.Join(b.TempDir(), "f")
	if err := os.WriteFile(name, make([]byte, 1<<20), 0o600); err != nil {
		b.Fatal(err)
	}
	p := make([]byte, 4096)
	b.Run("os", func(b *testing.B) {
		f, err := os.Open(name)
		if err != nil {
			b.Fatal(err)
		}
		defer f.Close()
		for b.Loop() {
			if _, err := f.ReadAt(p, 4096); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("aiofs", func(b *testing.B) {
		if err := asyncio.Run(context.Background(), func(ctx context.Context) error {
			f, err := aiofs.Open(ctx, aiofs.OS, name)
			if err != nil {
				return err
			}
			defer f.Close(ctx)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f.ReadAt(ctx, p, 4096); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
	})
}
