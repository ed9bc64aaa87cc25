package disksim_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiofs"
	"github.com/goasyncio/asyncio/sim/internal/disksim"
)

// wantErr checks an error and which call it is of.
func wantErr(t *testing.T, err, target error, op string) {
	t.Helper()
	var e *fs.PathError
	if !errors.Is(err, target) || !errors.As(err, &e) || e.Op != op {
		t.Errorf("got %v, want %s: %v", err, op, target)
	}
}

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		sentence string
		faults   disksim.Faults
		count    string
		do       func(t *testing.T, w *world, f aiofs.File)
	}{
		{"a read that fails reads nothing", disksim.Faults{ReadError: 1}, "read error", func(t *testing.T, w *world, f aiofs.File) {
			n, err := f.Read(w.ctx, make([]byte, 2))
			wantErr(t, err, syscall.EIO, "read")
			w.disk.SetFaults(disksim.Faults{})
			text, _ := aiofs.ReadFile(w.ctx, w.disk.Mount(), "f")
			if at, _ := f.Seek(w.ctx, 0, 1); n != 0 || at != 0 || string(text) != "text" {
				t.Errorf("read %d, offset %d, content %q", n, at, text)
			}
		}},
		{"a write that fails has written what it says", disksim.Faults{WriteError: 1}, "write error", func(t *testing.T, w *world, f aiofs.File) {
			n, err := f.Write(w.ctx, []byte("0123456789"))
			wantErr(t, err, syscall.EIO, "write")
			if got, _ := w.content("f"); n != 3 || got != "012t" {
				t.Errorf("written %d, content %q", n, got)
			}
		}},
		{"a full disk takes a part", disksim.Faults{Full: 1}, "disk full", func(t *testing.T, w *world, f aiofs.File) {
			n, err := f.Write(w.ctx, []byte("0123456789"))
			wantErr(t, err, syscall.ENOSPC, "write")
			if got, _ := w.content("f"); n != 2 || got != "01xt" {
				t.Errorf("written %d, content %q", n, got)
			}
		}},
		{"a full disk takes no new file", disksim.Faults{Full: 1}, "disk full", func(t *testing.T, w *world, f aiofs.File) {
			_, err := aiofs.Create(w.ctx, w.disk.Mount(), "g")
			wantErr(t, err, syscall.ENOSPC, "open")
			wantErr(t, w.disk.Mount().MkdirAll(w.ctx, "d/e", 0o755), syscall.ENOSPC, "mkdir")
			if got := w.state(); got != "/f=text " {
				t.Errorf("the disk has %q", got)
			}
		}},
		{"a call with a name that fails does nothing", disksim.Faults{NameError: 1}, "name error", func(t *testing.T, w *world, f aiofs.File) {
			m := w.disk.Mount()
			wantErr(t, m.Remove(w.ctx, "f"), syscall.EIO, "remove")
			wantErr(t, m.Mkdir(w.ctx, "d", 0o755), syscall.EIO, "mkdir")
			_, err := m.OpenFile(w.ctx, "f", os.O_RDWR|os.O_TRUNC, 0)
			wantErr(t, err, syscall.EIO, "open")
			var link *os.LinkError
			if err := m.Rename(w.ctx, "f", "g"); !errors.As(err, &link) || !errors.Is(err, syscall.EIO) {
				t.Errorf("rename: %v", err)
			}
			if got := w.state(); got != "/f=text " {
				t.Errorf("the disk has %q", got)
			}
		}},
		{"a corrupted sector stays corrupted", disksim.Faults{Corrupt: 1}, "corrupted sector", func(t *testing.T, w *world, f aiofs.File) {
			p := make([]byte, 4)
			_, err := f.ReadAt(w.ctx, p, 0)
			w.must(err)
			w.disk.Crash()
			if got, _ := w.content("f"); got != string(p) || got != "uext" { // the first bit of the first byte
				t.Errorf("read %q, on the disk %q", p, got)
			}
		}},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			draws := map[string]int{"bytes before the error": 3, "bytes before the end of the disk": 2}
			scripted(t, draws, func(w *world) {
				f := w.durable("f", "text")
				w.disk.SetFaults(c.faults)
				c.do(t, w, f)
				for name, n := range w.disk.Counts().All() {
					if struck := name == c.count; struck != (n > 0) && name != "crash of a disk" {
						t.Errorf("%s: counted %d", name, n)
					}
				}
			})
		})
	}
}

func TestADiskHasACapacity(t *testing.T) {
	run(t, 1, func(w *world) {
		m := w.disk.Mount()
		w.disk.SetFaults(disksim.Faults{Capacity: 1000})
		write := func(name string, size, want int, fits bool) {
			t.Helper()
			f, err := aiofs.Create(w.ctx, m, name)
			w.must(err)
			n, err := f.Write(w.ctx, make([]byte, size))
			if n != want || (err == nil) != fits || err != nil && !errors.Is(err, syscall.ENOSPC) {
				t.Errorf("%s: wrote %d, %v; want %d", name, n, err, want)
			}
			w.must(f.Close(w.ctx))
		}
		write("a", 600, 600, true)
		write("b", 600, 400, false)
		w.must(m.Remove(w.ctx, "b"))
		write("c", 400, 400, true)
		a, err := m.OpenFile(w.ctx, "a", os.O_RDWR, 0)
		w.must(err)
		if _, err := a.WriteAt(w.ctx, make([]byte, 600), 0); err != nil {
			t.Errorf("what is there can be written again: %v", err)
		}
		wantErr(t, a.Truncate(w.ctx, 601), syscall.ENOSPC, "truncate")
		w.must(m.Remove(w.ctx, "a"))
		if err := m.Mkdir(w.ctx, "d", 0o755); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("an open file keeps its room: %v", err)
		}
		w.must(a.Close(w.ctx))
		write("e", 600, 600, true)
		w.must(m.Truncate(w.ctx, "e", 100))
		write("f", 500, 500, true)
		w.must(m.Rename(w.ctx, "f", "c"))
		write("g", 400, 400, true)
		w.Mild = true
		w.disk.Crash()
		_, err = aiofs.Create(w.ctx, w.disk.Mount(), "h")
		wantErr(t, err, syscall.ENOSPC, "open")
	})
}

// What Linux does to databases: a sync fails, the next one does not, and what was to be
// on the disk is not there, though everybody can read it.
func TestASyncThatFailsLosesWhatItWasToWrite(t *testing.T) {
	run(t, 1, func(w *world) {
		w.Mild = true
		first, second := strings.Repeat("1", 512), strings.Repeat("2", 512)
		f := w.durable("f", strings.Repeat("0", 512))
		w.writeAt(f, first, 512)
		w.disk.SetFaults(disksim.Faults{SyncError: 1})
		w.Mild = false
		wantErr(t, f.Sync(w.ctx), syscall.EIO, "sync")
		w.Mild = true
		w.disk.SetFaults(disksim.Faults{})
		w.writeAt(f, second, 1024)
		w.must(f.Sync(w.ctx))
		if got, _ := w.content("f"); got != strings.Repeat("0", 512)+first+second {
			t.Errorf("before the crash: %q", got)
		}
		w.disk.Crash()
		if got, _ := w.content("f"); got != strings.Repeat("0", 512)+strings.Repeat("\x00", 512)+second {
			t.Errorf("after the crash: %q", got)
		}
	})
}

func TestAFolderWhoseSyncHasFailedIsSyncedByTheNext(t *testing.T) {
	scripted(t, map[string]int{namesAtCrash: 1}, func(w *world) {
		w.open("f")
		w.disk.SetFaults(disksim.Faults{SyncError: 1})
		wantErr(t, w.disk.Mount().SyncDir(w.ctx, "."), syscall.EIO, "sync")
		w.disk.SetFaults(disksim.Faults{})
		w.must(w.disk.Mount().SyncDir(w.ctx, "."))
		w.disk.Crash()
		if got := w.state(); got != "/f= " {
			t.Errorf("the disk has %q", got)
		}
	})
}

func TestAMisdirectedWriteIsSeenAfterACrash(t *testing.T) {
	scripted(t, map[string]int{"sector that it goes to": 0}, func(w *world) {
		a, b := strings.Repeat("a", 512), strings.Repeat("b", 512)
		f := w.durable("f", a+b)
		w.disk.SetFaults(disksim.Faults{Misdirect: 1})
		w.writeAt(f, strings.Repeat("x", 512), 512)
		w.must(f.Sync(w.ctx))
		if got, _ := w.content("f"); got != a+strings.Repeat("x", 512) {
			t.Errorf("before the crash: %q", got)
		}
		w.disk.Crash()
		if got, _ := w.content("f"); got != strings.Repeat("x", 512)+b {
			t.Errorf("after the crash: %q", got)
		}
	})
}

func TestWithOSyncEachWriteIsOnTheDisk(t *testing.T) {
	scripted(t, map[string]int{writesAtCrash: 1}, func(w *world) {
		w.durable("f", "")
		f, err := w.disk.Mount().OpenFile(w.ctx, "f", os.O_WRONLY|os.O_SYNC, 0)
		w.must(err)
		_, err = f.Write(w.ctx, []byte("text"))
		w.must(err)
		w.disk.Crash()
		if got := w.state(); got != "/f=text " {
			t.Errorf("the disk has %q", got)
		}
	})
}

// took is how much virtual time a call takes.
func (w *world) took(call func() error) time.Duration {
	w.Helper()
	start := asyncio.Now(w.ctx)
	w.must(call())
	return asyncio.Now(w.ctx).Sub(start)
}

func TestCallsTakeTime(t *testing.T) {
	t.Run("on a good disk always the same", func(t *testing.T) {
		run(t, 1, func(w *world) {
			f := w.open("f")
			for range 3 {
				if took := w.took(func() error { _, err := f.Write(w.ctx, []byte("x")); return err }); took != 50*time.Microsecond {
					t.Errorf("a write took %v", took)
				}
				if took := w.took(func() error { return f.Sync(w.ctx) }); took != time.Millisecond {
					t.Errorf("a sync took %v", took)
				}
			}
		})
	})
	t.Run("on a slow disk differently, up to a limit", func(t *testing.T) {
		run(t, 1, func(w *world) {
			f := w.open("f")
			w.disk.SetFaults(disksim.Faults{Slow: time.Second})
			seen := map[time.Duration]bool{}
			for range 200 {
				took := w.took(func() error { _, err := f.Stat(w.ctx); return err })
				if seen[took] = true; took < 50*time.Microsecond || took > time.Second+50*time.Microsecond {
					t.Errorf("took %v", took)
				}
			}
			if len(seen) != 8 {
				t.Errorf("%d different times", len(seen))
			}
		})
	})
	t.Run("and whoever comes behind a stalled sync waits for it", func(t *testing.T) {
		scripted(t, map[string]int{"length of the stall": 3}, func(w *world) {
			f, g := w.open("f"), w.open("g")
			w.disk.SetFaults(disksim.Faults{Stall: 1, StallTime: time.Second})
			sync := asyncio.Go(w.ctx, func(ctx context.Context) error { return f.Sync(ctx) })
			w.must(asyncio.Yield(w.ctx))
			if took := w.took(func() error { _, err := g.Write(w.ctx, []byte("x")); return err }); took != 1001050*time.Microsecond {
				t.Errorf("the write took %v", took)
			}
			_, err := sync.Join(w.ctx)
			w.must(err)
			if n := w.disk.Counts().Stalls; n != 1 {
				t.Errorf("%d stalls counted", n)
			}
		})
	})
}
