//go:build (linux || darwin || freebsd || openbsd || netbsd || dragonfly) && !asyncio_portable

package aionet_test

import (
	"context"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

// The soak on a starved machine showed it: a loop that is held up for longer than the
// idle time of its connections closed those whose data had come, but was not fetched
// with the first events.
func TestALoopThatWasHeldUpReadsWhatHasComeBeforeItTimesOut(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		const many = 300 // more than the events of one look
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			var peers []*aionet.Conn
			for range many {
				a, b, err := aionet.Pair(ctx)
				if err != nil {
					return err
				}
				peers = append(peers, b)
				a.SetIdleTimeout(20 * time.Millisecond)
				g.Go(func(ctx context.Context) error {
					defer a.Close()
					_, err := a.ReadContext(ctx, make([]byte, 1))
					return err
				})
			}
			asyncio.Yield(ctx)
			asyncio.Yield(ctx)
			for _, b := range peers { // not by WriteContext, which gives way now and then
				raw, err := b.SyscallConn()
				if err != nil {
					return err
				}
				raw.Control(func(fd uintptr) { syscall.Write(int(fd), []byte("x")) })
				defer b.Close()
			}
			time.Sleep(50 * time.Millisecond) // what must not be done
			return nil
		})
	})
}
