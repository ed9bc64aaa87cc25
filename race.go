package asyncio

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrNoContenders is the error of a race without functions.
var ErrNoContenders = errors.New("asyncio: a race needs at least one function")

var errLost = errors.New("asyncio: another one has won the race")

// Race runs the functions as tasks and returns the value of the first that
// succeeds. The losers are cancelled, and Race returns after their ends; what they
// return is dropped, so that a function whose value has to be closed must look at its
// ctx before it returns one. If all fail their errors are joined, in the order of the
// arguments. If ctx ends Race returns its error after the ends of all, unless one has
// succeeded.
func Race[T any](ctx context.Context, fns ...func(ctx context.Context) (T, error)) (T, error) {
	return StaggeredRace(ctx, 0, fns...)
}

// StaggeredRace is [Race], but each function starts only when the one before has
// failed, or delay has passed since it was started: RFC 8305's way to connect. A
// delay of 0 or less starts all at once.
func StaggeredRace[T any](ctx context.Context, delay time.Duration, fns ...func(ctx context.Context) (T, error)) (T, error) {
	var (
		winner T
		won    bool
		errs   = make([]error, len(fns))
		latest int
		failed WaitQueue // the latest contender
	)
	if len(fns) == 0 {
		return winner, ErrNoContenders
	}
	if err := Checkpoint(ctx); err != nil {
		return winner, err
	}
	err := WithTaskGroup(ctx, func(ctx context.Context, g *TaskGroup) error {
		for i, fn := range fns {
			latest = i
			g.Go(func(ctx context.Context) error {
				v, err := fn(ctx)
				switch {
				case won:
				case err == nil:
					winner, won = v, true
					g.Cancel(errLost)
				default:
					errs[i] = err
					if i == latest {
						failed.WakeAll()
					}
				}
				return nil
			}, TaskName(fmt.Sprintf("contender %d", i+1)), writtenAs(fn))
			if i < len(fns)-1 && delay > 0 {
				if err := waitUntil(ctx, delay, &failed); err != nil {
					return err
				}
			}
		}
		return nil
	})
	switch {
	case won:
		return winner, nil
	case err != nil:
		return winner, err
	}
	return winner, errors.Join(errs...)
}

// waitUntil waits until d has passed or somebody wakes q.
func waitUntil(ctx context.Context, d time.Duration, q *WaitQueue) error {
	late := CallLater(ctx, d, func() { q.WakeAll() })
	defer late.Cancel()
	_, err := q.Park(ctx, waitReason("the next start of a race"))
	return err
}
