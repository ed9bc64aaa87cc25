package asynciotest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/internal/coro"
)

// CheckLeaks notes what the process holds now and returns a function that fails
// the test where there is more: goroutines, with their stacks, coroutines of
// loops, and, where the system lists them in /proc/self/fd, descriptors. Defer it
// at the beginning of the test:
//
//	defer asynciotest.CheckLeaks(t)()
//
// A goroutine that is about to end gets up to a second for it. The counts are the
// process's: do not use CheckLeaks in a test that runs parallel to others.
func CheckLeaks(t testing.TB) (check func()) {
	openNetpoll()
	before := takeInventory()
	return func() {
		t.Helper()
		for _, leak := range before.leaks() {
			t.Errorf("asynciotest: leaked: %s", leak)
		}
	}
}

// inventory is what a process holds at one moment.
type inventory struct {
	goroutines  map[string]string // stack by number
	coroutines  int64
	descriptors map[string]string // what it is by number
}

func takeInventory() inventory {
	return inventory{goroutines(), coro.Live(), descriptors()}
}

// patience is how long a goroutine may take for its last steps. A test that leaks
// nothing hardly ever waits for any of it.
const patience = time.Second

// leaks tells what there is now that was not in before.
func (before inventory) leaks() (leaks []string) {
	for pause := 10 * time.Microsecond; ; pause *= 2 {
		leaks = before.compare(takeInventory())
		if len(leaks) == 0 || pause > patience/2 {
			return leaks
		}
		time.Sleep(pause)
	}
}

func (before inventory) compare(now inventory) (leaks []string) {
	for id, stack := range now.goroutines {
		if _, old := before.goroutines[id]; !old {
			leaks = append(leaks, stack)
		}
	}
	for number, what := range now.descriptors {
		if before.descriptors[number] != what {
			leaks = append(leaks, fmt.Sprintf("descriptor %s: %s", number, what))
		}
	}
	slices.Sort(leaks)
	if n := now.coroutines - before.coroutines; n > 0 {
		leaks = append(leaks, fmt.Sprintf("%d coroutines of loops", n))
	}
	return leaks
}

func goroutines() map[string]string {
	all := make(map[string]string)
	for stack := range bytes.SplitSeq(coro.AllStacks(), []byte("\n\n")) {
		if bytes.Contains(stack, []byte("os/signal.loop(")) {
			continue // package os/signal starts it at its first use, once for the process
		}
		id, _, _ := bytes.Cut(bytes.TrimPrefix(stack, []byte("goroutine ")), []byte(" "))
		all[string(id)] = string(bytes.TrimSpace(stack))
	}
	return all
}

// descriptors is empty where the system does not tell.
func descriptors() map[string]string {
	const dir = "/proc/self/fd"
	all := make(map[string]string)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return all
	}
	for _, e := range entries {
		// The descriptor by which the folder was read is closed again: no such link.
		if what, err := os.Readlink(filepath.Join(dir, e.Name())); err == nil {
			all[e.Name()] = what
		}
	}
	return all
}

// openNetpoll makes Go's runtime open its own poller, which it keeps for ever, so
// that it does not look like a leak of the test that happens to be the first.
func openNetpoll() {
	if r, w, err := os.Pipe(); err == nil {
		r.Close()
		w.Close()
	}
}
