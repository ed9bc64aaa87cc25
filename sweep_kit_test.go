package asyncio_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// A swept is a program for asynciotest.Sweep, with a name that says what it is.
type swept struct {
	name    string
	program func(ctx context.Context, trial *asynciotest.Trial) error
}

func sweepAll(t *testing.T, programs []swept) {
	sweepInOrder(t, programs)
	for _, p := range programs {
		t.Run(p.name+", in any order", p.explore)
	}
}

// sweepInOrder is sweepAll for programs that no simulated world can run.
func sweepInOrder(t *testing.T, programs []swept) {
	for _, p := range programs {
		t.Run(p.name, func(t *testing.T) { asynciotest.Sweep(t, p.program) })
	}
}

// together runs the functions as the tasks of one group.
func together(ctx context.Context, fns ...func(ctx context.Context) error) error {
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		for _, fn := range fns {
			g.Go(fn)
		}
		return nil
	})
}

// inConcert is together for functions that need each other: where one is cancelled the
// others are, too.
func inConcert(ctx context.Context, fns ...func(ctx context.Context) error) error {
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		for _, fn := range fns {
			g.Go(func(ctx context.Context) error {
				err := fn(ctx)
				if err != nil {
					g.Cancel(err)
				}
				return err
			})
		}
		return nil
	})
}

// times makes n functions of one that takes a number.
func times(n int, fn func(ctx context.Context, i int) error) (fns []func(context.Context) error) {
	for i := range n {
		fns = append(fns, func(ctx context.Context) error { return fn(ctx, i) })
	}
	return fns
}

// steps yields and sleeps a little, so that there are points in the middle of things.
func steps(ctx context.Context) error {
	if err := asyncio.Yield(ctx); err != nil {
		return err
	}
	return asyncio.Sleep(ctx, time.Millisecond)
}

// equal is an error where got is not want.
func equal[T comparable](what string, got, want T) error {
	if got != want {
		return fmt.Errorf("%s: %v, want %v", what, got, want)
	}
	return nil
}

// ledger counts items on their way.
type ledger struct{ put, got int }

// balance is the check that no item is lost or doubled.
func (l *ledger) balance(left func() int) func() error {
	return func() error { return equal("items got and left", l.got+left(), l.put) }
}

// place counts who is inside a critical section.
type place struct{ inside, most, visits int }

func (p *place) visit(ctx context.Context) error {
	p.inside++
	p.visits++
	p.most = max(p.most, p.inside)
	defer func() { p.inside-- }()
	return steps(ctx)
}

// atMost is the check that never more than n were inside, and nobody is now.
func (p *place) atMost(n int) func() error {
	return func() error {
		if p.most > n || p.inside != 0 {
			return fmt.Errorf("%d were inside at once, want at most %d; %d are left", p.most, n, p.inside)
		}
		return nil
	}
}
