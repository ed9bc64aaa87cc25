package history_test

import (
	"fmt"

	"github.com/goasyncio/asyncio/sim/history"
)

// Two clients of a store which answers a read from a copy that is behind.
func ExampleCheck() {
	h := history.New(nil)

	put := h.Call("ann", history.Put{Key: "x", Value: "1"})
	put.Return(nil) // acknowledged

	get := h.Call("bob", history.Get{Key: "x"})
	get.Return("") // and yet not there

	fmt.Println(history.Check(h, history.KV("")))
	// Output:
	// history: not linearizable: a key-value store cannot have told this to its clients; 1 of 2 calls fit in some order, those with a star do not fit behind
	//      0.000000s … 0.000000s    ann        Put{Key:"x", Value:"1"}
	// *    0.000000s … 0.000000s    bob        Get{Key:"x"} → ""
}
