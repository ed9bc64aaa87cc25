package asyncio_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// numbers are the first that a loop gives.
func numbers(ctx context.Context) (all []uint64) {
	for range 4 {
		all = append(all, asyncio.Rand(ctx).Uint64())
	}
	return all
}

func TestRandomNumbersAreTheSameInEveryRunUnderAVirtualClock(t *testing.T) {
	var runs [2][]uint64
	for i := range runs {
		asynciotest.Run(t, func(ctx context.Context) { runs[i] = numbers(ctx) })
	}
	if !slices.Equal(runs[0], runs[1]) {
		t.Errorf("%v in the first run, %v in the second", runs[0], runs[1])
	}
	slices.Sort(runs[0])
	if len(slices.Compact(runs[0])) != 4 {
		t.Errorf("a number has come twice: %v", runs[0])
	}
}

func TestRandomNumbersDifferFromRunToRunInRealTime(t *testing.T) {
	var runs [2][]uint64
	loop := asyncio.NewLoop()
	for i := range runs {
		err := loop.Run(t.Context(), func(ctx context.Context) error {
			runs[i] = numbers(ctx)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if slices.Equal(runs[0], runs[1]) {
		t.Errorf("both runs had %v", runs[0])
	}
}

func TestAllTasksOfALoopShareOneSourceOfRandomNumbers(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var other *rand.Rand
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			other = asyncio.Rand(ctx)
			return nil
		})
		if _, err := task.Await(ctx); err != nil {
			t.Fatal(err)
		}
		if other != asyncio.Rand(ctx) {
			t.Error("the task has another one")
		}
	})
}

func TestRandPanicsOutsideALoop(t *testing.T) {
	defer func() {
		if v := recover(); v != asyncio.ErrNoLoop {
			t.Errorf("it panicked with %v", v)
		}
	}()
	asyncio.Rand(t.Context())
}
