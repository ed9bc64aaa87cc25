// Mutation asks whether the tests would notice: it puts bugs that event loops and their
// consoles have had into a copy of this module, one at a time, and runs the tests that
// should fail.
//
//	go run ./internal/mutation            all of them, which takes an hour or two
//	go run ./internal/mutation -run lock  those whose names match
//	go run ./internal/mutation -list      what there is
//
// Each bug is a small change of text that fits exactly one place, which a test of this
// package checks every day: who changes the place adapts the bug. The copy is made from
// the working tree, in a temporary directory. A bug that no test notices is a test that
// is missing; the command then fails.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

func main() {
	only := flag.String("run", "", "take the bugs whose names match this `regexp`")
	list := flag.Bool("list", false, "list the bugs and their places, and end")
	limit := flag.Duration("limit", 3*time.Minute, "how long the tests of a package may take")
	flag.Parse()
	if err := mutate(*only, *list, *limit); err != nil {
		fmt.Fprintln(os.Stderr, "mutation:", err)
		os.Exit(1)
	}
}

// mutate tries the bugs whose names match.
func mutate(only string, list bool, limit time.Duration) error {
	pattern, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "mutation")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if !list {
		if err := copyModule(dir); err != nil {
			return err
		}
	}
	tried, caught := 0, 0
	var unfit error
	for _, b := range bugs() {
		switch {
		case !pattern.MatchString(b.name):
			continue
		case list:
			fmt.Printf("%-28s %s\n", b.file, b.name)
			continue
		}
		v, err := b.try(dir, limit)
		if err != nil {
			unfit = errors.Join(unfit, err)
			continue
		}
		tried++
		if v.caught {
			caught++
		}
		fmt.Printf("%-8v %4.0fs  %-28s %s: %s\n", v, v.took.Seconds(), b.file, b.name, v.by)
	}
	if list {
		return nil
	}
	fmt.Printf("%d of %d bugs were caught\n", caught, tried)
	if caught < tried {
		return errors.Join(unfit, fmt.Errorf("%d survived", tried-caught))
	}
	return unfit
}

// copyModule copies the files of the working tree that git knows or would take.
func copyModule(to string) error {
	out, err := exec.Command("git", "ls-files", "-co", "--exclude-standard").Output()
	if err != nil {
		return fmt.Errorf("git ls-files: %w: run it in the module's folder", err)
	}
	for _, name := range strings.Fields(string(out)) {
		if err := copyFile(name, filepath.Join(to, name)); err != nil && !os.IsNotExist(err) {
			return err // what is not there has been deleted and not committed
		}
	}
	return nil
}

func copyFile(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o644)
}

// A verdict is what the tests have said of a bug.
type verdict struct {
	caught bool
	by     string
	took   time.Duration
}

// String is one word.
func (v verdict) String() string {
	if v.caught {
		return "caught"
	}
	return "SURVIVED"
}

// try puts the bug into the copy, runs the tests, and takes it out again.
func (b bug) try(dir string, limit time.Duration) (verdict, error) {
	path := filepath.Join(dir, b.file)
	whole, err := os.ReadFile(path)
	if err != nil {
		return verdict{}, err
	}
	wrong, err := b.apply(string(whole))
	if err != nil {
		return verdict{}, err
	}
	if err := os.WriteFile(path, []byte(wrong), 0o644); err != nil {
		return verdict{}, err
	}
	defer os.WriteFile(path, whole, 0o644)
	start := time.Now()
	for _, t := range b.tests {
		by, err := t.fails(dir, limit)
		switch {
		case err != nil:
			return verdict{}, fmt.Errorf("%s: %w", b.name, err)
		case by != "":
			return verdict{true, by, time.Since(start)}, nil
		}
	}
	return verdict{by: "by all tests", took: time.Since(start)}, nil
}

// fails runs the tests and tells which of them failed, or "". A bug that does not compile
// says nothing, and is an error.
func (t tests) fails(dir string, limit time.Duration) (by string, failed error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit+2*time.Minute) // go test ends itself, and says where
	defer cancel()
	args := append([]string{"test", "-short", "-failfast", "-vet=off", "-timeout", limit.String()}, t.flags...)
	cmd := exec.CommandContext(ctx, "go", append(args, t.dir)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	switch {
	case err == nil:
		return "", nil
	case strings.Contains(string(out), "[build failed]"):
		return "", fmt.Errorf("it does not compile:\n%s", out)
	}
	return t.dir + " " + culprit(string(out)), nil
}

var failures = regexp.MustCompile(`(?m)^--- FAIL: (\S+)|^panic: test timed out|^fatal error: (.*)$|^panic: (.*)$`)

// culprit is what the output of go test says has failed.
func culprit(out string) string {
	m := failures.FindStringSubmatch(out)
	switch {
	case m == nil:
		return "without a name"
	case m[1] != "":
		return m[1]
	case strings.Contains(m[0], "timed out"):
		return "hangs" + running(out)
	}
	return strings.TrimSpace(m[0])
}

// running is the test that ran when the time was over.
func running(out string) string {
	if m := regexp.MustCompile(`running tests:\s+(\S+)`).FindStringSubmatch(out); m != nil {
		return " in " + m[1]
	}
	return ""
}
