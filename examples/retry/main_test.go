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
	// after 3 calls and about 200ms: "here you are", <nil>
	// after 5 calls and about 1s: "", gave up after 1s
	// <nil>
}
