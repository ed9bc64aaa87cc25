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
	// farmer reads "6 o'clock: 10°"
	// sloth reads "6 o'clock: 10°"
	// farmer reads "7 o'clock: 11°"
	// farmer reads "8 o'clock: 12°"
	// farmer reads "9 o'clock: 13°"
	// farmer reads "10 o'clock: 14°"
	// reader reads "sloth seen at weather station"
	// farmer reads "11 o'clock: 15°"
	// farmer reads "12 o'clock: 16°"
	// sloth has missed 2 messages
	// sloth reads "9 o'clock: 13°"
	// farmer reads "13 o'clock: 17°"
	// sloth reads "10 o'clock: 14°"
	// sloth reads "11 o'clock: 15°"
	// sloth reads "12 o'clock: 16°"
	// sloth reads "13 o'clock: 17°"
	// <nil>
}
