package fast

import (
	"context"
	"time"

	"github.com/goasyncio/asyncio"
)

// A phase is what a connection is about.
type phase uint8

const (
	idle     phase = iota // waiting for a request to begin
	reading               // a request has begun, and the handler has not
	handling              // in the handler, or writing its response
)

// A reaper ends the connections that wait for their clients for too long. A timer of
// each connection, or a look at the clock for each request, would cost more than the
// rest of what the loop does for it; so the reaper goes through all of them from time
// to time, and counts how often it has found each in the same phase.
type reaper struct {
	server *Server
	ctx    context.Context
	first  *conn // of the list
	timer  *asyncio.Handle
	limits [handling]int // how often a phase may be found; 0 is no bound
	every  time.Duration
}

// rounds is how often the reaper comes within the shorter of the two timeouts: that
// is how exact it is.
const rounds = 8

func (r *reaper) init(s *Server) {
	r.server = s
	read, wait := bound(s.ReadTimeout, defaultReadTimeout), bound(s.IdleTimeout, defaultIdleTimeout)
	switch {
	case read == 0:
		r.every = wait / rounds
	case wait == 0:
		r.every = read / rounds
	default:
		r.every = min(read, wait) / rounds
	}
	if r.every = max(r.every, time.Millisecond); read > 0 {
		r.limits[reading] = int(read/r.every) + 1
	}
	if wait > 0 {
		r.limits[idle] = int(wait/r.every) + 1
	}
}

// add and remove keep the list of the connections.
func (r *reaper) add(ctx context.Context, c *conn) {
	if c.next = r.first; r.first != nil {
		r.first.prev = c
	}
	r.first = c
	if r.timer == nil && r.limits != [handling]int{} {
		r.ctx = context.WithoutCancel(ctx)
		r.timer = asyncio.CallLater(r.ctx, r.every, r.pass)
	}
}

func (r *reaper) remove(c *conn) {
	if c.prev == nil {
		r.first = c.next
	} else {
		c.prev.next = c.next
	}
	if c.next != nil {
		c.next.prev = c.prev
	}
	if r.first == nil && r.timer != nil {
		r.timer.Cancel()
		r.timer = nil
	}
}

// pass goes through the connections once.
func (r *reaper) pass() {
	for c := r.first; c != nil; c = c.next {
		c.found++
		if c.phase < handling && r.limits[c.phase] > 0 && c.found >= r.limits[c.phase] {
			c.entry.Interrupt()
		}
	}
	r.timer = asyncio.CallLater(r.ctx, r.every, r.pass)
}

// enter begins a phase.
func (c *conn) enter(p phase) { c.phase, c.found = p, 0 }

func bound(d, def time.Duration) time.Duration {
	if d == 0 {
		return def
	}
	return max(d, 0)
}
