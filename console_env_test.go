//go:build !asyncio_noconsole

package asyncio_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio"
)

// TestTheEnvironmentTurnsAConsoleOn runs this very test again in a process with another
// environment.
func TestTheEnvironmentTurnsAConsoleOn(t *testing.T) {
	if os.Getenv("ASYNCIO_TEST_CHILD") != "" {
		for range 2 {
			must(t, asyncio.Run(context.Background(), asyncio.Yield))
		}
		return
	}
	run := func(t *testing.T, address string) string {
		cmd := exec.Command(os.Args[0], "-test.run=^TestTheEnvironmentTurnsAConsoleOn$")
		cmd.Env = append(os.Environ(), "ASYNCIO_TEST_CHILD=1", "XDG_RUNTIME_DIR="+t.TempDir())
		if address != "" {
			cmd.Env = append(cmd.Env, "ASYNCIO_CONSOLE="+address)
		}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return string(out)
	}
	t.Run("once, at the first Run, and tells where it is", func(t *testing.T) {
		if n := strings.Count(run(t, "127.0.0.1:0"), "http://127.0.0.1:"); n != 1 {
			t.Errorf("the address was told %d times", n)
		}
	})
	t.Run("and not where it says nothing", func(t *testing.T) {
		if out := run(t, ""); strings.Contains(out, "http://") {
			t.Errorf("a console nobody wanted: %s", out)
		}
	})
}
