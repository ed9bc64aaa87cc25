//go:build unix

package aioexec_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aioexec"
	"github.com/goasyncio/asyncio/asynciotest"
)

// long is longer than any test may take: what takes as long hangs.
const long = time.Minute

// run runs a test's main on a real loop and checks that it leaves nothing behind:
// no goroutine, no descriptor, no child.
func run(t *testing.T, main func(ctx context.Context) error, opts ...asyncio.Option) {
	t.Helper()
	if err := runMain(t, main, opts...); err != nil {
		t.Error(err)
	}
}

func runMain(t *testing.T, main func(ctx context.Context) error, opts ...asyncio.Option) error {
	t.Helper()
	defer checkChildren(t)()
	defer asynciotest.CheckLeaks(t)()
	return asyncio.Run(t.Context(), main, opts...)
}

// checkChildren fails the test where it leaves a child, dead or alive.
func checkChildren(t *testing.T) func() {
	t.Helper()
	before := children()
	return func() {
		t.Helper()
		var left []string
		for wait := time.Millisecond; wait < time.Second; wait *= 2 { // one that was killed last may need a moment
			left = slices.DeleteFunc(children(), func(c string) bool { return slices.Contains(before, c) })
			if left == nil {
				return
			}
			time.Sleep(wait)
		}
		t.Errorf("children left: %q", left)
	}
}

// children are number, name and state of this process's children, zombies included,
// where the system tells.
func children() (found []string) {
	if runtime.GOOS != "linux" {
		return nil
	}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range stats {
		stat, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		head, tail, _ := bytes.Cut(stat, []byte(") "))
		if fields := bytes.Fields(tail); len(fields) > 1 && string(fields[1]) == strconv.Itoa(os.Getpid()) {
			found = append(found, fmt.Sprintf("%s) %s", head, fields[0]))
		}
	}
	return found
}

// alive tells whether there is a process with the number, zombies included.
func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	defer p.Release()
	return p.Signal(nothing) == nil
}

// sh is a command of the shell.
func sh(script string) *aioexec.Cmd { return aioexec.Command("sh", "-c", script) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// cancelOnce runs f as a task, cancels it as soon as ready, and returns its error.
func cancelOnce(ctx context.Context, t *testing.T, ready func() bool, f func(ctx context.Context) error) error {
	t.Helper()
	task := asyncio.Go(ctx, f)
	must(t, asyncio.Yield(ctx)) // it has begun
	for !ready() && !task.Done() {
		must(t, asyncio.Sleep(ctx, time.Millisecond))
	}
	must(t, asyncio.Yield(ctx)) // it has seen what makes it ready
	must(t, asyncio.Yield(ctx))
	task.Cancel(nil)
	_, err := task.Await(ctx)
	if !task.Cancelled() {
		t.Errorf("the task was not cancelled: %v", err)
	}
	return err
}

// line reads from p to the end of a line.
func line(ctx context.Context, t *testing.T, p *aioexec.Pipe) string {
	t.Helper()
	var all []byte
	for b := make([]byte, 1); ; {
		if _, err := p.ReadContext(ctx, b); err != nil {
			t.Fatalf("after %q: %v", all, err)
		}
		if b[0] == '\n' {
			return string(all)
		}
		all = append(all, b[0])
	}
}

// number is line for a number.
func number(ctx context.Context, t *testing.T, p *aioexec.Pipe) int {
	t.Helper()
	n, err := strconv.Atoi(line(ctx, t, p))
	must(t, err)
	return n
}
