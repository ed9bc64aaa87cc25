//go:build unix

package aiofs_test

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/aiofs"
)

// To open a named pipe takes until somebody opens its other end: here, until the task
// that wanted it is gone.
func TestAFileThatNobodyWaitsForAnyMoreIsClosedWhenItIsOpen(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	var w *os.File
	endedByForce(t, func(ctx context.Context, _ aiofs.FS) {
		defer func() {
			var err error
			if w, err = os.OpenFile(pipe, os.O_WRONLY, 0); err != nil {
				t.Error(err)
			}
		}()
		aiofs.Open(ctx, aiofs.OS, pipe)
	})
	if w == nil {
		t.Fatal("the pipe was not opened")
	}
	defer w.Close()
	for range 10_000 { // the thread may still be at it
		if _, err := w.Write([]byte("x")); err != nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Error("somebody has the pipe open still")
}
