package conformance

import (
	"context"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// virtually runs main on a loop whose clock jumps to the next deadline as soon
// as nothing is left to do. That nobody looks at the errors of some tasks is part
// of the cases, not worth a report.
func virtually(main func(ctx context.Context) error) error {
	return asyncio.Run(asynciotest.Context(context.Background()), main, asyncio.OnError(func(asyncio.Report) {}))
}
