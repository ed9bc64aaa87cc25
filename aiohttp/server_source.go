package aiohttp

import (
	"io"
	"time"

	"github.com/goasyncio/asyncio"
)

// A source is the connection as its bufio.Reader sees it: it counts the bytes of a
// header, bounds their number and the time that they take, and remembers them where
// they come in more than one piece.
type source struct {
	conn   *serverConn
	left   int64 // how many more bytes the header may have; negative: no bound
	hit    bool  // there were more
	pieces int   // reads since the request began
	kept   bool  // raw has all of them
	raw    []byte
	err    error // of the last read: the parser tells only that there was one
}

// begin makes the source expect a header of at most n bytes. What the buffer has
// already read ahead counts.
func (s *source) begin(n int64) {
	// A buffer reads ahead: what it may take of the body, or of the next request, is
	// granted on top.
	s.left = max(n+bufferSlack-int64(s.conn.in.Buffered()), 0)
	s.hit, s.kept, s.pieces, s.err = false, false, 0, nil
}

// bufferSlack is what the limit grants for the reader's buffer, as net/http does.
const bufferSlack = 4 << 10

// started notes that the header begins with what is in the buffer.
func (s *source) started() { s.pieces = 1 }

// unbounded is for the body.
func (s *source) unbounded() { s.left = -1 }

// Read is for the bufio.Reader alone.
func (s *source) Read(p []byte) (int, error) {
	if s.left >= 0 {
		return s.readHeader(p)
	}
	n, err := s.conn.stream.Read(p)
	return n, err
}

func (s *source) readHeader(p []byte) (int, error) {
	if s.left == 0 {
		s.hit = true
		return 0, io.EOF
	}
	if int64(len(p)) > s.left {
		p = p[:s.left]
	}
	if s.pieces == 1 {
		s.conn.timer.set(s.conn, s.conn.server.headerTimeout())
	}
	if s.pieces > 0 {
		s.pieces++
	}
	n, err := s.conn.stream.Read(p)
	s.left -= int64(n)
	if s.kept {
		s.raw = append(s.raw, p[:n]...)
	}
	s.err = err
	return n, err
}

// keep remembers the beginning of a header of which more is to come.
func (s *source) keep(head []byte) {
	s.kept = true
	s.raw = append(s.raw[:0], head...)
}

// A lazyTimer bounds the waits of a connection. To set it costs an assignment where
// it is already running: it finds out when it fires that there is more time.
type lazyTimer struct {
	conn   *serverConn
	due    time.Time // zero: no bound
	armed  time.Time // when it fires
	handle *asyncio.Handle
}

// set bounds the wait that begins now; a d of 0 takes the bound away.
func (t *lazyTimer) set(c *serverConn, d time.Duration) {
	if t.conn = c; d == 0 {
		t.clear()
		return
	}
	t.due = asyncio.Now(c.clock).Add(d)
	if t.handle != nil && !t.due.Before(t.armed) {
		return
	}
	t.stop()
	t.arm()
}

func (t *lazyTimer) clear() { t.due = time.Time{} }

func (t *lazyTimer) arm() {
	t.armed = t.due
	t.handle = asyncio.CallAt(t.conn.clock, t.due, t.fire)
}

func (t *lazyTimer) fire() {
	t.handle = nil
	switch {
	case t.due.IsZero():
	case t.due.After(asyncio.Now(t.conn.clock)):
		t.arm()
	default:
		t.conn.entry.Interrupt()
	}
}

func (t *lazyTimer) stop() {
	if t.handle != nil {
		t.handle.Cancel()
		t.handle = nil
	}
}
