package sim

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/aiofs"
)

// saving is a way to give a file new content.
type saving func(ctx context.Context, fsys aiofs.FS, name string, data []byte) error

// saveByRename forgets both syncs.
func saveByRename(ctx context.Context, fsys aiofs.FS, name string, data []byte) error {
	if err := aiofs.WriteFile(ctx, fsys, name+".new", data, 0o600); err != nil {
		return err
	}
	return fsys.Rename(ctx, name+".new", name)
}

// saveAtOnce forgets none.
func saveAtOnce(ctx context.Context, fsys aiofs.FS, name string, data []byte) error {
	return aiofs.WriteFileAtomic(ctx, fsys, name, data, 0o600)
}

// emptyAfterACrash is a program that saves its state, loses power at some time, and
// expects to find one of the states that it has saved, and none before the last of which
// it knew that it was saved.
func emptyAfterACrash(save saving) func(w *World) {
	states := []string{"", "the first", "the second", "the third"}
	return func(w *World) {
		saved, starts := 0, 0
		h := w.Host("h", func(ctx context.Context) error {
			fsys := aiofs.FromContext(ctx)
			if starts++; starts > 1 {
				return expectOneOf(ctx, fsys, states[saved:])
			}
			for i, state := range states[1:] {
				if err := save(ctx, fsys, "state", []byte(state)); err != nil {
					return err
				}
				saved = i + 1
			}
			return idle(ctx)
		})
		wait(w, w.Duration(0, 10*time.Millisecond, "time of the crash"))
		w.Crash(h)
		w.Restart(h)
		wait(w, time.Second)
	}
}

// expectOneOf reads the state. That there is no file is the state "".
func expectOneOf(ctx context.Context, fsys aiofs.FS, states []string) error {
	data, err := aiofs.ReadFile(ctx, fsys, "state")
	switch {
	case errors.Is(err, fs.ErrNotExist) && states[0] == "":
		return nil
	case err != nil:
		return err
	case len(data) == 0 || !slices.Contains(states, string(data)):
		return errors.New("the state is " + string(data))
	}
	return nil
}

func TestAForgottenSyncIsFoundWithinAFewSchedules(t *testing.T) {
	missed := 0
	for seed := range uint64(100) {
		if quietly(t, 200, emptyAfterACrash(saveByRename), Seed(seed), WithFaults(Faults{})) == nil {
			missed++
		}
	}
	if missed > 1 {
		t.Errorf("not found within 200 schedules from %d of 100 seeds", missed)
	}
}

func TestAProgramThatForgetsNoSyncHasNothingToFear(t *testing.T) {
	if f := quietly(t, 2000, emptyAfterACrash(saveAtOnce), WithFaults(Faults{})); f != nil {
		t.Error(f)
	}
}
