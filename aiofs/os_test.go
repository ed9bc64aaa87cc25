package aiofs_test

import (
	"context"
	"testing"

	"github.com/goasyncio/asyncio/aiofs"
	"github.com/goasyncio/asyncio/aiofs/fstest"
)

func TestTheFilesOfTheSystemConform(t *testing.T) {
	fstest.TestFS(t, context.Background, func(_ context.Context, t *testing.T) aiofs.FS {
		return aiofs.Dir(aiofs.OS, t.TempDir())
	})
}

func TestAFolderWithinAFolderConforms(t *testing.T) {
	fstest.TestFS(t, context.Background, func(ctx context.Context, t *testing.T) aiofs.FS {
		d := aiofs.Dir(aiofs.Dir(aiofs.OS, t.TempDir()), "a/b")
		if err := d.MkdirAll(ctx, ".", 0o755); err != nil {
			t.Fatal(err)
		}
		return d
	})
}
