package main

import (
	"context"
	"fmt"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// The program under a virtual clock: its pauses pass at once, and its lines come
// in the same order every time.
func Example() {
	ctx := asynciotest.Context(context.Background())
	fmt.Println(asyncio.Run(ctx, program))
	// Output:
	// job 1, sent by worker 1 at 0s
	// job 2, sent by worker 2 at 0s
	// job 3, sent by worker 3 at 0s
	// job 4, sent by worker 1 at 150ms
	// job 5, sent by worker 2 at 200ms
	// job 6, sent by worker 3 at 300ms
	// job 7, sent by worker 1 at 400ms
	// job 8, sent by worker 2 at 500ms
	// job 9, sent by worker 3 at 600ms
	// job 10, sent by worker 1 at 700ms
	// 10 jobs in 850ms
	// <nil>
}
