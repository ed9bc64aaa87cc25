package acceptor

import (
	"context"
	"slices"
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
//
// Called by a handler, in the task of its connection, it leaves that connection alone,
// and those whose handlers do the same: they would wait for themselves.
func (a *Acceptor) Shutdown(ctx context.Context) error {
	a.stopAccepting()
	caller := a.caller(ctx)
	if caller != nil {
		a.callers++
		a.waiters.WakeAll() // another handler may have waited for this one
		defer func() { a.callers-- }()
	}
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
	err := a.waitForAll(ctx, caller)
	if err == nil {
		return nil
	}
	a.eachBut(caller, a.cancel)
	last, timeout := asyncio.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer timeout.Cancel()
	if a.waitForAll(last, caller) != nil {
		a.eachBut(caller, (*Conn).abort)
	}
	return err
}

// caller is the connection whose handler calls, or nil.
func (a *Acceptor) caller(ctx context.Context) *Conn {
	if asyncio.RunningLoop(ctx) == nil {
		return nil
	}
	task := asyncio.CurrentTask(ctx)
	for _, c := range a.conns.all() {
		if c.task != nil && c.task == task {
			return c
		}
	}
	return nil
}

// eachBut calls f with the connections but one, which may be nil.
func (a *Acceptor) eachBut(one *Conn, f func(*Conn)) {
	for _, c := range a.conns.all() {
		if c != one {
			f(c)
		}
	}
}

// Close cuts everything off at once. It does not wait for the tasks.
func (a *Acceptor) Close() error {
	a.stopAccepting()
	a.eachBut(nil, a.cancel)
	a.eachBut(nil, (*Conn).abort)
	return nil
}

func (a *Acceptor) stopAccepting() {
	a.closing = true
	for _, l := range slices.Clone(a.listeners) {
		(*l).Close()
	}
	a.room.WakeAll()
}

// waitForAll waits until no connection is left but those of handlers that wait here
// too, where caller is one.
func (a *Acceptor) waitForAll(ctx context.Context, caller *Conn) error {
	for a.conns.n > 0 && (caller == nil || a.conns.n > a.callers) {
		if _, err := a.waiters.Park(ctx, a.busy()); err != nil {
			return err
		}
	}
	return asyncio.Checkpoint(ctx)
}

type busy struct{ a *Acceptor }

func (a *Acceptor) busy() busy { return busy{a} }

func (b busy) String() string { return "the end of the connections" }
