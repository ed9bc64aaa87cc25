// Package thread makes blocking calls of the disk and of terminals, beside the loop.
package thread

import (
	"context"

	"github.com/goasyncio/asyncio"
)

// Call runs a blocking call on a thread, while the loop goes on, and waits until it
// has returned, even if ctx ends meanwhile: a file or a buffer that a thread still works
// with must not be touched, closed or renamed. Where ctx has ended already, the call is
// not made.
func Call[T any](ctx context.Context, fn func() (T, error)) (T, error) {
	if err := asyncio.Checkpoint(ctx); err != nil {
		var none T
		return none, err
	}
	return asyncio.ToThread(context.WithoutCancel(ctx), func(context.Context) (T, error) { return fn() })
}

// Do is Call for calls that have no result beside their error.
func Do(ctx context.Context, fn func() error) error {
	_, err := Call(ctx, func() (struct{}, error) { return struct{}{}, fn() })
	return err
}
