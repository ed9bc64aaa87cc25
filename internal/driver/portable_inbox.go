//go:build (asyncio_portable && !plan9) || !(linux || darwin || freebsd || openbsd || netbsd || dragonfly || plan9)

package driver

import (
	"io"
	"sync"
	"syscall"
)

// Sizes of buffers: a stream begins with the least and gets more while it fills
// what it has. A datagram must fit whole.
const (
	leastBuffer = 4 << 10
	mostBuffer  = 64 << 10
)

// An inbox reads ahead on a goroutine: of a stream a bounded number of bytes, else one
// message, so that the peer finds the window closed where nobody reads (rule N2). It
// goes on reading while there is room, for only so it learns of the peer's end.
type inbox struct {
	s       *socket
	receive func(p []byte) (int, Addr, error)
	whole   bool // what does not fit into a Read is lost: messages
	ends    bool // the first error is the last: connections
	taken   sync.Cond

	buf    []byte // the goroutine's
	unread []byte // what was not taken yet
	store  []byte // where it stands
	full   bool   // there is a message, which may be empty
	from   Addr
	err    error // after what is unread; io.EOF is the peer's end

	stopped bool
	closed  bool  // for reading, here
	broken  error // the reset that a write was told of
}

// openInbox starts to read. The caller holds the lock.
func (s *socket) openInbox(receive func([]byte) (int, Addr, error), whole, ends bool) {
	in := &inbox{s: s, receive: receive, whole: whole, ends: ends, buf: make([]byte, leastBuffer)}
	if whole {
		in.buf = make([]byte, mostBuffer)
	}
	in.taken.L = &s.d.mu
	s.in = in
	s.d.start(in.run)
}

func (in *inbox) run() {
	for in.wanted() {
		n, from, err := in.receive(in.buf)
		in.put(n, from, err)
	}
}

// wanted waits until there is room.
func (in *inbox) wanted() bool {
	in.s.d.mu.Lock()
	defer in.s.d.mu.Unlock()
	for !in.stopped && (in.full || len(in.unread) > mostBuffer/2 || in.err != nil && !in.ends) {
		in.taken.Wait()
	}
	return !in.stopped && in.err == nil
}

func (in *inbox) put(n int, from Addr, err error) {
	in.s.d.mu.Lock()
	defer in.s.d.mu.Unlock()
	if in.stopped || in.err != nil {
		return // closed, or shut for reading meanwhile
	}
	if in.whole && err == nil {
		in.unread, in.from, in.full = in.buf[:n], from, true
	} else if n > 0 {
		in.keep(in.buf[:n])
	}
	if in.err = errnoOf(err); err == io.EOF {
		in.err = in.endOrReset()
	}
	in.s.announce(in.state())
}

// keep puts bytes of a stream behind those that are unread.
func (in *inbox) keep(p []byte) {
	if len(in.unread) == 0 && len(p) < leastBuffer && cap(in.store) > mostBuffer/2 {
		in.store, in.unread = nil, nil // a stream that was busy and is no more
		in.buf = make([]byte, leastBuffer)
	}
	if len(in.unread)+len(p) > cap(in.unread) { // those that were read are in the way
		in.store = append(in.store[:0], in.unread...)
		in.unread = in.store
	}
	in.unread = append(in.unread, p...)
	if cap(in.unread) > cap(in.store) {
		in.store = in.unread
	}
	if len(p) == len(in.buf) && len(p) < mostBuffer {
		in.buf = make([]byte, 2*len(p)) // for the next round
	}
}

// state is what can be had from the box now.
func (in *inbox) state() (m Mode) {
	if in.full || len(in.unread) > 0 || in.err != nil {
		m = Readable
	}
	if in.err != nil && in.ends {
		m |= Hangup
	}
	return m
}

// take is a read. After an error of a connection all later reads have it too.
func (in *inbox) take(p []byte) (m Message, err error) {
	if !in.full && len(in.unread) == 0 {
		return Message{}, in.outcome()
	}
	m = Message{N: copy(p, in.unread), From: in.from}
	in.unread = in.unread[m.N:]
	m.Truncated = in.whole && len(in.unread) > 0
	if in.whole {
		in.unread, in.full = nil, false
	}
	in.taken.Signal()
	if len(in.unread) == 0 && in.err != nil {
		in.s.announce(in.state()) // for a reader who got less than he asked for
	}
	return m, nil
}

func (in *inbox) outcome() error {
	switch err := in.err; {
	case err == nil:
		return syscall.EAGAIN
	case err == io.EOF:
		return nil
	case in.ends:
		return err
	default:
		in.err = nil
		in.taken.Signal()
		return err
	}
}

// shut makes the rest of what comes the end.
func (in *inbox) shut() {
	in.closed = true
	if in.err == nil {
		in.err = io.EOF
		in.s.announce(Readable | Hangup)
	}
}

// endOrReset tells what an end is. The goroutine that writes may have taken the error
// of a reset from the system a moment ago, and not yet be here to tell: but then the
// connection has no peer any more, which after an end it has, until both sides have
// ended.
func (in *inbox) endOrReset() error {
	switch s := in.s; {
	case in.broken != nil:
		return in.broken
	case s.out != nil && !s.out.finished && s.withoutPeer():
		return syscall.ECONNRESET
	}
	return io.EOF
}

// windowsReset is WSAECONNRESET, which Windows says where others say ECONNRESET.
const windowsReset = syscall.Errno(10054)

// reset keeps a reset from being taken for an end. The system tells of it once, and
// here that may be a write whose caller is long gone; then its reads find an end. A
// peer who has ended before he resets makes another error of it, EPIPE.
func (in *inbox) reset(err error) {
	if err != syscall.ECONNRESET && err != windowsReset {
		return
	}
	in.broken = err
	if in.err == io.EOF && !in.closed {
		in.err = err
	}
}

// stop ends the goroutine, as soon as it comes back from the system: the caller
// closes the connection.
func (in *inbox) stop() {
	in.stopped = true
	in.taken.Signal()
}
