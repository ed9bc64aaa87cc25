package asyncio_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestSmoke(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		start := asyncio.Now(ctx)
		a := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
			return 1, asyncio.Sleep(ctx, time.Hour)
		})
		b := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
			return 2, asyncio.Sleep(ctx, 2*time.Hour)
		})
		vs, err := asyncio.Gather(ctx, a, b)
		if err != nil || vs[0]+vs[1] != 3 {
			t.Error(vs, err)
		}
		if d := asyncio.Now(ctx).Sub(start); d != 2*time.Hour {
			t.Error(d)
		}
		_, err = asyncio.WaitFor(ctx, time.Second, func(ctx context.Context) (int, error) {
			return 0, asyncio.Sleep(ctx, time.Minute)
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		err = asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			g.Go(func(ctx context.Context) error { return errors.New("x") })
			g.Go(func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
			return asyncio.Sleep(ctx, time.Hour)
		})
		t.Log(err)
		if asyncio.Now(ctx).Sub(start) != 2*time.Hour+time.Second {
			t.Error("group took time")
		}
		v, err := asyncio.ToThread(ctx, func(ctx context.Context) (int, error) {
			time.Sleep(5 * time.Millisecond)
			return 7, asyncio.Sleep(ctx, time.Second)
		})
		t.Log(v, err)
	})
	err := asynciotest.Main(t, func(ctx context.Context) error {
		f := asyncio.NewFuture[int](ctx)
		_, err := f.Await(ctx)
		return err
	})
	t.Log(err)
	err = asyncio.Run(context.Background(), func(ctx context.Context) error {
		asyncio.Go(ctx, func(ctx context.Context) error { time.Sleep(300 * time.Millisecond); return nil })
		return asyncio.Sleep(ctx, time.Second/2)
	}, asyncio.SlowStep(100*time.Millisecond))
	t.Log(err)
}
