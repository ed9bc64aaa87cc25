package asyncio_test

import (
	"context"
	"os"
	"strconv"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/internal/inside"
	"github.com/goasyncio/asyncio/sim"
)

// The programs by which the core is tested run here once more, with their steps in other
// orders than that of production: what they promise must hold in each.

// explorations is how many orders of a program are run; more at night.
func explorations(n int) sim.Option {
	if many, err := strconv.Atoi(os.Getenv("EXPLORE_SCHEDULES")); err == nil {
		return sim.Runs(many)
	}
	if testing.Short() {
		n /= 5
	}
	return sim.Runs(n)
}

// explore runs the program in many orders. In most of them a task is cancelled, in any
// of its waits; main is not.
func (p swept) explore(t *testing.T) {
	sim.Check(t, func(w *sim.World) {
		ctx := w.Context()
		moment := w.Int(8, "the moment of the cancellation, or none")
		trial, check := inside.NewTrial(moment > 0)
		if moment > 0 {
			w.Go("canceller", func(ctx context.Context) error {
				for range moment {
					asyncio.Yield(ctx)
				}
				all := asyncio.AllTasks(ctx)[2:] // without main and this one
				if len(all) > 0 {
					all[w.Int(len(all), "who is cancelled")].Cancel(errSwept)
				}
				return nil
			})
		}
		err := p.program(ctx, trial.(*asynciotest.Trial))
		if ctx.Err() != nil {
			return // the world ends
		}
		if err != nil && moment == 0 {
			w.Errorf("undisturbed it returned %w", err)
		}
		endOthers(ctx)
		if err := check(); err != nil {
			w.Errorf("%w", err)
		}
	}, explorations(100))
}

// endOthers cancels all tasks but the one that calls it, until there is none, and lets
// the callbacks of their ends run, which nobody who comes later can overtake.
func endOthers(ctx context.Context) {
	for all := asyncio.AllTasks(ctx); len(all) > 1; all = asyncio.AllTasks(ctx) {
		for _, task := range all {
			if task != asyncio.CurrentTask(ctx) {
				task.Cancel(errSwept)
				asyncio.Wait(ctx, asyncio.AllCompleted, task)
			}
		}
	}
	asyncio.Yield(ctx)
}

func TestRandomProgramsInAnyOrder(t *testing.T) {
	const length = 60
	sim.Check(t, func(w *sim.World) {
		s := &score{t: w}
		for range length {
			s.ops = append(s.ops, byte(w.Int(256, "instruction")))
		}
		s.play(w.Context())
		endOthers(w.Context())
		for id, task := range s.tasks {
			task.Await(w.Context()) // so that nobody asks who has seen its error
			if !task.Done() || s.ended[id] != 1 || s.called[id] != 1 {
				w.Errorf("task %d: done %v, its body has ended %d times, its callback was called %d times", id, task.Done(), s.ended[id], s.called[id])
			}
		}
	}, explorations(1000))
}
