// Package examples has the test that builds and runs the programs below it.
package examples

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// arguments are those with which a program ends by itself; most need none.
var arguments = map[string][]string{
	"chat":     {"-demo"},
	"crawler":  {"-demo"},
	"shutdown": {"-demo"},
}

// lastLine is a part of the last line that each program prints, without the times
// in it: the clock is real here, and the machine may be slow.
var lastLine = map[string]string{
	"chat":         "Ann hears: Cem: hello from Cem",
	"codecs":       "by 3 at the same time: pears 3000",
	"crawler":      "visited /news/two",
	"factorial":    "[2 6 24] in",
	"mail":         `from cem@example.com to dan@example.com, encrypted: true`,
	"periodic":     "due at",
	"pipeline":     "took",
	"postgres":     "in the end: Ann has 60, Bob has 105, Cem has 135",
	"pubsub":       "reads \"13 o'clock: 17°\"",
	"raftkv":       "all 100 keys are there",
	"redis":        "10 tasks counted to 200; the subscriber heard of 200 numbers, from 1 to 200",
	"retry":        "gave up after 1s",
	"seats":        "has seat",
	"shutdown":     "ended by signal: interrupt",
	"threeservers": "slow: no answer",
	"workerpool":   "10 jobs in",
}

func TestEveryExampleBuildsAndRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("runs in real time, for a few seconds")
	}
	bin := t.TempDir()
	build := exec.Command("go", "build", "-o", bin, "./...")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, name := range programs(t) {
		t.Run(name, func(t *testing.T) {
			if name == "shutdown" && runtime.GOOS == "windows" {
				t.Skip("a process of this system cannot interrupt itself")
			}
			t.Parallel()
			runOne(t, filepath.Join(bin, name), name)
		})
	}
}

// programs are the folders here: a new one is run without being listed anywhere,
// but it must say how its output ends.
func programs(t *testing.T) (names []string) {
	t.Helper()
	all, err := filepath.Glob("*/main.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range all {
		name := filepath.Dir(path)
		if _, ok := lastLine[name]; !ok {
			t.Errorf("examples/%s: add to lastLine how its output ends", name)
		}
		if _, err := os.Stat(filepath.Join(name, "main_test.go")); err != nil {
			t.Errorf("examples/%s has no test of its own: %v", name, err)
		}
		names = append(names, name)
	}
	if len(names) != len(lastLine) {
		t.Errorf("there are %d programs, and lastLine speaks of %d", len(names), len(lastLine))
	}
	return names
}

func runOne(t *testing.T, path, name string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, arguments[name]...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if strings.Contains(string(out), "is not installed") {
		t.Skip(string(out))
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if got := lines[len(lines)-1]; !strings.Contains(got, lastLine[name]) {
		t.Errorf("the last line is %q and does not contain %q; all of it:\n%s", got, lastLine[name], out)
	}
}
