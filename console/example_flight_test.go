package console_test

import (
	"context"
	"fmt"
	"os"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/console"
)

// A deadlock in production: the recording shows what led to it.
func ExampleStartFlight() {
	dir, err := os.MkdirTemp("", "flights")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	flight, err := console.StartFlight(console.Flight{
		Dir:   dir,
		Saved: func(s console.SavedFlight) { fmt.Println("saved, because of a", s.Why) },
	})
	if err != nil {
		panic(err)
	}
	defer flight.Close()

	err = asyncio.Run(context.Background(), func(ctx context.Context) error {
		var lock asyncio.Lock
		if err := lock.Acquire(ctx); err != nil {
			return err
		}
		return lock.Acquire(ctx) // for ever
	})
	fmt.Println(err != nil)
	// Output:
	// saved, because of a failure
	// true
}
