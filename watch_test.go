package asyncio_test

import (
	"context"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestWatchKeepsTheNewestValueOnly(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		w := asyncio.NewWatch("first")
		watcher := w.Watcher()
		if watcher.HasChanged() {
			t.Error("the value at the beginning counts as a change")
		}
		w.Set("second")
		w.Set("third")
		if v, err := watcher.Changed(ctx); err != nil || v != "third" {
			t.Errorf("Changed = (%q, %v), want third", v, err)
		}
		if watcher.HasChanged() || w.Get() != "third" {
			t.Errorf("changed %v, value %q; want false, third", watcher.HasChanged(), w.Get())
		}
	})
}

func TestChangedWaitsForAChange(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		w := asyncio.NewWatch(0)
		a, b := w.Watcher(), w.Watcher()
		first, second := asyncio.CreateTask(ctx, a.Changed), asyncio.CreateTask(ctx, b.Changed)
		inRounds(ctx, t, 2)
		if first.Done() || second.Done() {
			t.Error("Changed ended without a change")
		}
		w.Set(0) // setting the same value is a change too
		w.Set(7)
		inRounds(ctx, t, 1)
		wantResult(t, first, 7)
		wantResult(t, second, 7)
	})
}

func TestAChangeBetweenTwoLooksIsNotOverlooked(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		w := asyncio.NewWatch(0)
		watcher := w.Watcher()
		if got := watcher.Get(); got != 0 {
			t.Errorf("Get = %d, want 0", got)
		}
		w.Set(1) // while the watcher is busy with the old value
		task := asyncio.CreateTask(ctx, watcher.Changed)
		inRounds(ctx, t, 1)
		wantResult(t, task, 1)
	})
}

func TestModifyTellsWatchersOnlyWhereItChangedSomething(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		w := asyncio.NewWatch(10)
		watcher := w.Watcher()
		task := asyncio.CreateTask(ctx, watcher.Changed)
		inRounds(ctx, t, 1)
		raise := func(to int) func(*int) bool {
			return func(v *int) bool {
				if to <= *v {
					return false
				}
				*v = to
				return true
			}
		}
		w.Modify(raise(5))
		inRounds(ctx, t, 2)
		if task.Done() {
			t.Error("a Modify that changed nothing woke a watcher")
		}
		w.Modify(raise(20))
		inRounds(ctx, t, 1)
		wantResult(t, task, 20)
	})
}

func TestWatchWaitFor(t *testing.T) {
	atLeast := func(n int) func(int) bool { return func(v int) bool { return v >= n } }
	t.Run("does not wait where the value is right already", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			if v, err := asyncio.NewWatch(5).WaitFor(ctx, atLeast(3)); err != nil || v != 5 {
				t.Errorf("WaitFor = (%d, %v), want 5", v, err)
			}
		})
	})
	t.Run("waits on through values that are not", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			w := asyncio.NewWatch(0)
			task := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) { return w.WaitFor(ctx, atLeast(3)) })
			for v := range 5 {
				inRounds(ctx, t, 2)
				w.Set(v)
			}
			inRounds(ctx, t, 1)
			wantResult(t, task, 3)
		})
	})
	t.Run("is cut by a timeout", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			short, timeout := asyncio.WithTimeout(ctx, time.Hour)
			defer timeout.Cancel()
			_, err := asyncio.NewWatch(0).WaitFor(short, atLeast(1))
			wantError(t, err, context.DeadlineExceeded)
		})
	})
	t.Run("ends when the watch is closed", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			w := asyncio.NewWatch(0)
			w.Close()
			_, err := w.WaitFor(ctx, atLeast(1))
			wantError(t, err, io.EOF)
		})
	})
}

func TestACancelledChangedHasSeenNothing(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		w := asyncio.NewWatch(0)
		watcher := w.Watcher()
		task := asyncio.CreateTask(ctx, watcher.Changed)
		inRounds(ctx, t, 1)
		w.Set(1)
		task.Cancel(nil)
		inRounds(ctx, t, 1)
		if !task.Cancelled() || !watcher.HasChanged() {
			t.Errorf("cancelled %v, still a change %v; want true, true", task.Cancelled(), watcher.HasChanged())
		}
		ended, cancel := asyncio.WithCancel(ctx)
		cancel(nil)
		_, err := watcher.Changed(ended)
		wantError(t, err, context.Canceled)
		_, err = w.WaitFor(ended, func(int) bool { return true })
		wantError(t, err, context.Canceled)
	})
}

func TestWatcherAllEndsAfterTheLastValue(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		w := asyncio.NewWatch(0)
		watcher := w.Watcher()
		asyncio.Go(ctx, func(ctx context.Context) error {
			defer w.Close()
			for v := 1; v <= 6; v++ {
				w.Set(v)
				if v%2 == 0 {
					if err := asyncio.Sleep(ctx, time.Second); err != nil {
						return err
					}
				}
			}
			w.Set(7)
			return nil
		})
		var got []int
		for v := range watcher.All(ctx) {
			got = append(got, v)
		}
		if want := []int{2, 4, 6, 7}; !slices.Equal(got, want) {
			t.Errorf("saw %v, want the newest at each look, %v", got, want)
		}
	})
}
