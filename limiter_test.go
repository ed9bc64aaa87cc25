package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
)

func TestT13_CapacityLimiterLendsOneTokenToEachBorrower(t *testing.T) {
	t.Run("a task twice", func(t *testing.T) {
		onStage(t, func(s *stage) {
			l := asyncio.NewCapacityLimiter(2)
			s.must(l.Acquire(s.ctx))
			check(t, "error", l.Acquire(s.ctx), asyncio.ErrBorrowing)
			check(t, "available", l.Available(), 1)
			l.Release()
			s.must(l.Acquire(s.ctx))
		})
	})
	t.Run("a key twice", func(t *testing.T) {
		onStage(t, func(s *stage) {
			l := asyncio.NewCapacityLimiter(2)
			s.must(l.AcquireOnBehalfOf(s.ctx, "k"))
			check(t, "error", l.AcquireOnBehalfOf(s.ctx, "k"), asyncio.ErrBorrowing)
			check(t, "try", l.TryAcquireOnBehalfOf("k"), false)
			check(t, "try of another", l.TryAcquireOnBehalfOf("j"), true)
			check(t, "try beyond the total", l.TryAcquireOnBehalfOf("i"), false)
		})
	})
	t.Run("a key that waits already", func(t *testing.T) {
		onStage(t, func(s *stage) {
			l := asyncio.NewCapacityLimiter(0)
			wait := func(ctx context.Context) error { return l.AcquireOnBehalfOf(ctx, "k") }
			first := s.waiter("first", wait)
			s.settle()
			check(t, "error", wait(s.ctx), asyncio.ErrBorrowing)
			first.Cancel(nil)
			s.saw("first cancelled")
			l.SetTotal(1)
			s.must(wait(s.ctx))
		})
	})
}

func TestCapacityLimiterServesInOrder(t *testing.T) {
	onStage(t, func(s *stage) {
		l := asyncio.NewCapacityLimiter(1)
		s.must(l.Acquire(s.ctx))
		for _, name := range []string{"a", "b", "c"} {
			s.task(name, func(ctx context.Context) error {
				s.must(l.Acquire(ctx))
				s.note("%s", name)
				l.Release()
				return nil
			})
		}
		s.settle()
		check(t, "stats", l.Stats(), asyncio.CapacityStats{Total: 1, Borrowed: 1, Waiting: 3})
		l.Release()
		check(t, "try of a token that is promised", l.TryAcquireOnBehalfOf("k"), false)
		s.saw("a", "b", "c")
		check(t, "stats in the end", l.Stats(), asyncio.CapacityStats{Total: 1})
	})
}

func TestCapacityLimiterIsResizedInUse(t *testing.T) {
	t.Run("growing serves those who wait", func(t *testing.T) {
		onStage(t, func(s *stage) {
			l := asyncio.NewCapacityLimiter(0)
			for _, name := range []string{"a", "b", "c"} {
				s.waiter(name, l.Acquire)
			}
			s.saw()
			l.SetTotal(2)
			s.saw("a", "b")
			check(t, "total", l.Total(), 2)
		})
	})
	t.Run("shrinking takes nothing away and lends nothing until enough came back", func(t *testing.T) {
		onStage(t, func(s *stage) {
			l := asyncio.NewCapacityLimiter(3)
			for k := range 3 {
				s.must(l.AcquireOnBehalfOf(s.ctx, k))
			}
			l.SetTotal(1)
			check(t, "stats", l.Stats(), asyncio.CapacityStats{Total: 1, Borrowed: 3})
			check(t, "available", l.Available(), 0)
			s.waiter("a", l.Acquire)
			s.settle()
			l.ReleaseOnBehalfOf(0)
			l.ReleaseOnBehalfOf(1)
			s.saw()
			l.ReleaseOnBehalfOf(2)
			s.saw("a")
		})
	})
	t.Run("below zero panics", func(t *testing.T) {
		panics(t, "asyncio: a CapacityLimiter with -1 tokens: the number must not be negative",
			func() { asyncio.NewCapacityLimiter(-1) })
	})
}

// Found by fuzzing in RWLock, which hands over in the same way.
func TestCapacityLimiterBorrowerThatComesDuringAHandOverIsServed(t *testing.T) {
	onStage(t, func(s *stage) {
		l := asyncio.NewCapacityLimiter(0)
		s.waiter("waiting", l.Acquire)
		s.settle()
		s.waiter("newcomer", l.Acquire)
		l.SetTotal(2)
		s.saw("waiting", "newcomer")
	})
}

func TestCapacityLimiterTokensBelongToTheirBorrower(t *testing.T) {
	t.Run("a task cannot release another's", func(t *testing.T) {
		onStage(t, func(s *stage) {
			l := asyncio.NewCapacityLimiter(1)
			s.waiter("a", l.Acquire)
			s.saw("a")
			panics(t, "asyncio: Release of a CapacityLimiter by a task that holds none of its tokens", l.Release)
			check(t, "borrowed", l.Stats().Borrowed, 1)
		})
	})
	t.Run("one that was never acquired", func(t *testing.T) {
		l := asyncio.NewCapacityLimiter(1)
		panics(t, "asyncio: Release of a CapacityLimiter by a task that holds none of its tokens", l.Release)
		panics(t, "asyncio: ReleaseOnBehalfOf k, which holds no token of the CapacityLimiter",
			func() { l.ReleaseOnBehalfOf("k") })
		panics(t, "asyncio: a CapacityLimiter's borrower must not be nil", func() { l.TryAcquireOnBehalfOf(nil) })
	})
	t.Run("a key's is released by any task", func(t *testing.T) {
		onStage(t, func(s *stage) {
			l := asyncio.NewCapacityLimiter(1)
			s.must(l.AcquireOnBehalfOf(s.ctx, "thread 1"))
			s.task("other", func(context.Context) error { l.ReleaseOnBehalfOf("thread 1"); return nil })
			s.settle()
			check(t, "borrowed", l.Stats().Borrowed, 0)
		})
	})
}

func TestB2_CapacityLimiter(t *testing.T) {
	handsOn(t, func(s *stage) rivalry {
		l := asyncio.NewCapacityLimiter(0)
		// Each call adds a token; whoever was cancelled gave its own back.
		return rivalry{wait: l.Acquire, free: func() { l.SetTotal(l.Total() + 1) }}
	})
}

func TestE14_CapacityLimiterOnTwoLoopsIsRefusedWhileItIsInUse(t *testing.T) {
	l := asyncio.NewCapacityLimiter(2)
	refusedOnSecondLoop(t, l.Acquire)
}

func TestCapacityLimiterUnderAContextThatHasEndedLendsNothing(t *testing.T) {
	onStage(t, func(s *stage) {
		l := asyncio.NewCapacityLimiter(1)
		ctx, cancel := asyncio.WithCancel(s.ctx)
		cancel(nil)
		check(t, "error is context.Canceled", errors.Is(l.Acquire(ctx), context.Canceled), true)
		check(t, "stats", l.Stats(), asyncio.CapacityStats{Total: 1})
	})
}

func ExampleCapacityLimiter() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		desks := asyncio.NewCapacityLimiter(1)
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			for _, name := range []string{"ann", "bob", "cem"} {
				g.Go(func(ctx context.Context) error {
					if err := desks.Acquire(ctx); err != nil {
						return err
					}
					defer desks.Release()
					fmt.Println(name, "sits down, waiting:", desks.Stats().Waiting)
					return asyncio.Sleep(ctx, time.Millisecond)
				})
			}
			if err := asyncio.Yield(ctx); err != nil { // all three have come
				return err
			}
			desks.SetTotal(2)
			return nil
		})
	})
	// Output:
	// ann sits down, waiting: 0
	// bob sits down, waiting: 1
	// cem sits down, waiting: 0
}
