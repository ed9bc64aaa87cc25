package asynciotest

import (
	"context"

	"github.com/goasyncio/asyncio/internal/inside"
)

// WaitIdle waits until every other task waits: nothing is ready, no callback is in
// the queue, no timer is due, and time would have to pass, or somebody outside to
// do something, for anything to happen. It stands where a test would otherwise
// sleep "long enough" for the others to arrive at their waits. Several tasks may
// call it; they go on together.
//
// A task that sleeps waits, and so does one that waits for a thread, a descriptor
// or a Go channel, however soon that may answer. If ctx ends first WaitIdle
// returns its error and leaves nothing behind.
func WaitIdle(ctx context.Context) error { return inside.WaitIdle(ctx) }
