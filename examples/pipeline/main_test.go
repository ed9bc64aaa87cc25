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
	// dropped "broken line": expected integer
	// Egypt [31 33]
	// Norway [3 5 4]
	// Peru [19 21]
	// took 200ms
	// <nil>
}
