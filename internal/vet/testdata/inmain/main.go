// Command inmain: in a program nobody else can call what is exported.
package main

import (
	"context"
	"time"

	"github.com/goasyncio/asyncio"
)

func main() {
	start := time.Now()
	asyncio.Run(context.Background(), Program)
	println(time.Since(start))
}

func Program(ctx context.Context) error {
	Stamp()
	return asyncio.Sleep(ctx, 1)
}

func Stamp() time.Time {
	return time.Now() // want `clock`
}
