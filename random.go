package asyncio

import (
	"context"
	"math/rand/v2"
)

// Rand is the loop's source of random numbers: seeded by the system in production, always
// the same in tests under a virtual clock, and decided by the seed of the world in a
// simulation, for each host and each start of its program anew. It is for what must
// differ between programs, such as the jitter of a retry, and not for secrets. Like all
// of the loop's it is for tasks and callbacks. It panics where ctx does not come from a
// running loop.
func Rand(ctx context.Context) *rand.Rand {
	l := mustLoop(ctx)
	if l.random == nil {
		l.random = &random{rand.New(rand.NewPCG(l.driver.Seed()))}
	}
	return l.random.source
}

// random is what Rand gives. The loop itself decides nothing by it.
type random struct{ source *rand.Rand }
