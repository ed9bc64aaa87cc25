package aiohttp

import (
	"context"
	"slices"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/inside"
)

// pool is the connections of a Transport: who is idle, how many there are, and who
// waits for one.
//
// A connection is in exactly one place: in the hands of an exchange, in the list of
// idle ones with a task that watches it, or on its way to somebody who waits. It is
// counted from before it is dialed until it is closed.
type pool struct {
	loop  inside.Poller
	run   any // of the loop: a loop can be run again
	hosts map[route]*host
	idle  []*conn // all idle ones; the one that has been idle longest first
}

// host is the connections of one route.
type host struct {
	open    int
	idle    []*conn // the last one in is the first one out: the others may time out
	waiting []*wanted
}

// wanted is a task that waits for a connection, or for leave to make one.
type wanted struct {
	asyncio.WaitQueue
	route route
	conn  *conn // what it was given; nil is leave to make one
}

func (w *wanted) String() string {
	return "a connection to " + w.route.String() + ": as many as are allowed are in use"
}

// runKey is where a run of a loop keeps what tells it from others.
type runKey struct{}

// enter finds the pool for the loop of the request. What a run has left that has ended,
// such as a body that nobody has closed, stays in the pool of that run.
func (t *Transport) enter(ctx context.Context) error {
	loop := inside.PollerOf(ctx)
	run := loop.Local(runKey{}, func() any { return new(int) })
	p := t.pool
	switch {
	case p == nil:
	case p.run == run:
		return nil
	case p.loop != loop && p.inUse():
		return asyncio.ErrOtherLoop
	}
	t.pool = &pool{loop: loop, run: run}
	return nil
}

// inUse tells whether there are connections, on a loop that still runs.
func (p *pool) inUse() bool {
	if p.loop.Root().Err() != nil {
		return false
	}
	for _, h := range p.hosts {
		if h.open > 0 {
			return true
		}
	}
	return false
}

func (p *pool) host(r route) *host {
	h := p.hosts[r]
	if h == nil {
		if p.hosts == nil {
			p.hosts = make(map[route]*host)
		}
		h = new(host)
		p.hosts[r] = h
	}
	return h
}

// connect gets a connection: an idle one, or a new one if there may be one more, or
// else the first that somebody gives back. It is a wait; a cancellation leaves the
// pool as if there had been no request.
func (t *Transport) connect(ctx context.Context, r route) (*conn, error) {
	p := t.pool
	h := p.host(r)
	for ; len(h.idle) > 0; h = p.host(r) { // a connection that is closed may take h with it
		c := h.idle[len(h.idle)-1]
		p.unlist(c)
		if ok, err := c.take(ctx); ok || err != nil {
			return c, err
		}
	}
	if t.MaxConnsPerHost > 0 && h.open >= t.MaxConnsPerHost {
		c, err := p.wait(ctx, r, h)
		if c != nil || err != nil {
			return c, err
		}
	} else {
		h.open++
	}
	var made *conn
	defer func() {
		if made == nil { // also where the loop ends the task by force
			p.forget(r)
		}
	}()
	made, err := t.dial(ctx, r)
	return made, err
}

// wait waits in line. A nil connection without an error is leave to make one, which
// is counted already.
func (p *pool) wait(ctx context.Context, r route, h *host) (*conn, error) {
	w := &wanted{route: r}
	h.waiting = append(h.waiting, w)
	woken, err := w.Park(ctx, w)
	switch {
	case err == nil:
		return w.conn, nil
	case !woken:
		h.waiting = slices.DeleteFunc(h.waiting, func(o *wanted) bool { return o == w })
	case w.conn != nil: // it came too late: the next one gets it (rule C3)
		p.put(ctx, w.conn)
	default:
		p.forget(r)
	}
	return nil, err
}

// put takes back a connection that can serve again, for whoever waits longest or for
// the list of idle ones.
func (p *pool) put(ctx context.Context, c *conn) {
	h := p.host(c.route)
	if h.serve(c) {
		return
	}
	t := c.transport
	perHost := orDefault(t.MaxIdleConnsPerHost, defaultMaxIdleConnsPerHost)
	all := orDefault(t.MaxIdleConns, defaultMaxIdleConns)
	h.idle = append(h.idle, c)
	p.idle = append(p.idle, c)
	c.watch(context.WithoutCancel(ctx))
	if perHost > 0 && len(h.idle) > perHost {
		p.evict(h.idle[0])
	} else if all > 0 && len(p.idle) > all {
		p.evict(p.idle[0])
	}
}

// serve gives c, or with nil leave to make a connection, to who has waited longest. Who
// was cancelled and has not run since is passed over: it is no longer parked.
func (h *host) serve(c *conn) bool {
	for len(h.waiting) > 0 {
		w := h.waiting[0]
		h.waiting = slices.Delete(h.waiting, 0, 1)
		w.conn = c
		if w.Wake(1) == 1 {
			return true
		}
	}
	return false
}

// forget counts a connection that is closed, or was never made. Who waits longest
// may make another.
func (p *pool) forget(r route) {
	h := p.hosts[r]
	if h.serve(nil) {
		return
	}
	if h.open--; h.open == 0 {
		delete(p.hosts, r)
	}
}

// unlist takes a connection off the lists of idle ones.
func (p *pool) unlist(c *conn) {
	same := func(o *conn) bool { return o == c }
	h := p.hosts[c.route]
	h.idle = slices.DeleteFunc(h.idle, same)
	p.idle = slices.DeleteFunc(p.idle, same)
}

// evict ends an idle connection: its watch closes it.
func (p *pool) evict(c *conn) {
	p.unlist(c)
	c.watcher.task.Cancel(errEvicted)
}

func (p *pool) closeIdle() {
	if p == nil {
		return // there was no request yet
	}
	for len(p.idle) > 0 {
		p.evict(p.idle[0])
	}
}
