//go:build unix

package save

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestAPipeIsWrittenAndNotReplaced(t *testing.T) {
	name := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	reader, err := os.OpenFile(name, os.O_RDWR, 0) // so that nobody waits for a peer
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	f, err := Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Commit(write("picture")); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(name); info.Mode().Type() != fs.ModeNamedPipe {
		t.Fatalf("the pipe is now %v", info.Mode())
	}
	got := make([]byte, len("picture"))
	if _, err := io.ReadFull(reader, got); err != nil || string(got) != "picture" {
		t.Errorf("%q came through the pipe: %v", got, err)
	}
}
