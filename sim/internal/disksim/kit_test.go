package disksim_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiofs"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/sim/internal/disksim"
	"github.com/goasyncio/asyncio/sim/internal/simenv"
)

// world is one host with a disk: its clock is that of the loop on which the test runs.
type world struct {
	*testing.T
	*simenv.Fake
	ctx   context.Context
	start time.Time
	disk  *disksim.Disk
}

// Now implements [simenv.Env].
func (w *world) Now() driver.Instant { return driver.Instant(asyncio.Now(w.ctx).Sub(w.start)) }

func newWorld(ctx context.Context, t *testing.T, seed uint64) *world {
	w := &world{T: t, Fake: simenv.NewFake(seed), ctx: ctx, start: asyncio.Now(ctx)}
	w.disk = disksim.New(w, "host")
	return w
}

// run runs a test in a world of its own.
func run(t *testing.T, seed uint64, main func(w *world)) {
	t.Helper()
	asynciotest.Run(t, func(ctx context.Context) { main(newWorld(ctx, t, seed)) })
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// open opens a file, which is made where it is not there.
func (w *world) open(name string) aiofs.File {
	w.Helper()
	f, err := w.disk.Mount().OpenFile(w.ctx, name, os.O_RDWR|os.O_CREATE, 0o644)
	w.must(err)
	return f
}

func (w *world) writeAt(f aiofs.File, text string, off int64) {
	w.Helper()
	_, err := f.WriteAt(w.ctx, []byte(text), off)
	w.must(err)
}

// durable makes a file that is on the disk, with its name.
func (w *world) durable(name, text string) aiofs.File {
	w.Helper()
	f := w.open(name)
	w.writeAt(f, text, 0)
	w.must(f.Sync(w.ctx))
	w.must(w.disk.Mount().SyncDir(w.ctx, "."))
	return f
}

// state is what processes see, in one string.
func (w *world) state() string {
	s := ""
	w.disk.Walk(func(path string, content []byte) {
		if s += path; content != nil {
			s += "=" + string(content)
		} else {
			s += "/"
		}
		s += " "
	})
	return s
}

// content is that of a file; ok tells whether it is there.
func (w *world) content(name string) (text string, ok bool) {
	w.disk.Walk(func(path string, content []byte) {
		if path == "/"+name {
			text, ok = string(content), true
		}
	})
	return text, ok
}

// script is a world's decisions that are given: a number per label, which stays, and 0
// where there is none.
type script struct {
	*world
	draws map[string]int
}

// Draw implements [simenv.Env].
func (s script) Draw(_ int, label string) int { return s.draws[label] }

// Chance implements [simenv.Env].
func (s script) Chance(p float64, _ string) bool { return p >= 1 }

// scripted runs a test in a world that decides as it is told.
func scripted(t *testing.T, draws map[string]int, main func(w *world)) {
	t.Helper()
	asynciotest.Run(t, func(ctx context.Context) {
		w := newWorld(ctx, t, 0)
		w.disk = disksim.New(script{w, draws}, "host")
		main(w)
	})
}

// The labels of what a crash decides.
const (
	writesAtCrash = "writes at a crash: kept, lost, cut off, mixed"
	namesAtCrash  = "names at a crash: kept, lost, cut off, mixed"
)
