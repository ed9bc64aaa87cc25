package main

import (
	"context"
	"fmt"

	"github.com/goasyncio/asyncio"
)

// The demo conversation, on real connections of this machine.
func Example() {
	fmt.Println(asyncio.Run(context.Background(), converse))
	// Output:
	// Ann hears: Bob has come
	// Ann hears: Bob: hello from Bob
	// Ann hears: Cem has come
	// Ann hears: Cem: hello from Cem
	// <nil>
}
