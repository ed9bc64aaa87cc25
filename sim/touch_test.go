package sim

import (
	"context"
	"fmt"
	"testing"

	"github.com/goasyncio/asyncio"
)

// workers are tasks that count, in a variable of their own or in one for all, and tell
// what they touch where honest is true.
func workers(tasks, steps int, shared, honest bool, ends map[string]int) func(w *World) {
	return func(w *World) {
		counts := make([]int, tasks)
		left := tasks
		var ended asyncio.WaitQueue
		for i := range tasks {
			mine := &counts[i]
			if shared {
				mine = &counts[0]
			}
			w.Go(fmt.Sprint(i), func(ctx context.Context) error {
				for range steps {
					n := *mine
					if honest {
						w.Touch(mine)
					}
					asyncio.Yield(ctx)
					if honest {
						w.Touch(mine)
					}
					*mine = n + 1
				}
				w.Touch(&left, mine)
				if left--; left == 0 {
					ended.Wake(1)
				}
				return nil
			})
		}
		ended.Park(w.Context(), "the end of all")
		ends[fmt.Sprint(counts)]++
	}
}

// orders is how many schedules an exhaustive search takes.
func orders(t *testing.T, body func(w *World), opts ...Option) int {
	t.Helper()
	c := &campaign{t: t, body: body, opts: newOptions(t, append([]Option{Runs(DefaultExhaust)}, opts...))}
	found, f, err := c.exhaust()
	if err != nil || f != nil || !found.Complete {
		t.Fatalf("%+v, %v, %v", found, f, err)
	}
	return found.Schedules
}

func TestOrdersOfStepsThatHaveNothingInCommonAreRunOnce(t *testing.T) {
	apart, all := map[string]int{}, map[string]int{}
	few := orders(t, workers(2, 3, false, true, apart), Declared())
	many := orders(t, workers(2, 3, false, true, all))
	if few*5 > many {
		t.Errorf("%d schedules where it is told what steps touch, %d where not", few, many)
	}
	if len(apart) != 1 || len(all) != 1 {
		t.Errorf("they end as %v, and %v", apart, all)
	}
}

func TestOrdersOfStepsThatTouchTheSameAreAllRun(t *testing.T) {
	few, all := map[string]int{}, map[string]int{}
	n := orders(t, workers(2, 2, true, true, few), Declared())
	many := orders(t, workers(2, 2, true, true, all))
	if len(few) != len(all) || len(all) < 3 {
		t.Errorf("in %d schedules it ends as %v, in all %d as %v", n, few, many, all)
	}
}

func TestAStepThatDoesNotTellTouchesEverything(t *testing.T) {
	told, all := map[string]int{}, map[string]int{}
	n := orders(t, workers(2, 2, true, false, told), Declared())
	many := orders(t, workers(2, 2, true, false, all))
	if len(told) != len(all) {
		t.Errorf("in %d schedules it ends as %v, in all %d as %v", n, told, many, all)
	}
}
