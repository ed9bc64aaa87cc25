package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
)

// ask starts a task that asks o for its value and notes the answer.
func (s *stage) ask(name string, o *asyncio.Once[string], fn func(ctx context.Context) (string, error)) *asyncio.Task[struct{}] {
	return s.task(name, func(ctx context.Context) error {
		v, err := o.Do(ctx, fn)
		s.note("%s", outcome(name+" "+v, err))
		return ctx.Err()
	})
}

// slowly returns a computation of v that takes a second.
func (s *stage) slowly(v string) func(ctx context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		s.note("computing %s", v)
		return v, asyncio.Sleep(ctx, time.Second)
	}
}

func TestOnceComputesOnceForAllWhoAsk(t *testing.T) {
	onStage(t, func(s *stage) {
		var o asyncio.Once[string]
		_, ok := o.Get()
		check(t, "there is a value", ok, false)
		s.ask("a", &o, s.slowly("1"))
		s.ask("b", &o, s.slowly("2"))
		s.ask("c", &o, s.slowly("3"))
		s.saw("computing 1")
		s.must(asyncio.Sleep(s.ctx, time.Second))
		s.saw("a 1", "b 1", "c 1")
		v, ok := o.Get()
		check(t, "there is a value", ok, true)
		check(t, "value", v, "1")
		s.ask("late", &o, s.slowly("4"))
		s.saw("late 1")
	})
}

func TestOnceThatFailsLetsTheNextTry(t *testing.T) {
	fail := func(ctx context.Context) (string, error) {
		return "", errors.Join(asyncio.Sleep(ctx, time.Second), errors.New("failed"))
	}
	onStage(t, func(s *stage) {
		var o asyncio.Once[string]
		s.ask("a", &o, fail)
		s.ask("b", &o, fail)
		s.ask("c", &o, s.slowly("3"))
		s.ask("d", &o, s.slowly("4"))
		s.must(asyncio.Sleep(s.ctx, 10*time.Second))
		s.saw("a : failed", "b : failed", "computing 3", "c 3", "d 3")
	})
}

func TestB2_Once(t *testing.T) {
	t.Run("the one that computes is cancelled", func(t *testing.T) {
		onStage(t, func(s *stage) {
			var o asyncio.Once[string]
			a := s.ask("a", &o, s.slowly("1"))
			s.ask("b", &o, s.slowly("2"))
			s.settle()
			a.Cancel(nil)
			s.saw("computing 1", "a  cancelled", "computing 2")
			s.must(asyncio.Sleep(s.ctx, time.Second))
			s.saw("b 2")
		})
	})
	t.Run("the next one is cancelled when it was woken to try", func(t *testing.T) {
		onStage(t, func(s *stage) {
			var o asyncio.Once[string]
			a := s.ask("a", &o, s.slowly("1"))
			b := s.ask("b", &o, s.slowly("2"))
			s.ask("c", &o, s.slowly("3"))
			s.settle()
			a.Cancel(nil)
			s.round() // a has failed and woken b
			b.Cancel(nil)
			s.ask("newcomer", &o, s.slowly("4"))
			s.saw("computing 1", "a  cancelled", "b  cancelled", "computing 3")
			s.must(asyncio.Sleep(s.ctx, time.Second))
			s.saw("c 3", "newcomer 3")
		})
	})
	t.Run("all who wait are cancelled, and a newcomer tries", func(t *testing.T) {
		onStage(t, func(s *stage) {
			var o asyncio.Once[string]
			a, b := s.ask("a", &o, s.slowly("1")), s.ask("b", &o, s.slowly("2"))
			s.settle()
			b.Cancel(nil)
			a.Cancel(nil)
			s.settle()
			s.notes = nil
			s.ask("newcomer", &o, s.slowly("3"))
			s.saw("computing 3")
		})
	})
	t.Run("a waiter is cancelled when the value is there: nobody is hurt", func(t *testing.T) {
		onStage(t, func(s *stage) {
			var o asyncio.Once[string]
			gate := asyncio.Event{}
			s.ask("a", &o, func(ctx context.Context) (string, error) { return "1", gate.Wait(ctx) })
			b := s.ask("b", &o, s.slowly("2"))
			s.ask("c", &o, s.slowly("3"))
			s.settle()
			gate.Set()
			s.round()
			b.Cancel(nil)
			s.saw("a 1", "b  cancelled", "c 1")
		})
	})
}

func TestOnceThatPanicsLetsTheNextTry(t *testing.T) {
	onStage(t, func(s *stage) {
		var o asyncio.Once[string]
		func() {
			defer func() { check(t, "panic", recover(), any("oops")) }()
			o.Do(s.ctx, func(context.Context) (string, error) { panic("oops") })
		}()
		s.ask("next", &o, func(context.Context) (string, error) { return "2", nil })
		s.saw("next 2")
	})
}

func TestE14_OnceOnTwoLoops(t *testing.T) {
	forever := func(ctx context.Context) (int, error) { return 0, new(asyncio.Event).Wait(ctx) }
	t.Run("is refused while one computes", func(t *testing.T) {
		var o asyncio.Once[int]
		do := func(ctx context.Context) error { _, err := o.Do(ctx, forever); return err }
		refusedOnSecondLoop(t, do)
	})
	t.Run("gives the value that is there", func(t *testing.T) {
		var o asyncio.Once[int]
		for range 2 {
			onStage(t, func(s *stage) {
				v, err := o.Do(s.ctx, func(context.Context) (int, error) { return 7, nil })
				s.must(err)
				check(t, "value", v, 7)
			})
		}
	})
}

func TestOnceUnderAContextThatHasEndedComputesNothing(t *testing.T) {
	onStage(t, func(s *stage) {
		var o asyncio.Once[string]
		ctx, cancel := asyncio.WithCancel(s.ctx)
		cancel(nil)
		_, err := o.Do(ctx, s.slowly("1"))
		check(t, "error is context.Canceled", errors.Is(err, context.Canceled), true)
		s.saw()
	})
}

func ExampleOnce() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		var config asyncio.Once[string]
		load := func(ctx context.Context) (string, error) {
			fmt.Println("loading")
			return "blue", asyncio.Sleep(ctx, time.Millisecond)
		}
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			for range 3 {
				g.Go(func(ctx context.Context) error {
					colour, err := config.Do(ctx, load)
					fmt.Println(colour)
					return err
				})
			}
			return nil
		})
	})
	// Output:
	// loading
	// blue
	// blue
	// blue
}
