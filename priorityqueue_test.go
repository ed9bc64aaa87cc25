package asyncio_test

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestF09_APriorityQueueGivesTheSmallestFirst(t *testing.T) {
	q := asyncio.NewPriorityQueue[int](3)
	mustPut(t, q, 2, 1, 3)
	if got := drain(q); !slices.Equal(got, []int{1, 2, 3}) {
		t.Errorf("items left as %v, want [1 2 3]", got)
	}
}

func TestAPriorityQueueSortsAnyOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for size := range 100 {
		q := asyncio.NewPriorityQueue[int](asyncio.Unbounded)
		items := random.Perm(size)
		mustPut(t, q, items...)
		got := drain(q)
		slices.Sort(items)
		if !slices.Equal(got, items) {
			t.Fatalf("%d items left as %v", size, got)
		}
	}
}

func TestEqualItemsOfAPriorityQueueLeaveInTheOrderTheyCame(t *testing.T) {
	q := asyncio.NewPriorityQueueFunc(asyncio.Unbounded, jobLess)
	var want []job
	for number := range 60 {
		mustPut(t, q, job{rank: number % 3, number: number})
		want = append(want, job{rank: number % 3, number: number})
	}
	slices.SortStableFunc(want, func(a, b job) int { return a.rank - b.rank })
	if got := drain(q); !slices.Equal(got, want) {
		t.Errorf("items left as %v, want %v", got, want)
	}
}

func TestAWokenGetterOfAPriorityQueueTakesWhatIsSmallestWhenItRuns(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		q := asyncio.NewPriorityQueue[int](asyncio.Unbounded)
		getter := asyncio.CreateTask(ctx, q.Get)
		inRounds(ctx, t, 1)
		mustPut(t, q, 5, 1)
		inRounds(ctx, t, 1)
		wantResult(t, getter, 1)
		if got := drain(q); !slices.Equal(got, []int{5}) {
			t.Errorf("left: %v, want [5]", got)
		}
	})
}

func TestAPriorityQueueHoldsPuttersBackWhenItIsFull(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		q := asyncio.NewPriorityQueue[int](1)
		mustPut(t, q, 5)
		urgent := putter(ctx, q, 1)
		inRounds(ctx, t, 1)
		if got := drain(q); !slices.Equal(got, []int{5}) || urgent.Done() {
			t.Errorf("held %v, the urgent put ended %v; want [5], false: a place comes first", got, urgent.Done())
		}
		inRounds(ctx, t, 1)
		if got := drain(q); !slices.Equal(got, []int{1}) {
			t.Errorf("then held %v, want [1]", got)
		}
	})
}

func TestAPriorityQueueOrdersFloatsWithNaNFirst(t *testing.T) {
	q := asyncio.NewPriorityQueue[float64](asyncio.Unbounded)
	mustPut(t, q, 1, math.NaN(), math.Inf(-1))
	got := drain(q)
	if len(got) != 3 || !math.IsNaN(got[0]) || !math.IsInf(got[1], -1) || got[2] != 1 {
		t.Errorf("items left as %v", got)
	}
}

func TestAnImmediateShutdownEmptiesAPriorityQueue(t *testing.T) {
	q := asyncio.NewPriorityQueue[int](2)
	mustPut(t, q, 1, 2)
	q.Shutdown(true)
	_, err := q.TryGet()
	wantError(t, err, asyncio.ErrQueueShutDown)
	if q.Len() != 0 || !q.Empty() {
		t.Errorf("Len = %d, want 0", q.Len())
	}
}

func TestAPriorityQueueNeedsAnOrder(t *testing.T) {
	wantPanic(t, "NewPriorityQueueFunc(1, nil)", func() { asyncio.NewPriorityQueueFunc[int](1, nil) })
}
