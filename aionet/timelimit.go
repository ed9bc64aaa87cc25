package aionet

import (
	"errors"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/inside"
)

// hasEnded tells whether the loop has ended: then there are no timers any more.
func hasEnded(p inside.Poller) bool {
	_, err := p.Context()
	return errors.Is(err, asyncio.ErrLoopClosed)
}

// A timeLimit is the deadline of one direction of a stream, on the loop's clock. Where
// it passes it wakes whoever is parked in line, who then finds it expired.
type timeLimit struct {
	poller  inside.Poller
	line    *asyncio.WaitQueue
	timer   *asyncio.Handle
	expired bool
	each    time.Duration // of each wait, where there is no deadline; 0 is none
	waiting bool          // the timer is of a wait
}

// set moves the deadline; the zero time takes it away. A time that has passed already
// expires in this step.
func (d *timeLimit) set(at time.Time) {
	d.stop()
	d.expired, d.waiting = false, false
	switch {
	case at.IsZero():
	case !at.After(asyncio.Now(d.poller.Root())):
		d.expire()
	default:
		d.timer = asyncio.CallAt(d.poller.Root(), at, d.expire)
	}
}

func (d *timeLimit) expire() {
	d.expired = true
	d.line.WakeAll()
}

// begin is called before a wait, and end after it.
func (d *timeLimit) begin() {
	if d.each > 0 && d.timer == nil {
		d.set(asyncio.Now(d.poller.Root()).Add(d.each))
		d.waiting = true
	}
}

func (d *timeLimit) end() {
	if d.waiting {
		d.stop()
		d.waiting = false
	}
}

// stop gives the timer back.
func (d *timeLimit) stop() {
	if d.timer != nil {
		d.timer.Cancel()
		d.timer = nil
	}
}
