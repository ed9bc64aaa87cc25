package disksim_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiofs"
	"github.com/goasyncio/asyncio/sim/internal/disksim"
)

const oldText = "old content"

var newText = strings.Repeat("new content ", 200) // several sectors

// replacing is a way to give the file f, which is on the disk, new content.
type replacing func(ctx context.Context, fsys aiofs.FS) error

// crashDuring starts to replace the file, takes the power away after some time, and
// returns what is there then, and whether the program had been told that it was done.
func crashDuring(w *world, after time.Duration, replace replacing) (content string, there, done bool) {
	w.durable("f", oldText)
	fsys := w.disk.Mount()
	task := asyncio.Go(w.ctx, func(ctx context.Context) error {
		if err := replace(ctx, fsys); err != nil {
			return err
		}
		done = true
		return nil
	})
	w.must(asyncio.Sleep(w.ctx, after))
	told := done
	w.disk.Crash()
	if _, err := task.Join(w.ctx); done != told || (err == nil) != told {
		w.Errorf("after %v: the program has gone on after the crash: %v", after, err)
	}
	content, there = w.content("f")
	return content, there, told
}

// sweep crashes at each moment, with some seeds each, and calls check with what is there.
func sweep(t *testing.T, seeds uint64, faults disksim.Faults, replace replacing, check func(after time.Duration, content string, there, done bool)) {
	t.Helper()
	for after := time.Duration(0); after < 3*time.Millisecond; after += 25 * time.Microsecond {
		for seed := range seeds {
			run(t, seed, func(w *world) {
				w.disk.SetFaults(faults)
				content, there, done := crashDuring(w, after, replace)
				check(after, content, there, done)
			})
		}
	}
}

// A file that WriteFileAtomic replaces is the old one or the new one at any moment, and
// the new one when it has returned.
func TestAFileThatIsReplacedAtOnceIsOldOrNew(t *testing.T) {
	replace := func(ctx context.Context, fsys aiofs.FS) error {
		return aiofs.WriteFileAtomic(ctx, fsys, "f", []byte(newText), 0o644)
	}
	for name, faults := range map[string]disksim.Faults{"strict": {}, "journal": {Journal: true}, "early sync": {EarlySync: 0.3}} {
		t.Run(name, func(t *testing.T) {
			seen := map[string]int{}
			sweep(t, 20, faults, replace, func(after time.Duration, content string, there, done bool) {
				switch {
				case !there || content != oldText && content != newText:
					t.Fatalf("after %v: %v, %q", after, there, content)
				case done && content != newText:
					t.Fatalf("after %v: it was done, and the old file is back", after)
				}
				seen[fmt.Sprint(done, content == newText)]++
			})
			for _, kind := range []string{"false false", "false true", "true true"} {
				if seen[kind] == 0 {
					t.Errorf("no run in which done and new were %s: the sweep looks in the wrong way", kind)
				}
			}
		})
	}
}

// The three ways to do it wrong are found.
func TestReplacingWithoutTheSyncsIsFound(t *testing.T) {
	write := func(ctx context.Context, fsys aiofs.FS, sync bool) error {
		f, err := aiofs.Create(ctx, fsys, "g")
		if err != nil {
			return err
		}
		defer f.Close(ctx)
		if _, err := f.Write(ctx, []byte(newText)); err != nil || !sync {
			return err
		}
		return f.Sync(ctx)
	}
	for _, c := range []struct {
		sentence string
		replace  replacing
		wrong    func(content string, done bool) bool
	}{
		{"without a sync of the file it can be empty or mixed", func(ctx context.Context, fsys aiofs.FS) error {
			if err := write(ctx, fsys, false); err != nil {
				return err
			}
			return fsys.Rename(ctx, "g", "f")
		}, func(content string, _ bool) bool { return content != oldText && content != newText }},
		{"without a sync of the folder it can be the old one again", func(ctx context.Context, fsys aiofs.FS) error {
			if err := write(ctx, fsys, true); err != nil {
				return err
			}
			return fsys.Rename(ctx, "g", "f")
		}, func(content string, done bool) bool { return done && content == oldText }},
		{"written in place it can be mixed", func(ctx context.Context, fsys aiofs.FS) error {
			return aiofs.WriteFile(ctx, fsys, "f", []byte(newText), 0o644)
		}, func(content string, _ bool) bool { return content != oldText && content != newText }},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			runs, found := 0, 0
			sweep(t, 20, disksim.Faults{}, c.replace, func(_ time.Duration, content string, there, done bool) {
				if runs++; !there || c.wrong(content, done) {
					found++
				}
			})
			t.Logf("found in %d of %d runs", found, runs)
			if found*50 < runs { // within 200 runs in 98 of 100 cases
				t.Errorf("found in %d of %d runs only", found, runs)
			}
		})
	}
}

// A seed is a world: the same state after the same crashes, the same events and counts.
func TestASeedDecidesEverything(t *testing.T) {
	history := func(seed uint64) (hash uint64) {
		run(t, seed, func(w *world) {
			w.disk.SetFaults(disksim.Faults{Slow: time.Second, Stall: 0.2, StallTime: time.Second, ReadError: 0.1, WriteError: 0.1, SyncError: 0.1,
				NameError: 0.05, Full: 0.05, EarlySync: 0.1, Corrupt: 0.1, Misdirect: 0.1})
			sum := fnv.New64a()
			for life := range 5 {
				badProgram(w.ctx, w.disk.Mount(), life)
				w.disk.Crash()
				fmt.Fprintln(sum, w.Now(), w.state(), w.disk.Counts(), w.Events)
			}
			hash = sum.Sum64()
		})
		return hash
	}
	worlds := map[uint64]bool{}
	for seed := range uint64(30) {
		first := history(seed)
		worlds[first] = true
		if second := history(seed); second != first {
			t.Errorf("seed %d: %x and %x", seed, first, second)
		}
	}
	if len(worlds) < 30 {
		t.Errorf("only %d different worlds", len(worlds))
	}
}

// badProgram does a little of everything, with several tasks, and minds no errors.
func badProgram(ctx context.Context, fsys aiofs.FS, life int) {
	asyncio.WithTaskGroup(ctx, func(_ context.Context, g *asyncio.TaskGroup) error {
		for i := range 4 {
			g.Go(func(ctx context.Context) error {
				name, folder := fmt.Sprint("f", i), fmt.Sprint("d", i%2)
				fsys.MkdirAll(ctx, folder, 0o755)
				fsys.SyncDir(ctx, ".")
				aiofs.WriteFileAtomic(ctx, fsys, folder+"/"+name, []byte(strings.Repeat(name, 300+life)), 0o644)
				aiofs.ReadFile(ctx, fsys, folder+"/"+name)
				fsys.Rename(ctx, folder+"/"+name, name)
				aiofs.WriteFile(ctx, fsys, name, []byte(newText), 0o644)
				fsys.Truncate(ctx, name, int64(life*100))
				fsys.RemoveAll(ctx, folder)
				return nil
			})
		}
		return nil
	})
}
