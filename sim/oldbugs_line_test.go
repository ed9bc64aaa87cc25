package sim_test

import (
	"context"
	"slices"

	"github.com/goasyncio/asyncio"
)

// An oldLine is how asyncio's primitives keep those who wait: each has a place of its
// own, and leaves it when it runs again, not when it is woken or cancelled.
type oldLine []*oldPlace

type oldPlace struct {
	queue asyncio.WaitQueue
	woken bool // the waiter was woken; it may not have run yet
	item  int  // what it was handed
}

// wait parks the caller at the end of the line, and takes it out. It tells the place,
// for what was handed over there.
func (l *oldLine) wait(ctx context.Context, on any) (*oldPlace, error) {
	p := &oldPlace{}
	*l = append(*l, p)
	_, err := p.queue.Park(ctx, on)
	*l = slices.DeleteFunc(*l, func(other *oldPlace) bool { return other == p })
	return p, err
}

// waiting is the first in line who is neither woken nor cancelled, or nil.
func (l oldLine) waiting() *oldPlace {
	for _, p := range l {
		if p.queue.Len() > 0 {
			return p
		}
	}
	return nil
}

// wake wakes the first who waits, and tells whether there was one.
func (l oldLine) wake() bool {
	p := l.waiting()
	if p == nil {
		return false
	}
	p.woken = true
	p.queue.Wake(1)
	return true
}

// wakeFirst wakes the first in line, unless that has been done.
func (l oldLine) wakeFirst() {
	if len(l) > 0 && !l[0].woken {
		l[0].woken = true
		l[0].queue.Wake(1)
	}
}
