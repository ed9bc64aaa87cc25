package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
)

func TestE05_EventWakesAllInOrderEvenIfClearedInTheSameStep(t *testing.T) {
	t.Run("set, then clear", func(t *testing.T) {
		onStage(t, func(s *stage) {
			var e asyncio.Event
			for i := range 3 {
				s.task("", func(ctx context.Context) error {
					s.note("%d %v %v", i, e.Wait(ctx) == nil, e.IsSet())
					return nil
				})
			}
			s.settle()
			e.Set()
			e.Clear()
			s.saw("0 true false", "1 true false", "2 true false")
		})
	})
	t.Run("waiting for a set event does not yield", func(t *testing.T) {
		onStage(t, func(s *stage) {
			var e asyncio.Event
			e.Set()
			asyncio.CallSoon(s.ctx, func() { s.note("another callback ran") })
			s.must(e.Wait(s.ctx))
			s.note("seen")
			s.saw("seen", "another callback ran")
		})
	})
}

func TestE14_EventOnTwoLoopsIsRefusedWhileSomebodyWaits(t *testing.T) {
	var e asyncio.Event
	refusedOnSecondLoop(t, e.Wait)
}

// Trio's Event has no clear, because a waiter that looks at the flag after it was
// woken may find it cleared. Ours is asyncio's: a wake-up counts even so.
func TestT13_EventClearedBeforeTheWaiterRunsCountsAsSeen(t *testing.T) {
	onStage(t, func(s *stage) {
		var e asyncio.Event
		s.waiter("a", e.Wait)
		s.settle()
		e.Set()
		e.Clear()
		s.waiter("late", e.Wait)
		s.saw("a")
		check(t, "stats", e.Stats(), asyncio.EventStats{Waiting: 1})
		e.Set()
		s.saw("late")
		check(t, "stats", e.Stats(), asyncio.EventStats{Set: true})
	})
}

// A set event wakes everybody, so there is nothing to hand on; and nobody is
// forgotten.
func TestB2_Event(t *testing.T) {
	for name, act := range map[string]func(e *asyncio.Event, a *asyncio.Task[struct{}]){
		"set, then cancel": func(e *asyncio.Event, a *asyncio.Task[struct{}]) { e.Set(); a.Cancel(nil) },
		"cancel, then set": func(e *asyncio.Event, a *asyncio.Task[struct{}]) { a.Cancel(nil); e.Set() },
	} {
		t.Run(name, func(t *testing.T) {
			onStage(t, func(s *stage) {
				var e asyncio.Event
				a := s.waiter("a", e.Wait)
				s.waiter("b", e.Wait)
				s.settle()
				act(&e, a)
				s.saw("a cancelled", "b")
			})
		})
	}
}

func TestEventSetTwiceWakesNobodyTwice(t *testing.T) {
	onStage(t, func(s *stage) {
		var e asyncio.Event
		s.waiter("a", e.Wait)
		s.settle()
		e.Set()
		e.Set()
		s.saw("a")
	})
}

func TestEventUnderAContextThatHasEndedIsNotSeen(t *testing.T) {
	onStage(t, func(s *stage) {
		var e asyncio.Event
		e.Set()
		ctx, cancel := asyncio.WithCancel(s.ctx)
		cancel(nil)
		check(t, "error is context.Canceled", errors.Is(e.Wait(ctx), context.Canceled), true)
	})
}

func ExampleEvent() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		var ready asyncio.Event
		server := asyncio.Go(ctx, func(ctx context.Context) error {
			if err := asyncio.Sleep(ctx, time.Millisecond); err != nil { // starts up
				return err
			}
			fmt.Println("server: ready")
			ready.Set()
			return nil
		})
		if err := ready.Wait(ctx); err != nil {
			return err
		}
		fmt.Println("client: connecting")
		_, err := server.Await(ctx)
		return err
	})
	// Output:
	// server: ready
	// client: connecting
}
