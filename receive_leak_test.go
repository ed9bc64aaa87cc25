package asyncio_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// endsSoon is a context that ends between the first look at it and the second, as one
// may that another goroutine cancels.
type endsSoon struct {
	context.Context
	looks *int
	done  chan struct{}
}

func (c endsSoon) Done() <-chan struct{} { return c.done }

func (c endsSoon) Err() error {
	if *c.looks++; *c.looks == 1 {
		return nil
	}
	return context.Canceled
}

func TestReceiveCallsItsGoroutineBack(t *testing.T) {
	t.Run("where the context ends before the wait begins", func(t *testing.T) {
		defer asynciotest.CheckLeaks(t)()
		ch := make(chan int)
		asynciotest.Run(t, func(ctx context.Context) {
			_, _, err := asyncio.Receive(endsSoon{ctx, new(int), make(chan struct{})}, ch)
			if !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
		select {
		case ch <- 1:
			t.Error("somebody has taken a value that nobody will see")
		default:
		}
	})

	t.Run("where the loop ends the task by force", func(t *testing.T) {
		defer asynciotest.CheckLeaks(t)()
		err := asyncio.Run(asynciotest.Context(context.Background()), func(ctx context.Context) error {
			asyncio.Go(ctx, func(ctx context.Context) error {
				_, _, err := asyncio.Receive(context.WithoutCancel(ctx), make(chan int))
				return err
			})
			return asyncio.Yield(ctx)
		}, asyncio.GracePeriod(time.Second), asyncio.OnError(func(asyncio.Report) {}))
		if !errors.Is(err, asyncio.ErrNotEnded) {
			t.Error(err)
		}
	})
}
