package asyncio_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// ids are the tasks of the loop in the order of AllTasks, without the first: main.
func ids(ctx context.Context) (all []uint64) {
	for _, t := range asyncio.AllTasks(ctx)[1:] {
		all = append(all, t.ID())
	}
	return all
}

func TestAllTasksKeepsTheOrderOfCreationWhateverOrderTheyEndIn(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		r := rand.New(rand.NewPCG(1, 2))
		var alive []*asyncio.Task[struct{}]
		for round := range 300 {
			for range r.IntN(20) {
				alive = append(alive, asyncio.Go(ctx, waitForever))
			}
			if round%50 == 49 { // nearly all end: the holes are closed
				for len(alive) > 3 {
					alive = endOne(t, ctx, alive, r.IntN(len(alive)))
				}
			}
			for len(alive) > 0 && r.IntN(3) > 0 {
				alive = endOne(t, ctx, alive, r.IntN(len(alive)))
			}
			var want []uint64
			for _, task := range alive {
				want = append(want, task.ID())
			}
			if got := ids(ctx); !slices.Equal(got, want) {
				t.Fatalf("round %d: tasks %v, want %v", round, got, want)
			}
		}
	})
}

// endOne cancels the i-th task, waits for its end and returns the others.
func endOne(t *testing.T, ctx context.Context, alive []*asyncio.Task[struct{}], i int) []*asyncio.Task[struct{}] {
	t.Helper()
	alive[i].Cancel(nil)
	if _, err := alive[i].Await(ctx); !errors.Is(err, asyncio.ErrTaskCancelled) {
		t.Fatalf("a cancelled task ended with %v", err)
	}
	return slices.Delete(alive, i, i+1)
}

func waitForever(ctx context.Context) error {
	_, err := asyncio.NewFuture[int](ctx).Await(ctx)
	return err
}

func TestTheShutdownCancelsInTheOrderOfCreationBetweenTasksThatHaveEnded(t *testing.T) {
	var created, cancelled []int
	asynciotest.Run(t, func(ctx context.Context) {
		for i := range 1_000 {
			if i%7 != 0 {
				asyncio.Go(ctx, func(context.Context) error { return nil })
				continue
			}
			created = append(created, i)
			asyncio.Go(ctx, func(ctx context.Context) error {
				err := waitForever(ctx)
				cancelled = append(cancelled, i)
				return err
			})
		}
		if err := asyncio.Yield(ctx); err != nil {
			t.Error(err)
		}
	})
	if !slices.Equal(cancelled, created) {
		t.Errorf("cancelled in the order %v, created %v", cancelled, created)
	}
}

func TestAPeakOfTasksIsOver(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		for range 70_000 {
			asyncio.Go(ctx, func(context.Context) error { return nil })
		}
		last := asyncio.Go(ctx, waitForever)
		if err := asyncio.Yield(ctx); err != nil {
			t.Fatal(err)
		}
		if got := ids(ctx); !slices.Equal(got, []uint64{last.ID()}) {
			t.Errorf("tasks %v are left, want %d", got, last.ID())
		}
		next := asyncio.Go(ctx, waitForever)
		if got := ids(ctx); !slices.Equal(got, []uint64{last.ID(), next.ID()}) {
			t.Errorf("tasks %v after one more, want %d and %d", got, last.ID(), next.ID())
		}
	})
}

func TestANameForOneChildOfAGroupIsNobodyElses(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			one, other := g.Go(asyncio.Yield), g.Go(asyncio.Yield)
			before := other.Name()
			one.SetName("one")
			if one.Name() != "one" || other.Name() != before {
				t.Errorf("named one: they are called %q and %q", one.Name(), other.Name())
			}
			return nil // and the group still hears of the end of both
		})
		if err != nil {
			t.Error(err)
		}
	})
}
