package asyncio_test

import (
	"context"
	"slices"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestF09_ALifoQueueGivesTheNewestFirst(t *testing.T) {
	q := asyncio.NewLifoQueue[int](3)
	mustPut(t, q, 3, 1, 2)
	if got := drain(q); !slices.Equal(got, []int{2, 1, 3}) {
		t.Errorf("items left as %v, want [2 1 3]", got)
	}
}

func TestAWokenGetterOfALifoQueueTakesWhatIsNewestWhenItRuns(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		q := asyncio.NewLifoQueue[int](2)
		getter := asyncio.CreateTask(ctx, q.Get)
		inRounds(ctx, t, 1)
		mustPut(t, q, 1, 2)
		inRounds(ctx, t, 1)
		wantResult(t, getter, 2)
	})
}

func TestALifoQueueHoldsPuttersBackInOrder(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		q := asyncio.NewLifoQueue[int](1)
		for v := range 3 {
			putter(ctx, q, v)
		}
		inRounds(ctx, t, 1)
		for want := range 3 {
			if got := drain(q); !slices.Equal(got, []int{want}) {
				t.Errorf("held %v, want [%d]", got, want)
			}
			inRounds(ctx, t, 1)
		}
	})
}

func TestAnyQueueCanBePassedAsAQueue(t *testing.T) {
	for name, queue := range map[string]*asyncio.Queue[int]{
		"first in, first out": asyncio.NewQueue[int](1),
		"last in, first out":  &asyncio.NewLifoQueue[int](1).Queue,
		"sorted":              &asyncio.NewPriorityQueue[int](1).Queue,
	} {
		t.Run(name, func(t *testing.T) {
			mustPut(t, queue, 7)
			if got := drain(queue); !slices.Equal(got, []int{7}) {
				t.Errorf("got %v, want [7]", got)
			}
		})
	}
}
