//go:build unix

package main

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"
)

// The test binary is the command itself where this is set.
const asCommand = "ASYNCIO_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	if os.Getenv(asProgram) != "" {
		watched()
		return
	}
	os.Exit(m.Run())
}

func command(args ...string) *exec.Cmd {
	c := exec.Command(os.Args[0], args...)
	c.Env = append(os.Environ(), asCommand+"=1")
	return c
}

// status is the exit status of a process that has ended.
func status(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return 0
}

func TestASignalEndsTheLessonCleanly(t *testing.T) {
	for _, test := range []struct {
		signal syscall.Signal
		status int
		says   string
	}{
		{syscall.SIGINT, 130, "asyncio tutorial: ended by signal: interrupt\n"},
		{syscall.SIGTERM, 143, "asyncio tutorial: ended by signal: terminated\n"},
	} {
		t.Run(test.signal.String(), func(t *testing.T) {
			// An hour's pause: if the signal did not end it, the test would not end.
			c, lines, stderr := started(t, "tutorial", "--step", "1h")
			for lines.Scan() && !strings.Contains(lines.Text(), "Compute") {
			}
			if err := c.Process.Signal(test.signal); err != nil {
				t.Fatal(err)
			}
			if got := status(c.Wait()); got != test.status {
				t.Errorf("exit status %d, want %d", got, test.status)
			}
			if got := stderr.String(); got != test.says {
				t.Errorf("it says %q, want %q", got, test.says)
			}
		})
	}
}

// started is the command under way, the lines that it prints, and what it says of errors.
func started(t *testing.T, args ...string) (*exec.Cmd, *bufio.Scanner, *bytes.Buffer) {
	t.Helper()
	c, stderr := command(args...), new(bytes.Buffer)
	c.Stderr = stderr
	stdout, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c, bufio.NewScanner(stdout), stderr
}

func TestASignalEndsTheServerGently(t *testing.T) {
	c, lines, stderr := started(t, "serve", "--address", "127.0.0.1:0", t.TempDir())
	if lines.Scan(); !strings.HasPrefix(lines.Text(), "Serving ") {
		t.Errorf("it begins with %q", lines.Text())
	}
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if lines.Scan(); !strings.HasPrefix(lines.Text(), "Served 0 requests, 0 B, in ") {
		t.Errorf("it ends with %q", lines.Text())
	}
	if got := status(c.Wait()); got != 143 || stderr.String() != "asyncio serve: ended by signal: terminated\n" {
		t.Errorf("exit status %d, and it says %q", got, stderr.String())
	}
}

func TestEverySubcommandExplainsItself(t *testing.T) {
	overview, err := command("--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range commands() {
		if c.Short == "" || !strings.Contains(string(overview), c.Short) {
			t.Errorf("%s is not in the overview", c.Name())
		}
		help, err := command(c.Name(), "--help").Output()
		if err != nil || !strings.Contains(string(help), "Examples:") {
			t.Errorf("the help of %s has no examples: %v", c.Name(), err)
		}
		for line := range strings.Lines(string(help)) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
				t.Errorf("the help of %s has a line of %d characters: %s", c.Name(), n, line)
			}
		}
	}
}

func TestTheCommandItselfIsHelp(t *testing.T) {
	out, err := command().Output()
	if err != nil || !strings.Contains(string(out), "Available Commands:") {
		t.Errorf("without arguments: %v\n%s", err, out)
	}
}
