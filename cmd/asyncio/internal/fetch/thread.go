package fetch

import (
	"context"

	"github.com/goasyncio/asyncio"
)

// onThread runs a blocking call on a thread, while the loop goes on, and waits until it
// has returned, even if ctx ends meanwhile: a file or a buffer that a thread still works
// with must not be touched, closed or renamed. Where ctx has ended already, the call is
// not made.
func onThread[T any](ctx context.Context, fn func() (T, error)) (T, error) {
	if err := asyncio.Checkpoint(ctx); err != nil {
		var none T
		return none, err
	}
	return asyncio.ToThread(context.WithoutCancel(ctx), func(context.Context) (T, error) { return fn() })
}

// doOnThread is onThread for calls that have no result beside their error.
func doOnThread(ctx context.Context, fn func() error) error {
	_, err := onThread(ctx, func() (struct{}, error) { return struct{}{}, fn() })
	return err
}

// untilCancelled is onThread for a call that can be ended: where ctx ends meanwhile, end
// is called, and the call is expected to return soon.
func untilCancelled[T any](ctx context.Context, end func(), fn func() (T, error)) (T, error) {
	defer context.AfterFunc(ctx, end)()
	return onThread(ctx, fn)
}
