package acceptor

import (
	"net"
	"time"

	"github.com/goasyncio/asyncio"
)

// A Conn is a connection on the books of an acceptor.
type Conn struct {
	net.Conn

	term       *term
	task       *asyncio.Task[struct{}] // nil while it is dormant
	prev, next *Conn
	idle       bool
	onShutdown func()
	resting    bool // the handler wants to be called again when there is data
	dormant    bool // it has no task
}

// OnShutdown makes a shutdown call f first: for who serves more than one request at a
// time and has a way of his own to let them end.
func (c *Conn) OnShutdown(f func()) { c.onShutdown = f }

// Rest makes the acceptor call the handler again when there is something to read,
// once it has returned; until then the connection has no task. It is for handlers of
// an acceptor with OnData.
func (c *Conn) Rest() { c.resting = true }

// Idle tells the acceptor that nothing is under way on the connection but a read, so
// that a shutdown need not wait for it: it makes that read fail, by [Conn.Interrupt].
func (c *Conn) Idle() { c.idle = true }

// Active tells the acceptor that something is under way.
func (c *Conn) Active() { c.idle = false }

// Interrupt makes reads fail from now on, the one that waits as well. It may be called
// by a callback.
func (c *Conn) Interrupt() { c.SetReadDeadline(longAgo) }

var longAgo = time.Unix(1, 0)

// Forget takes the connection off the books: it was hijacked.
func (a *Acceptor) Forget(c *Conn) { a.gone(c) }

// cancel ends what is under way on the connection.
func (a *Acceptor) cancel(c *Conn) {
	if c.dormant {
		a.closeOne(c)
	} else {
		c.task.Cancel(ErrClosed)
	}
}

// abort cuts the connection off: by a reset where there is one.
func (c *Conn) abort() {
	if r, ok := c.Conn.(interface{ Abort() error }); ok {
		r.Abort()
		return
	}
	c.Conn.Close()
}

// A ring is a list of connections in the order in which they came, so that they are
// closed in that order, too.
type ring struct {
	first *Conn
	n     int
}

func (r *ring) add(c *Conn) {
	r.n++
	if r.first == nil {
		r.first, c.prev, c.next = c, c, c
		return
	}
	c.prev, c.next = r.first.prev, r.first
	c.prev.next, c.next.prev = c, c
}

// remove reports whether c was in the ring.
func (r *ring) remove(c *Conn) bool {
	if c.next == nil {
		return false
	}
	r.n--
	if c.next == c {
		r.first = nil
	} else {
		c.prev.next, c.next.prev = c.next, c.prev
		if r.first == c {
			r.first = c.next
		}
	}
	c.prev, c.next = nil, nil
	return true
}

// all are the connections; they may leave the ring while the caller goes through
// them.
func (r *ring) all() []*Conn {
	list := make([]*Conn, 0, r.n)
	for c := r.first; len(list) < r.n; c = c.next {
		list = append(list, c)
	}
	return list
}
