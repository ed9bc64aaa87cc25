package sim_test

import (
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/sim"
)

// FuzzEcho lets the fuzzer look for an order, or a fault, that makes a client read what
// it has not sent.
func FuzzEcho(f *testing.F) {
	sim.Fuzz(f, func(w *sim.World) {
		w.Host("server", serveEcho)
		asyncio.Sleep(w.Context(), time.Second)
		if back, err := echo(w.Context(), "server:7", "hello"); err == nil && back != "hello" {
			w.Fatalf("it got %q", back)
		}
	})
}
