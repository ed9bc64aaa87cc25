package aioexec

import (
	"os"
	"time"

	"github.com/goasyncio/asyncio"
)

// lastResort leaves nothing behind, however the keeper ends: it closes the pipes that
// nobody has closed, and where the keeper has not come to its end, for it panics or is
// ended by force, both at the end of the loop, it kills the child.
//
// A thread that is about to start a child is not awaited: as all calls of ToThread
// that outlive the grace period it is in the error of Run, and it kills and reaps
// what it has started.
func (k *child) lastResort() {
	born := k.launch.abandon()
	cutShort := !k.done.IsSet()
	if cutShort && born && !k.exited {
		k.cmd.ProcessState = k.endNow()
		k.exited = true
		k.noKill()
	}
	k.closePipes()
	if cutShort {
		k.finish(asyncio.ErrNotEnded)
	}
}

// lastWait bounds the wait for a child that was killed. That ends in moments, or,
// where the system itself is stuck in it, perhaps never.
const lastWait = time.Second

// endNow kills the child and holds up the loop until it has been reaped, so that Run
// returns after that: a wait of the loop would end once more a task that is ended by
// force. After lastWait the reaping goes on without the loop.
func (k *child) endNow() *os.ProcessState {
	p := k.launch.cmd.Process
	kill(p, k.cmd.Group)
	reaped := make(chan *os.ProcessState, 1)
	go func() {
		if k.exit != nil {
			reaped <- k.exit.reapNow()
			return
		}
		state, _ := p.Wait()
		reaped <- state
	}()
	select {
	case state := <-reaped:
		return state
	case <-time.After(lastWait):
		return nil
	}
}
