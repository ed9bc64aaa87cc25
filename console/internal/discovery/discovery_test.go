//go:build unix

package discovery_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
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

func TestTheFileOfAProcessWhoseNumberAnotherHasNowIsRemoved(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the system does not tell one process from another")
	}
	dir := folder(t)
	if _, err := mine().Write(); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, strconv.Itoa(os.Getpid())+".json")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, process := range []string{"", "6d0f-after-a-boot 4711"} {
		changed := regexp.MustCompile(`"process":"[0-9a-f-]{36} \d+"`).ReplaceAllString(string(text), `"process":"`+process+`"`)
		if changed == string(text) {
			t.Fatalf("there is no mark in %s", text)
		}
		if err := os.WriteFile(name, []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := list(t); (len(got) == 1) != (process == "") {
			t.Errorf("process %q: found %v", process, got)
		}
	}
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Errorf("there is still %v", files)
	}
}

func TestWhoWritesRemovesWhatIsLeftOver(t *testing.T) {
	dir := folder(t)
	c := exec.Command("true")
	if err := c.Run(); err != nil {
		t.Skip(err)
	}
	if _, err := mine().Write(); err != nil { // and the folder is there
		t.Fatal(err)
	}
	dead, self := strconv.Itoa(c.Process.Pid), strconv.Itoa(os.Getpid())
	for _, name := range []string{dead + ".json", dead + ".new-123", self + ".new-123", "notes.json", dead} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := mine().Write(); err != nil {
		t.Fatal(err)
	}
	var names []string
	files, _ := os.ReadDir(dir)
	for _, f := range files {
		names = append(names, f.Name())
	}
	want := []string{self + ".json", self + ".new-123", dead, "notes.json"} // it may be writing another one
	slices.Sort(names)
	slices.Sort(want)
	if !slices.Equal(names, want) {
		t.Errorf("there is %v, want %v", names, want)
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
