package asyncio_test

import (
	"context"
	"errors"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestAYieldThatIsCancelledMeanwhileSaysSo(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		for name, under := range map[string]func(ctx context.Context) context.Context{
			"a task's own context":  func(ctx context.Context) context.Context { return ctx },
			"a context with values": func(ctx context.Context) context.Context { return context.WithValue(ctx, valueKey(3), 1) },
		} {
			var err error
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				err = asyncio.Yield(under(ctx))
				return err
			})
			asyncio.Yield(ctx) // it is in its Yield now
			task.Cancel(nil)
			task.Await(ctx)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("under %s it returned %v", name, err)
			}
		}
	})
}
