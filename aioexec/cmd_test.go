package aioexec_test

import (
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio/aioexec"
)

func TestACommandHasAName(t *testing.T) {
	for _, c := range []struct {
		cmd  *aioexec.Cmd
		want string
	}{
		{&aioexec.Cmd{Path: "/bin/tool", Args: []string{"tool", "-v", "name"}}, "/bin/tool -v name"},
		{&aioexec.Cmd{Path: "/bin/tool"}, "/bin/tool"},
		{aioexec.Command("there-is-no-such-program", "-v"), "there-is-no-such-program -v"},
	} {
		if got := c.cmd.String(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestCommandLooksForTheProgram(t *testing.T) {
	c := aioexec.Command("there-is-no-such-program")
	if !errors.Is(c.Err, exec.ErrNotFound) {
		t.Errorf("Err is %v", c.Err)
	}
	want := exec.Command("go", "version")
	got := aioexec.Command("go", "version")
	if got.Path != want.Path || !slices.Equal(got.Args, want.Args) || (got.Err == nil) != (want.Err == nil) {
		t.Errorf("got %q %q, want %q %q", got.Path, got.Args, want.Path, want.Args)
	}
}

func TestEnvironIsThatOfThePlatform(t *testing.T) {
	c := &aioexec.Cmd{Path: "/bin/tool", Env: []string{"A=1", "A=2"}, Dir: "/"}
	env := c.Environ()
	if !slices.Contains(env, "A=2") || slices.Contains(env, "A=1") {
		t.Errorf("the last of two values counts: %q", env)
	}
	inherited := (&aioexec.Cmd{Path: "/bin/tool"}).Environ()
	if !slices.ContainsFunc(inherited, func(s string) bool { return strings.HasPrefix(strings.ToUpper(s), "PATH=") }) {
		t.Errorf("without Env it is this process's: %q", inherited)
	}
}
