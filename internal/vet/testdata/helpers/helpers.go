// Package helpers is what other test packages call: facts about it cross packages.
package helpers

import (
	"context"
	"iter"

	"github.com/goasyncio/asyncio"
)

func Pause(ctx context.Context) error { // want Pause:"^waits, schedules, needs a loop$"
	return asyncio.Sleep(ctx, 1)
}

func Indirectly(ctx context.Context) error { // want Indirectly:"^waits, schedules, needs a loop$"
	return func() error { return Pause(ctx) }()
}

func Ring(e *asyncio.Event) { e.Set() } // want Ring:"^schedules, needs a loop$"

func Plain(ctx context.Context) error { return ctx.Err() }

func Blocking[T any](ctx context.Context, fn func() (T, error)) (T, error) { // want Blocking:"^waits, schedules, needs a loop, takes to a thread"
	return asyncio.ToThread(ctx, func(context.Context) (T, error) { return fn() })
}

func Twice(ctx context.Context, fn func() error) error { // want Twice:"^waits, schedules, needs a loop, takes to a thread"
	_, err := Blocking(ctx, func() (int, error) { return 0, fn() })
	return err
}

func Start(ctx context.Context) { // a goroutine's waits are not this function's
	go Pause(ctx)
}

type Store interface {
	Get(ctx context.Context, key string) error // want Get:"^waits, schedules, needs a loop$"
	Size() int
}

type store struct{}

func (store) Get(ctx context.Context, key string) error { return Pause(ctx) } // want Get:"^waits, schedules, needs a loop$"
func (store) Size() int                                 { return 0 }

var _ Store = store{}

func Ticks(ctx context.Context) iter.Seq[int] { // want Ticks:"^waits, schedules, needs a loop$"
	return func(yield func(int) bool) {
		for n := 0; asyncio.Sleep(ctx, 1) == nil && yield(n); n++ {
		}
	}
}

func Program(q *asyncio.Queue[int]) error { // want Program:"^starts a loop$"
	q.TryPut(1)
	return asyncio.Run(context.Background(), Pause)
}
