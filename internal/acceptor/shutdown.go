package acceptor

import (
	"context"
	"time"

	"github.com/goasyncio/asyncio"
)

// farewell is how long those who are cancelled have to end before their connections
// are cut off.
const farewell = time.Second

// Shutdown ends the acceptor: it closes the listeners and the idle connections and
// waits for the others. Where ctx ends first it cancels the tasks that are left,
// with ErrClosed as the cause, after a second more cuts their connections off, and
// returns ctx's error. It may be called again. It is a wait, but of the second more
// no cancellation spares it.
func (a *Acceptor) Shutdown(ctx context.Context) error {
	a.stopAccepting()
	for _, c := range a.conns.all() {
		if c.onShutdown != nil {
			c.onShutdown()
		}
		switch {
		case c.dormant:
			a.closeOne(c)
		case c.idle:
			c.Interrupt()
		}
	}
	err := a.waitForAll(ctx)
	if err == nil {
		return nil
	}
	for _, c := range a.conns.all() {
		a.cancel(c)
	}
	last, timeout := asyncio.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer timeout.Cancel()
	if a.waitForAll(last) != nil {
		a.abortAll()
	}
	return err
}

// Close cuts everything off at once. It does not wait for the tasks.
func (a *Acceptor) Close() error {
	a.stopAccepting()
	for _, c := range a.conns.all() {
		a.cancel(c)
	}
	a.abortAll()
	return nil
}

func (a *Acceptor) stopAccepting() {
	a.closing = true
	for l := range a.listeners { // the order is nobody's concern: none of them acts
		l.Close()
	}
	a.room.WakeAll()
}

func (a *Acceptor) abortAll() {
	for _, c := range a.conns.all() {
		c.abort()
	}
}

// waitForAll waits until no connection is left.
func (a *Acceptor) waitForAll(ctx context.Context) error {
	for a.conns.n > 0 {
		if _, err := a.waiters.Park(ctx, a.busy()); err != nil {
			return err
		}
	}
	return asyncio.Checkpoint(ctx)
}

type busy struct{ a *Acceptor }

func (a *Acceptor) busy() busy { return busy{a} }

func (b busy) String() string { return "the end of the connections" }
