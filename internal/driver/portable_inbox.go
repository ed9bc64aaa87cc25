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

// An inbox reads ahead on a goroutine: one buffer and no more, so that the peer
// finds the window closed where nobody reads (rule N2). The buffer is the
// goroutine's until full is set, and then the loop's until it is empty.
type inbox struct {
	s       *socket
	receive func(p []byte) (int, Addr, error)
	whole   bool // what does not fit into a Read is lost: messages
	ends    bool // the first error is the last: connections
	emptied sync.Cond

	buf  []byte
	data []byte // what was not taken yet
	from Addr
	full bool
	err  error // after the data; io.EOF is the peer's end

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
	in.emptied.L = &s.d.mu
	s.in = in
	s.d.start(in.run)
}

func (in *inbox) run() {
	for in.wanted() {
		n, from, err := in.receive(in.buf)
		in.put(n, from, err)
	}
}

// wanted waits until the loop has taken what there was.
func (in *inbox) wanted() bool {
	in.s.d.mu.Lock()
	defer in.s.d.mu.Unlock()
	for (in.full || in.err != nil && !in.ends) && !in.stopped {
		in.emptied.Wait()
	}
	return !in.stopped && in.err == nil
}

func (in *inbox) put(n int, from Addr, err error) {
	in.s.d.mu.Lock()
	defer in.s.d.mu.Unlock()
	if in.stopped || in.err != nil {
		return // closed, or shut for reading meanwhile
	}
	if n > 0 || in.whole && err == nil {
		in.data, in.from, in.full = in.buf[:n], from, true
		if n == len(in.buf) && n < mostBuffer {
			in.buf = make([]byte, 2*n) // for the next round
		}
	}
	if in.err = errnoOf(err); err == io.EOF && in.broken != nil {
		in.err = in.broken
	}
	in.s.announce(in.state())
}

// state is what can be had from the box now.
func (in *inbox) state() Mode {
	switch {
	case in.full, in.err != nil && !in.ends:
		return Readable
	case in.err != nil:
		return Readable | Hangup
	}
	return 0
}

// take is a read. After an error of a connection all later reads have it too.
func (in *inbox) take(p []byte) (m Message, err error) {
	if !in.full {
		return Message{}, in.outcome()
	}
	m = Message{N: copy(p, in.data), From: in.from}
	in.data = in.data[m.N:]
	if in.whole || len(in.data) == 0 {
		m.Truncated = len(in.data) > 0
		in.empty()
	}
	return m, nil
}

// empty gives the buffer back to the goroutine. Where the end has come already, it
// is an event: a reader who got less than he asked for waits for one.
func (in *inbox) empty() {
	in.data, in.full = nil, false
	in.emptied.Signal()
	if in.err != nil {
		in.s.announce(in.state())
	}
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
		in.emptied.Signal()
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
	in.emptied.Signal()
}
