package asyncio_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/internal/inside"
)

type valueKey int

// withValues is ctx with two values on top.
func withValues(ctx context.Context) context.Context {
	return context.WithValue(context.WithValue(ctx, valueKey(1), "one"), valueKey(2), "two")
}

func TestTasksThatWaitUnderAContextWithValuesLeaveNothingBehind(t *testing.T) {
	var books inside.Books
	ctx := inside.WithAudit(asynciotest.Context(context.Background()), func(b inside.Books) { books = b })
	err := asyncio.Run(ctx, func(ctx context.Context) error {
		for range 100 {
			asyncio.Go(withValues(ctx), func(ctx context.Context) error {
				return asyncio.Sleep(withValues(ctx), time.Second)
			})
		}
		return asyncio.Sleep(ctx, time.Minute)
	})
	if err != nil || books.Err() != nil {
		t.Errorf("%v, %v", err, books.Err())
	}
}

func TestWaitsUnderAContextWithValues(t *testing.T) {
	t.Run("end with the scope below the values", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			ctx, timeout := asyncio.WithTimeout(ctx, time.Second)
			defer timeout.Cancel()
			if err := asyncio.Sleep(withValues(ctx), time.Hour); !timeout.Caused(err) {
				t.Error(err)
			}
		})
	})

	t.Run("end with a context of the standard library between scope and values", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			ctx, cancel := context.WithCancel(withValues(ctx))
			task := asyncio.Go(ctx, func(context.Context) error { return asyncio.Sleep(withValues(ctx), time.Hour) })
			asyncio.Yield(context.WithoutCancel(ctx))
			cancel()
			if _, err := task.Await(context.WithoutCancel(ctx)); !errors.Is(err, asyncio.ErrTaskCancelled) {
				t.Error(err)
			}
		})
	})

	t.Run("do not end where WithoutCancel stands between", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			ctx, cancel := asyncio.WithCancel(ctx)
			cancel(nil)
			if err := asyncio.Sleep(withValues(context.WithoutCancel(withValues(ctx))), time.Hour); err != nil {
				t.Error(err)
			}
		})
	})

	t.Run("end with a context of somebody else's making between", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			ended := make(chan struct{})
			close(ended)
			other := withValues(otherContext{withValues(ctx), ended})
			if err := asyncio.Sleep(other, time.Hour); !errors.Is(err, errOther) {
				t.Error(err)
			}
		})
	})

	t.Run("allocate nothing", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			ctx = withValues(ctx)
			if n := testing.AllocsPerRun(100, func() { asyncio.Yield(ctx) }); n != 0 {
				t.Errorf("%v allocations", n)
			}
		})
	})
}

var errOther = errors.New("ended by somebody else")

// otherContext is a context that decides over its end by itself.
type otherContext struct {
	context.Context
	ended chan struct{}
}

func (c otherContext) Done() <-chan struct{} { return c.ended }
func (c otherContext) Err() error            { return errOther }
