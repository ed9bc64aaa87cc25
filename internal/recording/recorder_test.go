package recording_test

import (
	"context"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/internal/recording"
)

// record runs main in virtual time and returns the lane of each task by name.
func record(t *testing.T, main func(ctx context.Context)) map[string]recording.Lane {
	t.Helper()
	recorder := recording.New()
	asynciotest.Run(t, main, asyncio.Observe(recorder))
	lanes := map[string]recording.Lane{}
	for _, lane := range recorder.Recording().Lanes {
		lanes[lane.Name] = lane
	}
	return lanes
}

// spawn starts a task that runs fn and need not return anything.
func spawn(ctx context.Context, name string, fn func(ctx context.Context)) *asyncio.Task[struct{}] {
	return asyncio.Go(ctx, func(ctx context.Context) error {
		fn(ctx)
		return nil
	}, asyncio.TaskName(name))
}

func TestALoopIsRecorded(t *testing.T) {
	lanes := record(t, func(ctx context.Context) {
		future := asyncio.NewFuture[int](ctx)
		sleeper := spawn(ctx, "sleeper", func(ctx context.Context) {
			asyncio.Sleep(ctx, 2*time.Second)
			future.SetResult(1)
		})
		awaiter := spawn(ctx, "awaiter", func(ctx context.Context) { future.Await(ctx) })
		yielder := spawn(ctx, "yielder", func(ctx context.Context) { asyncio.Yield(ctx) })
		asyncio.Gather(ctx, sleeper, awaiter, yielder)
	})
	t.Run("a sleep is a wait of its length", func(t *testing.T) {
		if got := lanes["sleeper"].In(recording.Waiting); got != 2*time.Second {
			t.Errorf("it waited for %v", got)
		}
		if on := waitsFor(lanes["sleeper"]); on != "sleep" {
			t.Errorf("it waited for %q", on)
		}
	})
	t.Run("who awaits it waits as long", func(t *testing.T) {
		if got := lanes["awaiter"].In(recording.Waiting); got != 2*time.Second {
			t.Errorf("it waited for %v", got)
		}
		if on := waitsFor(lanes["awaiter"]); on == "" || on == "sleep" {
			t.Errorf("it waited for %q", on)
		}
	})
	t.Run("a yield is two runs and no wait", func(t *testing.T) {
		if got := lanes["yielder"].Spans; len(got) != 2 || got[0].State != recording.Running || got[1].State != recording.Running {
			t.Errorf("spans are %v", got)
		}
	})
	t.Run("every task ends, main too", func(t *testing.T) {
		if len(lanes) != 4 {
			t.Errorf("%d lanes, want main and its three tasks", len(lanes))
		}
		for name, lane := range lanes {
			if !lane.Done {
				t.Errorf("%s does not", name)
			}
		}
	})
}

// waitsFor is what the task's first wait is for.
func waitsFor(l recording.Lane) string {
	for _, s := range l.Spans {
		if s.State == recording.Waiting {
			return s.On
		}
	}
	return ""
}

func TestACancelledWaitEndsWhenItIsCancelled(t *testing.T) {
	lanes := record(t, func(ctx context.Context) {
		task := spawn(ctx, "sleeper", func(ctx context.Context) { asyncio.Sleep(ctx, time.Hour) })
		asyncio.Sleep(ctx, 3*time.Second)
		task.Cancel(nil)
		task.Await(ctx)
	})
	if got := lanes["sleeper"]; got.In(recording.Waiting) != 3*time.Second || !got.Done {
		t.Errorf("it waited for %v, done %v", got.In(recording.Waiting), got.Done)
	}
}

func TestAnEagerTaskRunsBeforeItsCreatorGoesOn(t *testing.T) {
	lanes := record(t, func(ctx context.Context) {
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			return asyncio.Sleep(ctx, time.Second)
		}, asyncio.TaskName("eager"), asyncio.Eager())
		task.Await(ctx)
	})
	spans := lanes["eager"].Spans
	if len(spans) == 0 || spans[0].State != recording.Running {
		t.Fatalf("its spans are %v, want a run first", spans)
	}
	if got := lanes["eager"].In(recording.Waiting); got != time.Second {
		t.Errorf("it waited for %v", got)
	}
}

func TestTheLanesHaveNoGapsAndNoOverlap(t *testing.T) {
	lanes := record(t, func(ctx context.Context) {
		for i := range 20 {
			spawn(ctx, string(rune('a'+i)), func(ctx context.Context) {
				for j := range i {
					asyncio.Sleep(ctx, time.Duration(j*i%7)*time.Second)
					asyncio.Yield(ctx)
				}
			})
		}
		asyncio.Sleep(ctx, time.Minute)
	})
	for name, lane := range lanes {
		for i, s := range lane.Spans {
			if s.Begin > s.End {
				t.Errorf("%s: span %d ends before it begins: %v", name, i, s)
			}
			if i > 0 && lane.Spans[i-1].End != s.Begin {
				t.Errorf("%s: span %d does not begin where %d ended: %v", name, i, i-1, lane.Spans)
			}
		}
	}
}

func TestAKindFromTheFutureOnlyMovesTheEnd(t *testing.T) {
	recorder := recording.New()
	start := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	recorder.Observe(asyncio.LoopEvent{Kind: asyncio.EventCreated, At: start, Task: 1, Name: "A"})
	recorder.Observe(asyncio.LoopEvent{Kind: 200, At: start.Add(time.Second), Task: 1, Name: "A"})
	r := recorder.Recording()
	if r.Length != time.Second || len(r.Lanes) != 1 || r.Lanes[0].In(recording.Ready) != time.Second {
		t.Errorf("the recording is %+v", r)
	}
}
