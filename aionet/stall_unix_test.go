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

// The soak on a starved machine showed it: a loop that is held up for longer than its
// connections may wait closed those whose data had come, but was not fetched
// with the first events.
func TestALoopThatWasHeldUpReadsWhatHasComeBeforeItTimesOut(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		const many = 300 // more than the events of one look
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			var conns, peers []*aionet.Conn
			for range many {
				a, b, err := aionet.Pair(ctx)
				if err != nil {
					return err
				}
				conns, peers = append(conns, a), append(peers, b)
				g.Go(func(ctx context.Context) error {
					defer a.Close()
					_, err := a.ReadContext(ctx, make([]byte, 1))
					return err
				})
			}
			asyncio.Yield(ctx)
			asyncio.Yield(ctx)
			for _, a := range conns { // in the same step, however long that takes
				if err := a.SetReadDeadline(asyncio.Now(ctx).Add(50 * time.Millisecond)); err != nil {
					return err
				}
			}
			for _, b := range peers { // not by WriteContext, which gives way now and then
				raw, err := b.SyscallConn()
				if err != nil {
					return err
				}
				raw.Control(func(fd uintptr) { syscall.Write(int(fd), []byte("x")) })
				defer b.Close()
			}
			time.Sleep(100 * time.Millisecond) // what must not be done
			return nil
		})
	})
}
