package tutorial

import (
	"context"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/driver"
)

// clock is the time that a run of the lesson takes place in.
type clock interface {
	// run is asyncio.Run in this time.
	run(ctx context.Context, main func(context.Context) error, opts ...asyncio.Option) error

	// block keeps the loop for d, as time.Sleep does: it is no wait of the loop.
	// Unlike time.Sleep it ends when the user interrupts the command, with the
	// reason as its error.
	block(d time.Duration) error

	// interrupted is why the command was interrupted, nil where it was not. A
	// blocked loop cannot tell its tasks, so they ask here.
	interrupted() error
}

// newClock returns a clock for one run, which ctx, from outside the loop, can
// interrupt.
func newClock(ctx context.Context, virtual bool) clock {
	if virtual {
		return virtualClock{outside{ctx}, driver.NewVirtual()}
	}
	return realClock{outside{ctx}}
}

// outside is the context of the command. The loop's own do not end while
// something blocks the loop.
type outside struct{ ctx context.Context }

func (o outside) interrupted() error { return context.Cause(o.ctx) }

type realClock struct{ outside }

func (c realClock) run(ctx context.Context, main func(context.Context) error, opts ...asyncio.Option) error {
	return asyncio.Run(ctx, main, opts...)
}

func (c realClock) block(d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-c.ctx.Done():
		return c.interrupted()
	}
}

// virtualClock jumps to the next deadline when no task is ready. A blocking
// sleep moves it inside the task's step.
type virtualClock struct {
	outside
	driver *driver.Virtual
}

func (c virtualClock) run(ctx context.Context, main func(context.Context) error, opts ...asyncio.Option) error {
	ctx = driver.NewContext(ctx, func() driver.Driver { return c.driver })
	return asyncio.Run(ctx, main, opts...)
}

func (c virtualClock) block(d time.Duration) error {
	c.driver.Advance(d)
	return c.interrupted()
}
