package asyncio_test

import (
	"context"
	"errors"
	"testing"

	"github.com/goasyncio/asyncio"
)

// inRounds gives every other task n rounds of the loop.
func inRounds(ctx context.Context, t testing.TB, n int) {
	t.Helper()
	for range n {
		if err := asyncio.Yield(ctx); err != nil {
			t.Errorf("Yield: %v", err)
		}
	}
}

// putter starts a task that puts v.
func putter[T any](ctx context.Context, q interface {
	Put(context.Context, T) error
}, v T) *asyncio.Task[struct{}] {
	return asyncio.Go(ctx, func(ctx context.Context) error { return q.Put(ctx, v) })
}

// mustPut puts each value without waiting.
func mustPut[T any](t testing.TB, q interface{ TryPut(T) error }, values ...T) {
	t.Helper()
	for _, v := range values {
		if err := q.TryPut(v); err != nil {
			t.Errorf("TryPut(%v): %v", v, err)
		}
	}
}

// wantResult says what a task must have returned.
func wantResult[T comparable](t testing.TB, task *asyncio.Task[T], want T) {
	t.Helper()
	if got, err := task.Result(); err != nil || got != want {
		t.Errorf("the task returned (%v, %v), want (%v, nil)", got, err, want)
	}
}

// wantError says with which error a call or a task must have ended.
func wantError(t testing.TB, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("error %v, want %v", got, want)
	}
}

// wantPanic runs fn, which must panic.
func wantPanic(t testing.TB, what string, fn func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%s did not panic", what)
		}
	}()
	fn()
}

// drain takes whatever can be taken without waiting.
func drain[T any](q interface{ TryGet() (T, error) }) []T {
	var all []T
	for {
		v, err := q.TryGet()
		if err != nil {
			return all
		}
		all = append(all, v)
	}
}
