package asyncio_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio"
)

// Two tasks take two things in opposite order. The report must say who waits for
// whom (L5), which the things know.
func TestL5_DeadlockOverTwoLocksIsReportedAsACycle(t *testing.T) {
	limiter := func() func(ctx context.Context) error { return asyncio.NewCapacityLimiter(1).Acquire }
	for name, make := range map[string]func() func(ctx context.Context) error{
		"Lock":            func() func(ctx context.Context) error { return new(asyncio.Lock).Acquire },
		"Condition":       func() func(ctx context.Context) error { return asyncio.NewCondition(nil).Acquire },
		"RWLock":          func() func(ctx context.Context) error { return new(asyncio.RWLock).AcquireWrite },
		"CapacityLimiter": limiter,
	} {
		t.Run(name, func(t *testing.T) {
			left, right := make(), make()
			checkCycle(t, left, right, left, right)
		})
	}
	t.Run("readers and writers", func(t *testing.T) {
		var left, right asyncio.RWLock
		checkCycle(t, left.AcquireRead, right.AcquireRead, left.AcquireWrite, right.AcquireWrite)
	})
}

// checkCycle lets ann take left and then want right, bob the other way round.
func checkCycle(t *testing.T, left, right, wantLeft, wantRight func(ctx context.Context) error) {
	t.Helper()
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		both := func(have, want func(context.Context) error) func(context.Context) error {
			return func(ctx context.Context) error {
				return errors.Join(have(ctx), asyncio.Yield(ctx), want(ctx))
			}
		}
		ann := asyncio.Go(ctx, both(left, wantRight), asyncio.TaskName("ann"))
		bob := asyncio.Go(ctx, both(right, wantLeft), asyncio.TaskName("bob"))
		return errors.Join(second(ann.Await(ctx)), second(bob.Await(ctx)))
	})
	var deadlock *asyncio.DeadlockError
	if !errors.As(err, &deadlock) {
		t.Fatalf("Run returned %v, want a DeadlockError", err)
	}
	var names []string
	for _, task := range slices.Concat(deadlock.Cycles...) {
		names = append(names, task.Name)
	}
	slices.Sort(names)
	check(t, "tasks in cycles", strings.Join(names, " "), "ann bob")
}

func second[A, B any](_ A, b B) B { return b }
