package main

import (
	"context"
	"fmt"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// The program under a virtual clock: its three seconds pass at once, and its
// lines come in the same order every time.
func Example() {
	ctx := asynciotest.Context(context.Background())
	fmt.Println(asyncio.Run(ctx, program))
	// Output:
	// Task A: 1 × 2
	// Task B: 1 × 2
	// Task C: 1 × 2
	// Task A: 2! = 2
	// Task B: 2 × 3
	// Task C: 2 × 3
	// Task B: 3! = 6
	// Task C: 6 × 4
	// Task C: 4! = 24
	// [2 6 24] in 3s
	// <nil>
}
