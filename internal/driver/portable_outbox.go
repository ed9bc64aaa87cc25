//go:build (asyncio_portable && !plan9) || !(linux || darwin || freebsd || openbsd || netbsd || dragonfly || plan9)

package driver

import (
	"net"
	"sync"
	"syscall"
)

// An outbox writes behind on a goroutine, which also half-closes and closes, in
// their turn: what was accepted before goes out first. It is bounded (rule N2).
type outbox struct {
	s      *socket
	conn   net.Conn
	whole  bool // one message at a time, so that their borders stay
	filled sync.Cond

	queue    []byte
	flight   []byte // what the goroutine is writing
	refused  bool   // somebody wants to know when there is room
	finish   bool   // half-close after the queue
	finished bool
	err      error
}

// openOutbox starts to write. The caller holds the lock.
func (s *socket) openOutbox(conn net.Conn, whole bool) {
	s.out = &outbox{s: s, conn: conn, whole: whole}
	s.out.filled.L = &s.d.mu
	s.d.streams[s] = struct{}{}
	s.d.start(s.out.run)
}

// room is how many bytes are taken now. After an error that is any number: the
// writer is told.
func (o *outbox) room() int {
	switch used := len(o.queue) + len(o.flight); {
	case o.err != nil || o.finish:
		return mostBuffer
	case o.whole && used > 0:
		return 0
	default:
		return mostBuffer - used
	}
}

// put is a write.
func (o *outbox) put(p []byte) (int, error) {
	switch room := o.room(); {
	case o.err != nil:
		return 0, o.err
	case o.finish:
		return 0, syscall.EPIPE
	case o.whole && len(p) > mostBuffer:
		return 0, syscall.EMSGSIZE
	case len(p) == 0:
		return 0, nil
	case room == 0:
		o.refused = true
		return 0, syscall.EAGAIN
	case len(p) > room:
		o.refused = true
		p = p[:room]
	}
	o.queue = append(o.queue, p...)
	o.filled.Signal()
	return len(p), nil
}

func (o *outbox) run() {
	for o.next() {
		if len(o.flight) == 0 {
			shut(o.conn, ShutWrite)
			continue
		}
		_, err := o.conn.Write(o.flight)
		o.wrote(err)
	}
	o.conn.Close() // may wait, with Linger: never on the loop
	o.s.d.mu.Lock()
	delete(o.s.d.streams, o.s)
	o.s.d.mu.Unlock()
}

// next waits for something to write, which is then in flight. Nothing in flight
// stands for the half-close.
func (o *outbox) next() bool {
	o.s.d.mu.Lock()
	defer o.s.d.mu.Unlock()
	for {
		switch {
		case o.err == nil && len(o.queue) > 0:
			o.flight, o.queue = o.queue, o.flight[:0]
			return true
		case o.err == nil && o.finish && !o.finished:
			o.finished = true
			return true
		case o.s.closed:
			return false
		}
		o.filled.Wait()
	}
}

// wrote tells the loop that there is room, or that there will be none.
func (o *outbox) wrote(err error) {
	o.s.d.mu.Lock()
	defer o.s.d.mu.Unlock()
	o.flight = o.flight[:0]
	if err != nil && o.err == nil {
		o.err, o.queue = errnoOf(err), nil
		o.s.in.reset(o.err)
	}
	if o.refused || err != nil {
		o.refused = false
		o.s.announce(Writable)
	}
}

// end half-closes after what was accepted.
func (o *outbox) end() {
	o.finish = true
	o.filled.Signal()
	o.s.announce(Writable)
}

// drop forgets what was not sent.
func (o *outbox) drop() {
	o.err, o.queue = syscall.ECONNABORTED, nil
	o.filled.Signal()
}
