package disksim_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiofs"
	"github.com/goasyncio/asyncio/sim/internal/disksim"
)

func TestInTheMildestWorldACrashTakesNothing(t *testing.T) {
	for seed := range uint64(50) {
		run(t, seed, func(w *world) {
			w.Mild = true
			k := newWorker(w, seed)
			for range 20 {
				k.step()
			}
			want := w.state()
			w.disk.Crash()
			if got := w.state(); got != want {
				t.Errorf("seed %d: got %q, want %q", seed, got, want)
			}
		})
	}
}

func TestAFileThatLeftAFolderIsNotLostWithIt(t *testing.T) {
	for seed := range uint64(200) {
		run(t, seed, func(w *world) {
			m := w.disk.Mount()
			w.must(m.Mkdir(w.ctx, "d", 0o755))
			w.durable("d/f", "text")
			w.must(m.SyncDir(w.ctx, "d"))
			w.must(m.Rename(w.ctx, "d/f", "f"))
			w.must(m.Remove(w.ctx, "d"))
			w.disk.Crash()
			if got := w.state(); got != "/d/ /d/f=text " && got != "/d/ /f=text " && got != "/f=text " {
				t.Errorf("seed %d: the disk has %q", seed, got)
			}
		})
	}
}

func TestWhatACrashHasTakenStaysAway(t *testing.T) {
	scripted(t, map[string]int{namesAtCrash: 1, writesAtCrash: 1}, func(w *world) {
		f := w.durable("f", "text")
		w.writeAt(f, "more", 4)
		w.open("g")
		w.disk.Crash()
		m := w.disk.Mount()
		w.must(m.SyncDir(w.ctx, "."))
		w.must(w.open("f").Sync(w.ctx))
		w.disk.Crash()
		if got := w.state(); got != "/f=text " {
			t.Errorf("the disk has %q", got)
		}
	})
}

func TestWhatASyncHasLostNoCrashKeeps(t *testing.T) {
	scripted(t, nil, func(w *world) {
		f := w.durable("f", "old")
		w.writeAt(f, "new", 0)
		w.disk.SetFaults(disksim.Faults{SyncError: 1})
		wantErr(t, f.Sync(w.ctx), syscall.EIO, "sync")
		w.disk.Crash()
		if got := w.state(); got != "/f=old " {
			t.Errorf("the disk has %q", got)
		}
	})
}

// room is how many bytes fit on the disk of a world whose capacity is 1,000.
func (w *world) room() int {
	f, err := w.disk.Mount().OpenFile(w.ctx, "probe", os.O_RDWR|os.O_CREATE, 0o644)
	if errors.Is(err, syscall.ENOSPC) {
		return 0
	}
	w.must(err)
	n, _ := f.Write(w.ctx, make([]byte, 2000))
	w.must(f.Close(w.ctx))
	w.must(w.disk.Mount().Remove(w.ctx, "probe"))
	return n
}

func TestRoomIsGivenBackOnce(t *testing.T) {
	for _, c := range []struct {
		sentence string
		do       func(w *world, m *disksim.Mount, f aiofs.File)
		want     int
	}{
		{"a renaming to its own name frees nothing", func(w *world, m *disksim.Mount, f aiofs.File) {
			w.must(f.Close(w.ctx))
			w.must(m.Rename(w.ctx, "f", "f"))
		}, 600},
		{"nor does a removal that a crash undoes", func(w *world, m *disksim.Mount, _ aiofs.File) {
			w.must(m.Remove(w.ctx, "f"))
			w.disk.Crash()
			w.must(w.open("f").Close(w.ctx))
		}, 600},
		{"and what is removed then is freed", func(w *world, m *disksim.Mount, _ aiofs.File) {
			w.must(m.Remove(w.ctx, "f"))
			w.disk.Crash()
			w.must(w.disk.Mount().Remove(w.ctx, "f"))
		}, 1000},
		{"the end of the processes frees what they had open", func(w *world, m *disksim.Mount, _ aiofs.File) {
			w.must(m.Remove(w.ctx, "f"))
			w.disk.Kill()
		}, 1000},
		{"and closes what they had", func(w *world, m *disksim.Mount, _ aiofs.File) {
			w.disk.Kill()
			w.must(w.disk.Mount().Remove(w.ctx, "f"))
		}, 1000},
		{"a second Close frees nothing", func(w *world, m *disksim.Mount, f aiofs.File) {
			w.must(m.Remove(w.ctx, "f"))
			w.must(f.Close(w.ctx))
			f.Close(w.ctx)
		}, 1000},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			scripted(t, map[string]int{namesAtCrash: 1}, func(w *world) {
				w.disk.SetFaults(disksim.Faults{Capacity: 1000})
				f := w.durable("f", fmt.Sprintf("%400d", 1))
				c.do(w, w.disk.Mount(), f)
				if got := w.room(); got != c.want {
					t.Errorf("%d bytes are free, want %d", got, c.want)
				}
			})
		})
	}
}

func TestAnEarlierLifeDoesNotSlowTheDisk(t *testing.T) {
	run(t, 1, func(w *world) {
		m, f := w.disk.Mount(), w.open("f")
		w.disk.Crash()
		for range 10 {
			asyncio.Go(w.ctx, func(ctx context.Context) error { m.SyncDir(ctx, "."); return nil })
			asyncio.Go(w.ctx, func(ctx context.Context) error { f.Sync(ctx); return nil })
		}
		w.must(asyncio.Yield(w.ctx))
		if took := w.took(func() error { return w.disk.Mount().Mkdir(w.ctx, "d", 0o755) }); took != 50*time.Microsecond {
			t.Errorf("took %v", took)
		}
	})
}

func TestACorruptedSectorIsSyncedAsItIs(t *testing.T) {
	scripted(t, nil, func(w *world) {
		f := w.durable("f", "")
		w.writeAt(f, "text", 0)
		w.disk.SetFaults(disksim.Faults{Corrupt: 1})
		_, err := f.ReadAt(w.ctx, make([]byte, 4), 0)
		w.must(err)
		w.must(f.Sync(w.ctx))
		w.disk.Crash()
		if got := w.state(); got != "/f=uext " {
			t.Errorf("the disk has %q", got)
		}
	})
}

func TestWithAJournalAnyFolderBringsAllNames(t *testing.T) {
	scripted(t, map[string]int{namesAtCrash: 1}, func(w *world) {
		w.disk.SetFaults(disksim.Faults{Journal: true})
		w.must(w.disk.Mount().MkdirAll(w.ctx, "d/e", 0o755))
		w.open("f")
		w.must(w.disk.Mount().SyncDir(w.ctx, "d/e"))
		w.disk.Crash()
		if got := w.state(); got != "/d/ /d/e/ /f= " {
			t.Errorf("the disk has %q", got)
		}
	})
}

func TestADiskKnowsWhetherItIsAsGoodAsNew(t *testing.T) {
	for name, use := range map[string]func(w *world){
		"a call":   func(w *world) { w.disk.Mount().Stat(w.ctx, "f") },
		"a crash":  func(w *world) { w.disk.Crash() },
		"faults":   func(w *world) { w.disk.SetFaults(disksim.Faults{Full: 1}) },
		"a change": func(w *world) { w.open("f") },
	} {
		run(t, 1, func(w *world) {
			w.disk.Mount()
			if w.disk.Used() {
				t.Error("a new disk is used")
			}
			if use(w); !w.disk.Used() {
				t.Errorf("after %s it is as good as new", name)
			}
		})
	}
}
