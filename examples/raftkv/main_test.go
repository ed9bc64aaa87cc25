package main

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
)

// The demonstration starts its nodes by running its own program, which here is the test.
func TestMain(m *testing.M) {
	if os.Getenv("RAFTKV_PROGRAM") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// run is the program with arguments, and what it prints.
func run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(os.Environ(), "RAFTKV_PROGRAM=1")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestTheDemonstrationLosesNothingAndLeavesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("runs three processes, for some seconds")
	}
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	out, err := run(t)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, line := range []string{"50 keys are written", "was killed; node", "has caught up with node", "all 100 keys are there"} {
		if !strings.Contains(out, line) {
			t.Errorf("it does not say %q:\n%s", line, out)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("its folder is left: %v, %v", left, err)
	}
}

func TestTheCommandsSayWhatIsMissing(t *testing.T) {
	for want, args := range map[string][]string{
		"there is no command":   {"delete"},
		"is not ID=HOST:PORT":   {"get", "-peers", "one", "key"},
		"with an ID from 1":     {"get", "-peers", "0=localhost:1", "key"},
		"use put KEY VALUE":     {"put", "-peers", "1=localhost:1", "key"},
		"an -id that is one of": {"node", "-peers", "1=localhost:1", "-id", "2", "-dir", "x"},
		"no node that leads":    {"get", "-patience", "50ms", "-peers", "1=127.0.0.1:1", "key"},
	} {
		out, err := run(t, args...)
		if err == nil || !strings.Contains(out, want) {
			t.Errorf("%v: %v, want %q in\n%s", args, err, want, out)
		}
	}
}

// One node is a cluster too: a majority of one.
func TestACommandWritesAndAnotherReads(t *testing.T) {
	if testing.Short() {
		t.Skip("elects a leader in real time")
	}
	c, err := newCluster()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("RAFTKV_PROGRAM", "1")
	only := "1=" + c.peers[1]
	c.peers = map[uint64]string{1: c.peers[1]}
	err = asyncio.Run(t.Context(), func(ctx context.Context) error {
		defer c.end(ctx)
		if err := c.start(ctx, 1); err != nil {
			return err
		}
		_, err := asyncio.ToThread(ctx, func(context.Context) (struct{}, error) {
			for _, step := range []struct{ want, args string }{
				{"", "put fruit apple"},
				{"apple\n", "get fruit"},
				{"", "cas fruit apple pear"},
				{`fruit is not "apple"`, "cas fruit apple plum"},
				{"pear\n", "get fruit"},
			} {
				args := strings.Fields(step.args)
				out, err := run(t, append([]string{args[0], "-peers", only}, args[1:]...)...)
				if wrong := strings.HasPrefix(step.want, "fruit"); !strings.HasPrefix(out, step.want) || wrong == (err == nil) {
					t.Errorf("%s: %v, %q, want %q", step.args, err, out, step.want)
				}
			}
			return struct{}{}, nil
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
