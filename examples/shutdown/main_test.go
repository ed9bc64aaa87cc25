package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// The server under a virtual clock, ended by a timeout where the program is ended
// by a signal.
func Example() {
	err := asyncio.Run(asynciotest.Context(context.Background()), func(ctx context.Context) error {
		ctx, timeout := asyncio.WithTimeout(ctx, 250*time.Millisecond)
		defer timeout.Cancel()
		return serve(ctx)
	})
	fmt.Println(errors.Is(err, context.DeadlineExceeded))
	// Output:
	// request 1: done
	// no new requests; finishing those under way
	// request 2: done
	// request 3: cut short
	// goodbye
	// true
}
