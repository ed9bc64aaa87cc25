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
	// 100ms: near: hello from near
	// 300ms: far: hello from far
	// 500ms: slow: no answer
	// <nil>
}
