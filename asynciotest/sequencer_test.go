package asynciotest_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestSequencer(t *testing.T) {
	t.Run("blocks of several tasks run in the order of their positions", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			var (
				order asynciotest.Sequencer
				got   []int
			)
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
				for _, positions := range [][]int{{1, 4}, {0, 3}, {2, 5}} {
					g.Go(func(ctx context.Context) error {
						for _, p := range positions {
							err := order.Do(ctx, p, func() error {
								got = append(got, p)
								return asyncio.Sleep(ctx, time.Second)
							})
							if err != nil {
								return err
							}
						}
						return nil
					})
				}
				return nil
			})
			if want := []int{0, 1, 2, 3, 4, 5}; err != nil || !slices.Equal(got, want) {
				t.Errorf("got %v, %v; want %v", got, err, want)
			}
		})
	})

	t.Run("the error of a block is returned and the next one still runs", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			var order asynciotest.Sequencer
			failure := errors.New("block failed")
			if err := order.Do(ctx, 0, func() error { return failure }); err != failure {
				t.Errorf("got %v", err)
			}
			ran := false
			if err := order.Do(ctx, 1, func() error { ran = true; return nil }); err != nil || !ran {
				t.Errorf("got %v, ran: %v", err, ran)
			}
		})
	})

	t.Run("a panic in a block opens the next position", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			var order asynciotest.Sequencer
			func() {
				defer func() { recover() }()
				order.Do(ctx, 0, func() error { panic("block") })
			}()
			if err := order.Do(ctx, 1, func() error { return nil }); err != nil {
				t.Error(err)
			}
		})
	})

	t.Run("a position is used once", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			var order asynciotest.Sequencer
			nothing := func() error { return nil }
			if err := order.Do(ctx, 0, nothing); err != nil {
				t.Error(err)
			}
			if order.Do(ctx, 0, nothing) == nil || order.Do(ctx, -1, nothing) == nil {
				t.Error("a used or impossible position was accepted")
			}
		})
	})

	t.Run("a cancellation before its turn breaks the sequence for all", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			var order asynciotest.Sequencer
			block := func(position int) *asyncio.Task[struct{}] {
				return asyncio.Go(ctx, func(ctx context.Context) error {
					return order.Do(ctx, position, func() error { t.Errorf("block %d ran", position); return nil })
				})
			}
			second, third := block(1), block(2)
			if err := asynciotest.WaitIdle(ctx); err != nil {
				t.Fatal(err)
			}
			second.Cancel(nil)
			if _, err := third.Await(ctx); !errors.Is(err, asynciotest.ErrSequenceBroken) {
				t.Errorf("the block after it: %v", err)
			}
			if _, err := second.Await(ctx); !errors.Is(err, asyncio.ErrTaskCancelled) {
				t.Errorf("the cancelled block: %v", err)
			}
			if err := order.Do(ctx, 0, func() error { return nil }); !errors.Is(err, asynciotest.ErrSequenceBroken) {
				t.Errorf("a later block: %v", err)
			}
		})
	})
}
