package servers

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aioexec"
)

func TestAServerIsFoundWhereItIsAndMissedWhereItIsNot(t *testing.T) {
	dir := t.TempDir()
	for _, version := range []string{"14", "15"} {
		if err := os.MkdirAll(filepath.Join(dir, version), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, version, "asyncio-test-server"), nil, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Find("asyncio-test-server", "package", filepath.Join(dir, "none"), filepath.Join(dir, "*"))
	if want := filepath.Join(dir, "15", "asyncio-test-server"); got != want || err != nil {
		t.Errorf("found %q, %v, want %q", got, err, want)
	}
	_, err = Find("asyncio-test-server", "package")
	if !Missing(err) || !strings.Contains(err.Error(), "apt-get install package") {
		t.Errorf("a server that is not there: %v", err)
	}
	if Missing(errors.New("something else")) || Missing(nil) {
		t.Error("other errors say that a server is missing")
	}
}

func TestAServerThatEndsAtOnceSaysWhyAndLeavesNothing(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell")
	}
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		s, err := newServer("test")
		if err != nil {
			return err
		}
		s.Socket = filepath.Join(s.Dir, "socket")
		err = s.start(ctx, aioexec.Command("sh", "-c", "echo no licence; exit 3"), s.accepts)
		if err == nil || !strings.Contains(err.Error(), "no licence") {
			t.Errorf("start: %v", err)
		}
		if err := s.Stop(ctx); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(s.Dir); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("its folder is still there: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
