// Package acceptor runs a task for each connection of a listener: what the servers
// of this module have in common. It survives a lack of descriptors and handlers that
// panic (rule N4), bounds how many connections are open, and ends in three stages:
// stop to accept, let the rest finish, cut it off.
package acceptor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"slices"
	"time"

	"github.com/goasyncio/asyncio"
)

// ErrClosed is what Serve returns after Shutdown or Close.
var ErrClosed = errors.New("the server was shut down")

// A Handler serves a connection, in a task of its own, and returns when it has done
// with it. It closes the connection, or gives it to somebody else.
type Handler func(ctx context.Context, c *Conn)

// An Acceptor is what a server has: its connections and listeners. The zero value
// with a Handler is ready. It belongs to one loop.
type Acceptor struct {
	Handler  Handler
	MaxConns int                  // open at a time; 0 is no bound
	OnError  func(asyncio.Report) // nil is the loop's own
	Accepted func(net.Conn)       // sees each connection first; may be nil
	OnData   bool                 // a connection has a task only while there is something to read: see Conn.Rest

	listeners []*net.Listener // in the order in which they came; pointers, since not every listener can be compared
	conns     ring
	waiters   asyncio.WaitQueue // for connections to end
	room      asyncio.WaitQueue
	callers   int // connections whose handlers are in Shutdown
	closing   bool
	loop      context.Context // of the last call of Serve or ServeConn: it leads to the loop
}

// A term is one call of Serve or ServeConn.
type term struct {
	group *asyncio.TaskGroup
	over  bool // it takes no more: a connection that would rest is closed
}

// Serve accepts connections until the listener fails for good, ctx ends, or
// Shutdown or Close is called, and then waits for the tasks that serve those which
// are there. It closes l in any case.
func (a *Acceptor) Serve(ctx context.Context, l net.Listener) error {
	defer l.Close()
	a.loop = context.WithoutCancel(ctx)
	if a.closing {
		return ErrClosed
	}
	if err := foreign(l); err != nil {
		return err
	}
	a.listeners = append(a.listeners, &l)
	defer a.forget(&l)
	var failed error
	err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		g.Go(func(ctx context.Context) error { // a task of its own: Accept waits under the task's context
			t := &term{group: g}
			failed = a.accept(ctx, t, l)
			l.Close() // those who are connected may finish
			a.closeDormant(t)
			return nil
		}, asyncio.TaskName("accept"))
		return nil
	})
	if a.closing {
		return ErrClosed
	}
	if err != nil {
		return err
	}
	return failed
}

// forget takes a listener off the books.
func (a *Acceptor) forget(l *net.Listener) {
	if i := slices.Index(a.listeners, l); i >= 0 {
		a.listeners = slices.Delete(a.listeners, i, i+1)
	}
}

// accept is the loop that accepts.
func (a *Acceptor) accept(ctx context.Context, t *term, l net.Listener) error {
	var retry backoff
	for {
		if err := a.waitForRoom(ctx); err != nil {
			return err
		}
		c, err := acceptFrom(ctx, l)
		if a.closing {
			if c != nil {
				c.Close()
			}
			return ErrClosed
		}
		if err != nil {
			if ctx.Err() != nil || !passing(err) {
				return err
			}
			if err := a.pause(ctx, retry.next(), err); err != nil {
				return err
			}
			continue
		}
		retry.reset()
		if err := a.admit(ctx, t, c); err != nil {
			return err
		}
	}
}

// admit starts a connection. Another listener may have taken the room for it while
// this one waited for it to come: then it waits.
func (a *Acceptor) admit(ctx context.Context, t *term, c net.Conn) error {
	err := a.waitForRoom(ctx)
	if err == nil && a.closing {
		err = ErrClosed
	}
	if err != nil {
		c.Close()
		return err
	}
	a.start(t, c)
	return nil
}

// acceptFrom takes the context where the listener does.
func acceptFrom(ctx context.Context, l net.Listener) (net.Conn, error) {
	if err := asyncio.Checkpoint(ctx); err != nil {
		return nil, err
	}
	return l.Accept()
}

// pause waits before another attempt, or until a connection gives its descriptor back.
func (a *Acceptor) pause(ctx context.Context, d time.Duration, why error) error {
	a.Report(asyncio.Report{Message: fmt.Sprintf("cannot accept connections: the next attempt is in %v", d), Err: why})
	timed, timeout := asyncio.WithTimeout(ctx, d)
	defer timeout.Cancel()
	a.room.Park(timed, a)
	return asyncio.Checkpoint(ctx)
}

func (a *Acceptor) waitForRoom(ctx context.Context) error {
	for a.MaxConns > 0 && a.conns.n >= a.MaxConns && !a.closing {
		if _, err := a.room.Park(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

func (a *Acceptor) String() string { return "room for another connection" }

// start puts a connection on the books and has its handler run, at once or when data
// comes.
func (a *Acceptor) start(t *term, nc net.Conn) {
	c := &Conn{Conn: nc, term: t}
	a.conns.add(c)
	if a.Accepted != nil {
		a.Accepted(nc)
	}
	if a.OnData {
		a.rest(c)
	} else {
		a.begin(c)
	}
}

// begin runs the handler in a task.
func (a *Acceptor) begin(c *Conn) {
	c.dormant = false
	c.task = c.term.group.Go(func(ctx context.Context) error {
		a.run(ctx, c)
		return nil
	})
}

// rest leaves a connection without a task until there is something to read. One that
// cannot tell has a task that waits.
func (a *Acceptor) rest(c *Conn) {
	r, ok := c.Conn.(interface{ OnReadable(f func()) error })
	if !ok {
		a.begin(c)
		return
	}
	c.dormant, c.task = true, nil
	err := r.OnReadable(func() {
		if c.dormant {
			a.begin(c)
		}
	})
	if err != nil {
		a.closeOne(c)
	}
}

// closeOne ends a connection that has no task.
func (a *Acceptor) closeOne(c *Conn) {
	c.dormant = false
	c.Conn.Close()
	a.gone(c)
}

// closeDormant ends those of t that have no task, and from now on those that would
// come to have none.
func (a *Acceptor) closeDormant(t *term) {
	t.over = true
	for _, c := range a.conns.all() {
		if c.dormant && c.term == t {
			a.closeOne(c)
		}
	}
}

// ServeConn serves one connection, in a task of its own, and waits for its end.
func (a *Acceptor) ServeConn(ctx context.Context, nc net.Conn) error {
	a.loop = context.WithoutCancel(ctx)
	err := foreign(nc)
	if a.closing || err != nil {
		nc.Close()
		return err
	}
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		a.start(&term{group: g}, nc)
		return nil
	})
}

// run calls the handler. Its panic ends this connection and nothing else.
func (a *Acceptor) run(ctx context.Context, c *Conn) {
	defer a.left(c)
	defer func() {
		if v := recover(); v != nil {
			c.Conn.Close()
			a.Report(asyncio.Report{
				Message: fmt.Sprintf("panic while a connection from %v was served, which is closed", c.RemoteAddr()),
				Err:     fmt.Errorf("panic: %v", v),
				Stack:   debug.Stack(),
			})
		}
	}()
	a.Handler(ctx, c)
}

// Report tells people what has no other way to be told. A panic of the user's function
// must not end the server.
func (a *Acceptor) Report(r asyncio.Report) {
	defer func() {
		if v := recover(); v != nil {
			slog.Error("asyncio: panic in the function given to a server's OnError", "panic", v, "report", r.Message)
		}
	}()
	if a.OnError != nil {
		a.OnError(r)
	} else {
		asyncio.ReportError(a.loop, r)
	}
}

// left is called when the handler has returned.
func (a *Acceptor) left(c *Conn) {
	switch {
	case !c.resting:
		a.gone(c)
	case a.closing || c.term.over:
		a.closeOne(c)
	default:
		c.resting = false
		a.rest(c)
	}
}

// gone takes a connection off the books: its task ends, or it was given away.
func (a *Acceptor) gone(c *Conn) {
	if !a.conns.remove(c) {
		return
	}
	a.room.WakeAll() // one for each listener: who cannot use the room waits again
	a.waiters.WakeAll()
}

// Len is how many connections are open.
func (a *Acceptor) Len() int { return a.conns.n }

// Closing tells whether Shutdown or Close was called.
func (a *Acceptor) Closing() bool { return a.closing }
