package aioexec

import (
	"context"

	"github.com/goasyncio/asyncio"
)

// Excerpt is what Output makes of a standard error in which ps come one by one.
func Excerpt(ps [][]byte) []byte {
	var e excerpt
	for _, p := range ps {
		e.Write(p)
	}
	return e.bytes()
}

// BornTooLate has a thread start c in the moment in which the keeper's wait for that
// thread is cancelled, and returns what comes of the keeper.
func BornTooLate(ctx context.Context, c *Cmd) error {
	k := newChild(ctx, c)
	if err := k.open(); err != nil {
		return err
	}
	if _, err := k.launch.run(ctx); err != nil {
		return err
	}
	ended, cancel := asyncio.WithCancel(ctx)
	cancel(nil)
	k.keep(ended)
	return k.err
}
