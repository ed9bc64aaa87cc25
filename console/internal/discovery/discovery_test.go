//go:build unix

package discovery_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/console/internal/discovery"
)

// folder is an own place for the files of a test.
func folder(t *testing.T) string {
	t.Helper()
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	return discovery.Dir()
}

func mine() discovery.Entry {
	return discovery.Entry{PID: os.Getpid(), Address: "127.0.0.1:1", Token: "secret", Program: "test", Started: time.Unix(1, 0).UTC()}
}

func list(t *testing.T) []discovery.Entry {
	t.Helper()
	all, err := discovery.List()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestWhatIsWrittenIsFoundUntilItIsRemoved(t *testing.T) {
	dir := folder(t)
	if got := list(t); got != nil {
		t.Errorf("before: %v", got)
	}
	remove, err := mine().Write()
	if err != nil {
		t.Fatal(err)
	}
	if got := list(t); len(got) != 1 || got[0] != mine() {
		t.Errorf("found %v, want %v", got, mine())
	}
	name := filepath.Join(dir, strconv.Itoa(os.Getpid())+".json")
	for file, want := range map[string]os.FileMode{dir: 0o700 | os.ModeDir, name: 0o600} {
		if info, err := os.Stat(file); err != nil || info.Mode() != want {
			t.Errorf("%s: %v, %v; want %v", file, info.Mode(), err, want)
		}
	}
	for range 2 {
		if err := remove(); err != nil {
			t.Error(err)
		}
	}
	if got := list(t); got != nil {
		t.Errorf("after: %v", got)
	}
}

func TestTheFileOfALaterConsoleStays(t *testing.T) {
	folder(t)
	remove, err := mine().Write()
	if err != nil {
		t.Fatal(err)
	}
	later := mine()
	later.Address = "127.0.0.1:2"
	if _, err := later.Write(); err != nil {
		t.Fatal(err)
	}
	if err := remove(); err != nil {
		t.Fatal(err)
	}
	if got := list(t); len(got) != 1 || got[0].Address != later.Address {
		t.Errorf("found %v", got)
	}
}

func TestTheFileOfAProcessThatIsGoneIsRemoved(t *testing.T) {
	dir := folder(t)
	c := exec.Command("true")
	if err := c.Run(); err != nil {
		t.Skip(err)
	}
	e := mine()
	e.PID = c.Process.Pid
	if _, err := e.Write(); err != nil {
		t.Fatal(err)
	}
	if got := list(t); got != nil {
		t.Errorf("found %v", got)
	}
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Errorf("there is still %v", files)
	}
}

func TestWhatIsNoEntryIsSkipped(t *testing.T) {
	dir := folder(t)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	pid := strconv.Itoa(os.Getpid())
	for name, text := range map[string]string{
		"empty": "", "words": "hello", "another's": `{"pid":1,"address":"127.0.0.1:1"}`,
		"without an address": `{"pid":` + pid + `}`, "long": strings.Repeat("[", 1<<20),
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(filepath.Join(dir, pid+".json"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if got := list(t); got != nil {
				t.Errorf("found %v", got)
			}
		})
	}
	t.Run("one that others can write", func(t *testing.T) {
		name := filepath.Join(dir, pid+".json")
		if _, err := mine().Write(); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(name, 0o666); err != nil {
			t.Fatal(err)
		}
		if got := list(t); got != nil {
			t.Errorf("found %v", got)
		}
	})
	t.Run("one of another user", func(t *testing.T) {
		if os.Getuid() != 0 {
			t.Skip("only root can make one")
		}
		if _, err := mine().Write(); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(filepath.Join(dir, pid+".json"), 12345, -1); err != nil {
			t.Fatal(err)
		}
		if got := list(t); got != nil {
			t.Errorf("found %v", got)
		}
	})
}

func TestAFolderThatOthersCanReadIsRefused(t *testing.T) {
	dir := folder(t)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := mine().Write(); err == nil || !strings.Contains(err.Error(), "open to others") {
		t.Errorf("writing there: %v", err)
	}
	if _, err := discovery.List(); err == nil {
		t.Error("it was read")
	}
	t.Run("and so is a link to one", func(t *testing.T) {
		if err := os.Remove(dir); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(t.TempDir(), dir); err != nil {
			t.Fatal(err)
		}
		if _, err := mine().Write(); err == nil {
			t.Error("the link was followed")
		}
	})
}
