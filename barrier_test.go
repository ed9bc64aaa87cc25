package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
)

// party starts a task that meets others at b and notes its index, or why it did not.
func (s *stage) party(name string, b *asyncio.Barrier) *asyncio.Task[struct{}] {
	return s.task(name, func(ctx context.Context) error {
		i, err := b.Wait(ctx)
		switch {
		case errors.Is(err, asyncio.ErrBrokenBarrier):
			s.note("%s broken", name)
		case err != nil:
			s.note("%s", outcome(name, err))
		default:
			s.note("%s %d", name, i)
		}
		return ctx.Err()
	})
}

func TestE12_BarrierLastToArriveDoesNotBlock(t *testing.T) {
	onStage(t, func(s *stage) {
		b := asyncio.NewBarrier(3)
		s.party("a", b)
		s.party("b", b)
		s.saw()
		check(t, "stats", b.Stats(), asyncio.BarrierStats{Parties: 3, Waiting: 2})
		s.party("c", b)
		s.saw("c 2", "a 0", "b 1")
		check(t, "waiting in the end", b.Waiting(), 0)
	})
}

func TestE13_BarrierResetAbortAndCancel(t *testing.T) {
	t.Run("reset breaks those who wait and nobody else", func(t *testing.T) {
		onStage(t, func(s *stage) {
			b := asyncio.NewBarrier(2)
			s.party("a", b)
			s.settle()
			s.must(b.Reset(s.ctx))
			s.saw("a broken")
			check(t, "broken", b.Broken(), false)
			s.party("b", b)
			s.party("c", b)
			s.saw("c 1", "b 0")
		})
	})
	t.Run("abort breaks those who wait and those who come", func(t *testing.T) {
		onStage(t, func(s *stage) {
			b := asyncio.NewBarrier(2)
			s.party("a", b)
			s.settle()
			s.must(b.Abort(s.ctx))
			s.saw("a broken")
			s.party("b", b)
			s.saw("b broken")
			check(t, "stats", b.Stats(), asyncio.BarrierStats{Parties: 2, Broken: true})
		})
	})
	t.Run("reset mends what abort broke", func(t *testing.T) {
		onStage(t, func(s *stage) {
			b := asyncio.NewBarrier(1)
			s.must(b.Abort(s.ctx))
			s.must(b.Reset(s.ctx))
			s.party("a", b)
			s.saw("a 0")
		})
	})
	t.Run("cancelling a waiter only lowers the count", func(t *testing.T) {
		onStage(t, func(s *stage) {
			b := asyncio.NewBarrier(3)
			a := s.party("a", b)
			s.party("b", b)
			s.settle()
			a.Cancel(nil)
			s.saw("a cancelled")
			check(t, "waiting", b.Waiting(), 1)
			check(t, "broken", b.Broken(), false)
			s.party("c", b)
			s.saw()
			s.party("d", b)
			s.saw("d 2", "b 1", "c 1") // c's index is b's, as in CPython: one party left before it came
		})
	})
}

func TestE14_BarrierOnTwoLoopsIsRefusedWhileSomebodyWaits(t *testing.T) {
	b := asyncio.NewBarrier(2)
	wait := func(ctx context.Context) error { _, err := b.Wait(ctx); return err }
	refusedOnSecondLoop(t, wait)
}

func TestB2_Barrier(t *testing.T) {
	t.Run("a party that is cancelled after the last one came does not hold up the others", func(t *testing.T) {
		onStage(t, func(s *stage) {
			b := asyncio.NewBarrier(3)
			a := s.party("a", b)
			s.party("b", b)
			s.settle()
			s.party("c", b)
			s.round()
			a.Cancel(nil)
			s.saw("c 2", "a cancelled", "b 1")
			s.party("d", b)
			s.saw()
			check(t, "waiting in the next round", b.Waiting(), 1)
		})
	})
	t.Run("a party that is cancelled just before the last one comes does not count", func(t *testing.T) {
		onStage(t, func(s *stage) {
			b := asyncio.NewBarrier(2)
			a := s.party("a", b)
			s.settle()
			a.Cancel(nil)
			s.party("b", b)
			s.saw("a cancelled")
			check(t, "waiting", b.Waiting(), 1)
		})
	})
	t.Run("reset, then cancel", func(t *testing.T) {
		onStage(t, func(s *stage) {
			b := asyncio.NewBarrier(3)
			a := s.party("a", b)
			s.party("b", b)
			s.settle()
			s.must(b.Reset(s.ctx))
			a.Cancel(nil)
			s.saw("a cancelled", "b broken")
			check(t, "stats", b.Stats(), asyncio.BarrierStats{Parties: 3})
		})
	})
}

func TestBarrierIsUsedAgainAndAgain(t *testing.T) {
	t.Run("those who come while others leave wait for the next meeting", func(t *testing.T) {
		onStage(t, func(s *stage) {
			b := asyncio.NewBarrier(2)
			for _, name := range []string{"a", "b", "c", "d", "e"} {
				s.party(name, b)
			}
			s.saw("b 1", "a 0", "d 1", "c 0")
			check(t, "waiting", b.Waiting(), 1)
		})
	})
	t.Run("in step, phase after phase", func(t *testing.T) {
		onStage(t, func(s *stage) {
			b := asyncio.NewBarrier(4)
			at := [4]int{}
			for i := range at {
				s.task("", func(ctx context.Context) error {
					for range 20 {
						s.must(asyncio.Sleep(ctx, time.Duration(i)*time.Second))
						at[i]++
						_, err := b.Wait(ctx)
						s.must(err)
						for _, phase := range at {
							check(t, "all are in one phase or the next", phase == at[i] || phase == at[i]+1, true)
						}
					}
					return nil
				})
			}
			s.must(asyncio.Sleep(s.ctx, time.Hour))
			check(t, "phases", at, [4]int{20, 20, 20, 20})
		})
	})
}

func TestBarrierNeedsAParty(t *testing.T) {
	check(t, "parties", asyncio.NewBarrier(2).Parties(), 2)
	panics(t, "asyncio: NewBarrier for 0 parties: there must be at least 1", func() { asyncio.NewBarrier(0) })
}

func TestBarrierUnderAContextThatHasEnded(t *testing.T) {
	onStage(t, func(s *stage) {
		b := asyncio.NewBarrier(1)
		ctx, cancel := asyncio.WithCancel(s.ctx)
		cancel(nil)
		_, err := b.Wait(ctx)
		check(t, "error of Wait is context.Canceled", errors.Is(err, context.Canceled), true)
		check(t, "error of Abort is context.Canceled", errors.Is(b.Abort(ctx), context.Canceled), true)
		check(t, "stats", b.Stats(), asyncio.BarrierStats{Parties: 1})
	})
}

func ExampleBarrier() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		start := asyncio.NewBarrier(3)
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			for i, name := range []string{"hare", "tortoise", "snail"} {
				g.Go(func(ctx context.Context) error {
					if err := asyncio.Sleep(ctx, time.Duration(i)*time.Millisecond); err != nil {
						return err
					}
					fmt.Println(name, "is ready")
					if _, err := start.Wait(ctx); err != nil {
						return err
					}
					fmt.Println(name, "runs")
					return nil
				})
			}
			return nil
		})
	})
	// Output:
	// hare is ready
	// tortoise is ready
	// snail is ready
	// snail runs
	// hare runs
	// tortoise runs
}
