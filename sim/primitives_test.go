package sim_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/sim"
)

// A small is a program of a few tasks on one primitive, with what must hold whatever the
// order, and whichever of its tasks is cancelled at whatever moment: it ends, and the
// checks find nothing.
type small struct {
	name  string
	tasks int // that may be cancelled: the first so many that it starts
	play  func(c *cast) (check func() error)
}

// A cast is the tasks of a small program.
type cast struct {
	world *sim.World
	group *asyncio.TaskGroup
	tasks []*asyncio.Task[struct{}]
}

// task starts a task. It may end cancelled; another error is one of the program.
func (c *cast) task(name string, fn func(ctx context.Context) error) *asyncio.Task[struct{}] {
	t := c.group.Go(fn, asyncio.TaskName(name))
	c.tasks = append(c.tasks, t)
	return t
}

// eachStep has look called after each step.
func (c *cast) eachStep(look func()) {
	c.world.Always("", func() error {
		look()
		return nil
	})
}

// after starts a task that acts when the others have ended.
func (c *cast) after(others []*asyncio.Task[struct{}], act func()) {
	c.task("last", func(ctx context.Context) error {
		for _, t := range others {
			t.Await(ctx)
		}
		act()
		return nil
	})
}

// nobody stands for a run in which no task is cancelled.
const nobody = -1

// world is the program as a world's body, with one task that is cancelled at some moment.
func (s small) world(victim int) func(w *sim.World) {
	return func(w *sim.World) {
		var check func() error
		err := asyncio.WithTaskGroup(w.Context(), func(ctx context.Context, g *asyncio.TaskGroup) error {
			c := &cast{world: w, group: g}
			check = s.play(c)
			if victim != nobody {
				c.task("canceller", func(context.Context) error {
					c.tasks[victim].Cancel(nil)
					return nil
				})
			}
			return nil
		})
		if w.Context().Err() != nil {
			return // it is being ended: by a deadlock, for example
		}
		if err == nil {
			err = check()
		}
		if err != nil {
			w.Errorf("%w", err)
		}
	}
}

// each calls f for the program with each of its victims.
func (s small) each(t *testing.T, f func(t *testing.T, body func(w *sim.World))) {
	t.Run(s.name, func(t *testing.T) {
		for victim := nobody; victim < s.tasks; victim++ {
			name := "nobody is cancelled"
			if victim != nobody {
				name = fmt.Sprintf("task %d is cancelled", victim)
			}
			t.Run(name, func(t *testing.T) { f(t, s.world(victim)) })
		}
	})
}

var smalls = slices.Concat(smallLocks, smallSignals, smallQueues, smallTasks)

func TestPrimitivesUnderEveryOrderWithThreeDelays(t *testing.T) {
	for _, s := range smalls {
		s.each(t, func(t *testing.T, body func(w *sim.World)) {
			if !sim.Exhaust(t, body, sim.Delays(3)) {
				t.Error("not everything was seen")
			}
		})
	}
}

func TestPrimitivesUnderRandomOrders(t *testing.T) {
	for _, s := range smalls {
		s.each(t, func(t *testing.T, body func(w *sim.World)) {
			sim.Check(t, body, sim.Runs(quiet(1000)))
		})
	}
}

func TestPrimitivesUnderEveryOrder(t *testing.T) {
	if *silent == 0 {
		t.Skip("takes minutes: give -silent the number of schedules after which to give up")
	}
	for _, s := range smalls {
		s.each(t, func(t *testing.T, body func(w *sim.World)) {
			if !sim.Exhaust(t, body, sim.Runs(*silent)) && !t.Failed() {
				sim.Exhaust(t, body, sim.Runs(*silent), sim.Delays(4))
			}
		})
	}
}

// same is an error where got is not want.
func same[T comparable](what string, got, want T) error {
	if got != want {
		return fmt.Errorf("%s: %v, want %v", what, got, want)
	}
	return nil
}

// all is the first error of several checks.
func all(checks ...func() error) func() error {
	return func() error {
		for _, c := range checks {
			if err := c(); err != nil {
				return err
			}
		}
		return nil
	}
}

// A chamber is where only so many may be at a time.
type chamber struct{ inside, most int }

func (c *chamber) visit(ctx context.Context) error {
	c.inside++
	c.most = max(c.most, c.inside)
	defer func() { c.inside-- }()
	return asyncio.Yield(ctx)
}

func (c *chamber) atMost(n int) func() error {
	return func() error {
		if c.most > n || c.inside != 0 {
			return fmt.Errorf("%d were inside at once, want at most %d; %d are left", c.most, n, c.inside)
		}
		return nil
	}
}
