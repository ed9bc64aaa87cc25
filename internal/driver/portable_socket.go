//go:build (asyncio_portable && !plan9) || !(linux || darwin || freebsd || openbsd || netbsd || dragonfly || plan9)

package driver

import (
	"context"
	"io"
	"net"
	"time"
)

// A socket is one descriptor of the portable driver. What it can do depends on
// which of its parts are there; all of it is under the driver's lock.
type socket struct {
	d      *portable
	fd     int
	kind   Kind
	local  Addr // as Bind was told; what the system has given is asked from the parts
	values map[Option]int
	closed bool

	owner   Handle
	watched bool // by its owner
	fired   Mode // what the loop has still to be told
	queued  bool

	hangUp context.CancelFunc // ends the goroutine that connects
	failed error              // why the connection did not come about

	conn     io.Closer // *net.TCPConn, *net.UDPConn or *net.UnixConn
	in       *inbox
	out      *outbox // streams and sequenced packets
	post     *sender // datagrams
	peer     Addr
	hasPeer  bool
	listener *acceptor
}

// How long bytes have to leave after a socket was closed: for the life of the loop,
// and at its end.
const (
	flushAfterClose = 30 * time.Second
	flushAtTheEnd   = time.Second
)

// state is what could be done with the socket now.
func (s *socket) state() (m Mode) {
	if s.failed != nil {
		return Readable | Writable | Hangup
	}
	if s.in != nil {
		m |= s.in.state()
	}
	if s.out != nil && s.out.room() > 0 || s.post != nil && !s.post.busy {
		m |= Writable
	}
	if s.listener != nil && s.listener.full() {
		m |= Readable
	}
	return m
}

// announce tells the owner, if he watches, at the loop's next Wait.
func (s *socket) announce(m Mode) {
	if m == 0 || !s.watched {
		return
	}
	s.fired |= m
	if !s.queued {
		s.queued = true
		s.d.ready = append(s.d.ready, s)
		s.d.Wake()
	}
}

// close ends the socket for its owner. What was accepted for sending is sent, unless
// Linger says not to.
func (s *socket) close() {
	delete(s.d.numbers, s.fd)
	s.d.free = append(s.d.free, s.fd)
	s.closed, s.watched, s.fired = true, false, 0
	if s.hangUp != nil {
		s.hangUp()
	}
	if s.listener != nil {
		s.listener.close()
	}
	if s.in != nil {
		s.in.stop()
	}
	switch linger, set := s.values[Linger]; {
	case s.out == nil && s.conn != nil:
		s.conn.Close()
	case s.out != nil && set && linger == 0:
		s.out.drop()
		s.conn.Close()
	case s.out != nil:
		s.out.filled.Signal()
		s.hurry(flushAfterClose)
	}
}

// hurry gives the rest of what is to be sent so much time.
func (s *socket) hurry(d time.Duration) {
	if c, ok := s.conn.(net.Conn); ok {
		c.SetWriteDeadline(time.Now().Add(d))
	}
}

// withoutPeer tells whether the system has given up a TCP connection.
func (s *socket) withoutPeer() (gone bool) {
	c, ok := s.conn.(*net.TCPConn)
	if !ok {
		return false
	}
	if raw, err := c.SyscallConn(); err == nil {
		raw.Control(func(fd uintptr) { gone = !hasPeer(fd) })
	}
	return gone
}
