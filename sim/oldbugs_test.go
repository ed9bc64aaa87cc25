package sim_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/sim"
)

// An oldBug is one that an event loop's primitive has had: written anew on the low-level
// waits as it was, with what repaired it beside it, and a program that it harms.
type oldBug struct {
	name string
	seen string // where people met it
	play func(p *play, repaired bool)
}

var oldBugs = []oldBug{
	{"an item that was handed over dies with its getter", "cpython#68000, python/asyncio#201 and #256, tornado#2826", itemDiesWithGetter},
	{"a wake-up dies with its putter", "python/asyncio#269, cpython#108042", wakeDiesWithPutter},
	{"putters overtake each other", "cpython#83055", puttersOvertake},
	{"a lock is free and nobody knows", "bpo-27585", lockForgotten},
	{"a lock waits for one who has left", "anyio#1145", lockWaitsForOneWhoLeft},
	{"a cancelled waiter opens a lock to all", "bpo-32734", lockOpenToAll},
	{"a permit dies with its waiter", "python/asyncio#270", permitDiesWithWaiter},
	{"newcomers overtake the line of a semaphore", "cpython#90155", newcomersOvertake},
	{"a notification dies with its waiter", "cpython#112202, anyio#1075", notificationDiesWithWaiter},
	{"a wait for a condition returns without the lock", "bpo-22970, python/asyncio#346", waitReturnsWithoutLock},
	{"wait_for swallows a cancellation", "cpython#86296", waitForSwallows},
	{"wait_for loses the item that came with the timeout", "python/asyncio#343", waitForLosesItem},
}

// A play is one run of a program: its tasks, and what is wrong.
type play struct {
	ctx   context.Context
	tasks []*asyncio.Task[struct{}]
	wrong error
}

// task starts a task.
func (p *play) task(name string, fn func(ctx context.Context) error) *asyncio.Task[struct{}] {
	t := asyncio.Go(p.ctx, fn, asyncio.TaskName(name))
	p.tasks = append(p.tasks, t)
	return t
}

// canceller starts a task that cancels the victim in its n-th step.
func (p *play) canceller(n int, victim *asyncio.Task[struct{}]) {
	p.task("canceller of "+victim.Name(), func(ctx context.Context) error {
		idle(ctx, n)
		victim.Cancel(nil)
		return nil
	})
}

// end waits until all tasks have ended. A task that was cancelled has done nothing wrong.
func (p *play) end() {
	for _, t := range p.tasks {
		if _, err := t.Await(p.ctx); err != nil && !t.Cancelled() {
			p.fail("%s: %w", t.Name(), err)
		}
	}
}

// fail notes what is wrong; the first counts. In a program that is being ended, because
// of a deadlock, nothing is as it should be, and that is not what is wrong.
func (p *play) fail(format string, args ...any) {
	if p.wrong == nil && p.ctx.Err() == nil {
		p.wrong = fmt.Errorf(format, args...)
	}
}

// idle gives way n times, also after a cancellation.
func idle(ctx context.Context, n int) {
	for range n {
		asyncio.Yield(context.WithoutCancel(ctx))
	}
}

// run is one run of the program, on whatever loop ctx leads to.
func (b oldBug) run(ctx context.Context, repaired bool) error {
	p := &play{ctx: ctx}
	b.play(p, repaired)
	p.end()
	return p.wrong
}

// world is the program as a world's body.
func (b oldBug) world(repaired bool) func(w *sim.World) {
	return func(w *sim.World) {
		if err := b.run(w.Context(), repaired); err != nil {
			w.Errorf("%w", err)
		}
	}
}

func eachOldBug(t *testing.T, f func(t *testing.T, b oldBug)) {
	for _, b := range oldBugs {
		t.Run(b.name, func(t *testing.T) { f(t, b) })
	}
}

func TestOldBugsDoNotShowInTheOrderOfProduction(t *testing.T) {
	eachOldBug(t, func(t *testing.T, b oldBug) {
		err := asynciotest.Main(t, func(ctx context.Context) error { return b.run(ctx, false) })
		if err != nil {
			t.Errorf("a plain test finds it: %v", err)
		}
		if k, f := sim.FirstFailure(t, b.world(false), sim.Strategy("fifo"), sim.Runs(2)); k >= 0 {
			t.Errorf("the simulated order of production finds it: %v", f)
		}
	})
}

func TestOldBugsAreFoundWithin200SchedulesFrom99Of100Seeds(t *testing.T) {
	seeds := uint64(100)
	if testing.Short() {
		seeds = 10
	}
	eachOldBug(t, func(t *testing.T, b oldBug) {
		missed, sum, worst := 0, 0, 0
		var why error
		for seed := range seeds {
			k, f := sim.FirstFailure(t, b.world(false), sim.Seed(seed))
			if k < 0 {
				missed++
				continue
			}
			sum, worst, why = sum+k, max(worst, k), f
		}
		t.Logf("mean %.1f, worst %d, missed %d: %.90v", float64(sum)/float64(max(int(seeds)-missed, 1)), worst, missed, why)
		if missed > 1 {
			t.Errorf("missed from %d seeds of %d", missed, seeds)
		}
	})
}

// silent is for how many schedules a program without a bug is run.
var silent = flag.Int("silent", 0, "how many schedules of a program without a bug to run; 0: a number that suits every day")

func TestOldBugsAreSilentOnceRepaired(t *testing.T) {
	eachOldBug(t, func(t *testing.T, b oldBug) {
		sim.Check(t, b.world(true), sim.Runs(quiet(10_000)))
	})
}

// quiet is that number, n where none was given.
func quiet(n int) int {
	switch {
	case *silent > 0:
		return *silent
	case testing.Short():
		return n / 10
	}
	return n
}

func TestAnOldBugIsToldAsTheDeadlockThatItIs(t *testing.T) {
	forgotten := oldBug{play: lockForgotten}
	if _, f := sim.FirstFailure(t, forgotten.world(false)); f == nil || !errors.Is(f, sim.ErrDeadlock) {
		t.Errorf("%v, want a deadlock", f)
	}
}
