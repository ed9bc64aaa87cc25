package sim

import "github.com/goasyncio/asyncio/sim/internal/netsim"

// Faults is how often things go wrong in a world, and how much.
type Faults struct {
	Network netsim.Faults
}
