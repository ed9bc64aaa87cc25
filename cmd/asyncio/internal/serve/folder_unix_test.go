//go:build unix

package serve

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestAPipeIsNotOpened(t *testing.T) {
	dir := newFolder(t)
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Skip(err)
	}
	url, interrupt := start(t, dir)
	defer interrupt()
	// To open it would wait for a writer, for ever.
	if status, body := get(t, url+"pipe"); status != 403 || body != "403 Forbidden\n" {
		t.Errorf("%d %q", status, body)
	}
}

func TestAFileThatMayNotBeReadIsForbidden(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("nothing is forbidden to root")
	}
	dir := newFolder(t)
	if err := os.Chmod(filepath.Join(dir, "a.txt"), 0); err != nil {
		t.Fatal(err)
	}
	url, interrupt := start(t, dir)
	defer interrupt()
	if status, _ := get(t, url+"a.txt"); status != 403 {
		t.Errorf("status %d, want 403", status)
	}
}
