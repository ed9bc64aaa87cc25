package aiohttp

import (
	"context"
	"slices"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/inside"
)

// pool is the connections of a Transport: who is idle, how many there are, and who
// waits for one.
//
// A connection is in exactly one place: in the hands of an exchange, in the list of
// idle ones with a task that watches it, in the hands of the task that makes it, or on
// its way to somebody who waits. It is counted from before it is dialed until it is
// closed.
type pool struct {
	loop  inside.Poller
	run   any // of the loop: a loop can be run again
	hosts map[route]*host
	idle  []*conn   // all idle ones; the one that has been idle longest first
	dials []*wanted // whose dials are under way
}

// host is the connections of one route.
type host struct {
	open    int
	idle    []*conn   // the last one in is the first one out: the others may time out
	waiting []*wanted // who has waited longest first
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

// connect gets a connection: an idle one, or else the first that somebody gives back
// or that a task of its own has made, if there may be one more. It is a wait; a
// cancellation leaves the pool as if there had been no request.
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
	w := &wanted{transport: t, pool: p, ctx: ctx, route: r}
	if t.MaxConnsPerHost <= 0 || h.open < t.MaxConnsPerHost {
		h.open++
		w.dial()
	}
	h.waiting = append(h.waiting, w)
	return w.wait()
}

// put takes back a connection that can serve again, for whoever waits longest or for
// the list of idle ones.
func (p *pool) put(ctx context.Context, c *conn) {
	t := c.transport
	if t.DisableKeepAlives { // it was made for somebody who does not want it any more
		c.close()
		return
	}
	h := p.host(c.route)
	c.used, c.idle = true, time.Time{}
	if h.serve(c) {
		return
	}
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

// serve gives c to who has waited longest. Who was cancelled and has not run since is
// passed over: it is no longer parked.
func (h *host) serve(c *conn) bool {
	for len(h.waiting) > 0 {
		w := h.waiting[0]
		h.waiting = slices.Delete(h.waiting, 0, 1)
		if w.give(c, nil) {
			return true
		}
	}
	return false
}

// forget counts a connection that is closed, or was never made. For who waits longest
// of those for whom none is being made, one is now.
func (p *pool) forget(r route) {
	h := p.hosts[r]
	for _, w := range h.waiting {
		if w.dialing == nil && w.Len() > 0 {
			w.dial()
			return
		}
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

// closeIdle closes the idle connections, and gives up those that are being made and
// that nobody waits for any more.
func (p *pool) closeIdle() {
	if p == nil {
		return // there was no request yet
	}
	for len(p.idle) > 0 {
		p.evict(p.idle[0])
	}
	for _, w := range p.dials {
		if w.Len() == 0 {
			w.dialing.Cancel(errEvicted)
		}
	}
}
