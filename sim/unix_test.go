package sim

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/goasyncio/asyncio/aionet"
)

// A Unix socket of a world has the name of a file, and is none: a file of the system
// that has that name must not be touched.
func TestUnixSocketsOfAWorldLeaveTheFilesOfTheSystemAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Skip("no Unix sockets here:", err)
	}
	stale.SetUnlinkOnClose(false)
	stale.Close()
	if f := once(t, func(w *World) {
		for range 2 {
			l, err := aionet.Listen(w.Context(), "unix", path)
			if err != nil {
				w.Fatalf("%v", err)
			}
			if _, err := aionet.Listen(w.Context(), "unix", path); err == nil {
				w.Errorf("a second one listens")
			}
			l.Close()
		}
	}); f != nil {
		t.Error(f)
	}
	if _, err := os.Lstat(path); err != nil {
		t.Errorf("the file of the system: %v", err)
	}
}
