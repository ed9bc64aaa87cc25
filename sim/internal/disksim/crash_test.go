package disksim_test

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiofs"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/sim/internal/disksim"
	"github.com/goasyncio/asyncio/sim/internal/simenv"
)

func TestWhatACrashKeeps(t *testing.T) {
	for _, c := range []struct {
		sentence string
		draws    map[string]int
		faults   disksim.Faults
		do       func(w *world)
		want     string
	}{
		{"all of it in the mildest case", nil, disksim.Faults{}, func(w *world) {
			f := w.durable("f", "old")
			w.writeAt(f, "new", 0)
			w.open("g")
			w.must(w.disk.Mount().Rename(w.ctx, "f", "h"))
		}, "/g= /h=new "},
		{"nothing in the worst", map[string]int{writesAtCrash: 1, namesAtCrash: 1}, disksim.Faults{}, func(w *world) {
			f := w.durable("f", "old")
			w.writeAt(f, "new", 0)
			w.open("g")
			w.must(w.disk.Mount().Rename(w.ctx, "f", "h"))
		}, "/f=old "},
		{"not a new file whose folder was not synced", map[string]int{namesAtCrash: 1}, disksim.Faults{}, func(w *world) {
			w.must(w.open("f").Sync(w.ctx))
		}, ""},
		{"not the content of a new file that was not synced", map[string]int{writesAtCrash: 1}, disksim.Faults{}, func(w *world) {
			w.writeAt(w.open("f"), "text", 0)
			w.must(w.disk.Mount().SyncDir(w.ctx, "."))
		}, "/f= "},
		{"what was synced, and nothing that was written since", map[string]int{writesAtCrash: 1}, disksim.Faults{}, func(w *world) {
			f := w.durable("f", "one")
			w.writeAt(f, "two", 3)
			w.must(f.Sync(w.ctx))
			w.writeAt(f, "three", 6)
		}, "/f=onetwo "},
		{"what was cut off", map[string]int{writesAtCrash: 1}, disksim.Faults{}, func(w *world) {
			f := w.durable("f", "a long text")
			w.must(f.Truncate(w.ctx, 1))
		}, "/f=a long text "},
		{"a file that was removed", map[string]int{namesAtCrash: 1}, disksim.Faults{}, func(w *world) {
			w.durable("f", "text")
			w.must(w.disk.Mount().Remove(w.ctx, "f"))
			w.open("f")
		}, "/f=text "},
		{"not a file whose removal was synced", map[string]int{namesAtCrash: 1}, disksim.Faults{}, func(w *world) {
			w.durable("f", "text")
			w.must(w.disk.Mount().Remove(w.ctx, "f"))
			w.must(w.disk.Mount().SyncDir(w.ctx, "."))
		}, ""},
		{"a folder without what is in it", map[string]int{namesAtCrash: 1}, disksim.Faults{}, func(w *world) {
			w.must(w.disk.Mount().MkdirAll(w.ctx, "d/e", 0o755))
			w.must(w.disk.Mount().SyncDir(w.ctx, "."))
		}, "/d/ "},
		{"nothing in a folder that is lost", map[string]int{namesAtCrash: 1}, disksim.Faults{}, func(w *world) {
			w.must(w.disk.Mount().MkdirAll(w.ctx, "d/e", 0o755))
			w.must(w.disk.Mount().SyncDir(w.ctx, "d"))
		}, ""},
		{"both ends of a renaming, if one of the two folders was synced", map[string]int{namesAtCrash: 1}, disksim.Faults{}, func(w *world) {
			m := w.disk.Mount()
			w.must(m.Mkdir(w.ctx, "d", 0o755))
			w.durable("f", "text")
			w.must(m.Rename(w.ctx, "f", "d/g"))
			w.must(m.SyncDir(w.ctx, "d"))
		}, "/d/ /d/g=text "},
		{"what a synced renaming depends on", map[string]int{namesAtCrash: 1}, disksim.Faults{}, func(w *world) {
			m := w.disk.Mount()
			w.must(m.Mkdir(w.ctx, "d", 0o755))
			w.durable("old", "text")
			w.must(w.open("new").Sync(w.ctx))
			w.must(m.Rename(w.ctx, "old", "older"))
			w.must(m.Rename(w.ctx, "new", "old"))
			w.must(m.Rename(w.ctx, "old", "d/old"))
			w.must(m.SyncDir(w.ctx, "d"))
		}, "/d/ /d/old= /older=text "},
		{"all names, where any sync brings them", map[string]int{namesAtCrash: 1}, disksim.Faults{Journal: true}, func(w *world) {
			w.open("f")
			w.must(w.open("g").Sync(w.ctx))
			w.open("h")
		}, "/f= /g= "},
		{"zeros, where the size was kept and a sector was not", map[string]int{writesAtCrash: 3, "a write: kept, lost, torn": 2, "a sector: kept, lost": 1}, disksim.Faults{}, func(w *world) {
			w.writeAt(w.open("f"), "text", 0)
		}, "/f=\x00\x00\x00\x00 "},
		{"what went to the disk at once", map[string]int{writesAtCrash: 1, namesAtCrash: 1}, disksim.Faults{EarlySync: 1}, func(w *world) {
			w.writeAt(w.open("f"), "text", 0)
		}, "/f=text "},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			scripted(t, c.draws, func(w *world) {
				w.disk.SetFaults(c.faults)
				c.do(w)
				w.disk.Crash()
				if got := w.state(); got != c.want {
					t.Errorf("got %q, want %q", got, c.want)
				}
			})
		})
	}
}

func TestASyncBringsWhatWasWrittenBeforeIt(t *testing.T) {
	scripted(t, map[string]int{writesAtCrash: 1}, func(w *world) {
		f := w.durable("f", "old")
		w.disk.SetFaults(disksim.Faults{Stall: 1, StallTime: time.Second})
		w.writeAt(f, "one", 0)
		sync := asyncio.Go(w.ctx, func(ctx context.Context) error { return f.Sync(ctx) })
		w.must(asyncio.Yield(w.ctx))
		w.writeAt(f, "two", 3)
		_, err := sync.Join(w.ctx)
		w.must(err)
		w.disk.Crash()
		if got, _ := w.content("f"); got != "one" {
			t.Errorf("the disk has %q", got)
		}
	})
}

func TestACallThatACrashInterruptsHasNoEffect(t *testing.T) {
	run(t, 1, func(w *world) {
		m, f := w.disk.Mount(), w.durable("f", "old")
		calls := map[string]func(ctx context.Context) error{
			"write":  func(ctx context.Context) error { _, err := f.Write(ctx, []byte("new")); return err },
			"create": func(ctx context.Context) error { _, err := aiofs.Create(ctx, m, "g"); return err },
			"remove": func(ctx context.Context) error { return m.Remove(ctx, "f") },
			"rename": func(ctx context.Context) error { return m.Rename(ctx, "f", "g") },
		}
		errs := map[string]error{}
		tasks := asyncio.Go(w.ctx, func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(_ context.Context, g *asyncio.TaskGroup) error {
				for name, call := range calls {
					g.Go(func(ctx context.Context) error { errs[name] = call(ctx); return nil })
				}
				return nil
			})
		})
		w.must(asynciotest.WaitIdle(w.ctx))
		w.disk.Crash()
		_, err := tasks.Join(w.ctx)
		w.must(err)
		for name, err := range errs {
			if !errors.Is(err, syscall.EIO) && !errors.Is(err, fs.ErrClosed) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if got := w.state(); got != "/f=old " {
			t.Errorf("the disk has %q", got)
		}
	})
}

func TestALifeThatIsOverReachesTheDiskNoMore(t *testing.T) {
	for name, end := range map[string]func(d *disksim.Disk){"crash": (*disksim.Disk).Crash, "kill": (*disksim.Disk).Kill} {
		t.Run(name, func(t *testing.T) {
			run(t, 1, func(w *world) {
				m, f := w.disk.Mount(), w.durable("f", "text")
				end(w.disk)
				if _, err := f.Write(w.ctx, []byte("x")); !errors.Is(err, fs.ErrClosed) {
					t.Errorf("write: %v", err)
				}
				if err := f.Close(w.ctx); !errors.Is(err, fs.ErrClosed) {
					t.Errorf("close: %v", err)
				}
				if err := m.Remove(w.ctx, "f"); !errors.Is(err, syscall.EIO) {
					t.Errorf("remove: %v", err)
				}
				if err := w.disk.Mount().Rename(w.ctx, "f", "g"); err != nil {
					t.Errorf("in the next life: %v", err)
				}
				if got := w.state(); got != "/g=text " {
					t.Errorf("the disk has %q", got)
				}
			})
		})
	}
}

func TestAKillLosesNothing(t *testing.T) {
	run(t, 1, func(w *world) {
		w.writeAt(w.open("f"), "text", 0)
		w.disk.Kill()
		if got := w.state(); got != "/f=text " {
			t.Errorf("the disk has %q", got)
		}
	})
}

func TestANewDiskIsEmpty(t *testing.T) {
	run(t, 1, func(w *world) {
		w.durable("f", "text")
		w.disk.Erase()
		if got := w.state(); got != "" {
			t.Errorf("the disk has %q", got)
		}
		w.durable("g", "text")
	})
}

func TestACrashTellsWhatItHasTaken(t *testing.T) {
	scripted(t, map[string]int{writesAtCrash: 1, namesAtCrash: 1}, func(w *world) {
		w.writeAt(w.durable("f", "old"), "new", 0)
		w.open("g")
		w.disk.Crash()
		said := []string{}
		for _, e := range w.Events {
			said = append(said, e.Host+" "+e.Kind.String()+" "+e.What)
		}
		want := "host synced f, host synced ., host lost the name g, host lost /f"
		if got := strings.Join(said, ", "); got != want {
			t.Errorf("events: %s; want %s", got, want)
		}
		if c := w.disk.Counts(); c.Crashes != 1 || c.LostWrites != 1 || c.LostNames != 1 || c.TornWrites != 0 {
			t.Errorf("counts: %+v", c)
		}
		if last := w.Events[len(w.Events)-1]; last.Kind != simenv.Lost || last.Size != 3 {
			t.Errorf("the last event is %+v", last)
		}
	})
}
