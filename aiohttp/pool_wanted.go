package aiohttp

import (
	"context"
	"errors"
	"slices"

	"github.com/goasyncio/asyncio"
)

// wanted is a request that waits for a connection: for the first that somebody gives
// back, or for one that is made for it, whichever comes first. As in package net/http
// the one that is made is for nobody else, unless it comes second: then it goes to
// whoever waits, or to the idle ones.
type wanted struct {
	asyncio.WaitQueue
	transport *Transport
	pool      *pool
	ctx       context.Context // of the request
	route     route
	dialing   *asyncio.Task[struct{}] // nil as long as there may not be one more connection

	conn *conn // what it was given,
	err  error // or why there is none
}

var (
	errUnwanted = errors.New("aiohttp: the request does not need the connection any more")
	errNoDial   = errors.New("aiohttp: making the connection did not come to an end")
)

// String is what reports show.
func (w *wanted) String() string {
	if w.dialing == nil {
		return "a connection to " + w.route.String() + ": as many as are allowed are in use"
	}
	return "a connection to " + w.route.String()
}

// wait waits in line.
func (w *wanted) wait() (*conn, error) {
	received := false
	defer func() {
		if !received { // also where the loop ends the task by force
			w.abandon()
		}
	}()
	if _, err := w.Park(w.ctx, w); err != nil {
		return nil, err
	}
	received = true
	if w.err == errNoDial {
		w.dialing.Await(w.ctx) // which raises the panic here (rule L3)
	}
	return w.conn, w.err
}

// give hands over what w waits for, and reports false where w waits no longer.
func (w *wanted) give(c *conn, err error) bool {
	if w.Len() == 0 {
		return false
	}
	w.conn, w.err = c, err
	return w.Wake(1) == 1
}

// leave takes w out of the line.
func (w *wanted) leave() {
	if h := w.pool.hosts[w.route]; h != nil {
		h.waiting = slices.DeleteFunc(h.waiting, func(o *wanted) bool { return o == w })
	}
}

// abandon is the end of a wait that was cancelled. It waits for the end of the dial,
// so that nothing of a request is left when it returns.
func (w *wanted) abandon() {
	w.leave()
	if w.conn != nil { // it came too late: the next one gets it (rule C3)
		w.pool.put(w.ctx, w.conn)
	}
	if w.dialing != nil && !w.dialing.Done() {
		w.dialing.Cancel(errUnwanted)
		w.dialing.Join(context.WithoutCancel(w.ctx))
	}
}

// dial starts the task that makes a connection, which is counted already. It does not
// end with the request if that is served otherwise.
func (w *wanted) dial() {
	p := w.pool
	p.dials = append(p.dials, w)
	w.dialing = asyncio.Go(context.WithoutCancel(w.ctx), func(ctx context.Context) error {
		var made *conn
		err := errNoDial
		defer func() { w.dialed(ctx, made, err) }() // also where the loop ends the task by force
		made, err = w.transport.dial(ctx, w.route)
		return nil
	}, asyncio.TaskName("connecting to "+w.route.String()))
}

// dialed is the end of the dial: with a connection, or with an error, which is nobody's
// if the request was served otherwise.
func (w *wanted) dialed(ctx context.Context, c *conn, err error) {
	p := w.pool
	p.dials = slices.DeleteFunc(p.dials, func(o *wanted) bool { return o == w })
	if c != nil && ctx.Err() != nil {
		c.abort()
		c, err = nil, ctx.Err()
	} else if c == nil {
		defer p.forget(w.route)
	}
	if w.Len() > 0 {
		w.leave()
		w.give(c, err)
	} else if c != nil {
		p.put(ctx, c)
	}
}
