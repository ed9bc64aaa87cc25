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
	// 0s heartbeat due at 0s
	//    0s burst     due at 0s
	//    0s skip      due at 0s
	//    0s delay     due at 0s
	// 250ms heartbeat due at 250ms
	// 500ms heartbeat due at 500ms
	// 700ms burst     due at 300ms
	// 700ms skip      due at 300ms
	// 700ms delay     due at 300ms
	// 700ms burst     due at 600ms
	// 750ms heartbeat due at 750ms
	// 900ms skip      due at 900ms
	// 900ms burst     due at 900ms
	//    1s delay     due at 1s
	//    1s heartbeat due at 1s
	// <nil>
}
