package aionet

import (
	"context"
	"io"
	"net"
	"os"
	"syscall"

	"github.com/goasyncio/asyncio"
)

// A memoryHalf is one direction of a [MemoryConn]: its writer is one end, its reader the
// other. Where limit is 0 there is no buffer, and offer is what the parked writer has
// left to give.
type memoryHalf struct {
	limit    int
	buf      []byte // buf[start:] is not read yet
	start    int
	offer    []byte
	readers  asyncio.WaitQueue
	writers  asyncio.WaitQueue
	spent    int // bytes read since the last time when somebody else could run
	reading  bool
	writing  bool
	partial  bool   // a write was cancelled in its middle
	finished bool   // the writer has closed: the end comes after the last byte
	refused  bool   // the reader has closed: nobody will read
	reset    bool   // one end has aborted
	over     bool   // the reader has seen the end
	onEnd    func() // see MemoryConn.OnHangup
}

// conditions are what can end the wait of one end beside the bytes themselves.
type conditions struct {
	closed *bool // of the end that waits
	limit  *timeLimit
}

func (c conditions) err() error {
	switch {
	case *c.closed:
		return net.ErrClosed
	case c.limit.expired:
		return os.ErrDeadlineExceeded
	}
	return nil
}

// read takes 1 to len(p) bytes, or none where it fails.
func (h *memoryHalf) read(ctx context.Context, p []byte, c conditions) (int, error) {
	if err := checkpoint(ctx, c.limit.poller); err != nil {
		return 0, err
	}
	if h.reading {
		return 0, asyncio.ErrBusy
	}
	h.reading = true
	defer func() { h.reading = false }()
	if h.spent > fairShare {
		h.spent = 0
		if err := asyncio.Yield(ctx); err != nil {
			return 0, err
		}
	}
	for {
		if err := c.err(); err != nil {
			return 0, err
		}
		switch {
		case h.reset:
			return 0, syscall.ECONNRESET
		case len(p) == 0:
			return 0, nil
		case h.start < len(h.buf) || len(h.offer) > 0:
			n := h.take(p)
			h.spent += n
			return n, nil
		case h.finished:
			h.over = true
			return 0, io.EOF
		}
		// A wake-up stands for nothing that would have to be handed on: nobody
		// else may read, and the bytes stay where they are.
		h.spent = 0
		if c.limit.begin(); c.limit.expired {
			return 0, os.ErrDeadlineExceeded
		}
		_, err := h.readers.Park(ctx, "data")
		c.limit.end()
		if err != nil {
			return 0, err
		}
	}
}

// take moves bytes to the reader and makes room for the writer.
func (h *memoryHalf) take(p []byte) (n int) {
	if len(h.offer) > 0 {
		n = copy(p, h.offer)
		h.offer = h.offer[n:]
		if len(h.offer) > 0 {
			return n
		}
	} else {
		n = copy(p, h.buf[h.start:])
		h.start += n
		if h.start == len(h.buf) {
			h.buf, h.start = h.buf[:0], 0
		}
	}
	h.writers.WakeAll()
	return n
}

// write gives all of p to the reader, or tells how much it gave where it fails. With
// some it returns what there is room for now, once that is at least one byte.
func (h *memoryHalf) write(ctx context.Context, p []byte, some bool, c conditions) (n int, err error) {
	if err := checkpoint(ctx, c.limit.poller); err != nil {
		return 0, err
	}
	switch {
	case h.writing:
		return 0, asyncio.ErrBusy
	case h.partial:
		return 0, ErrPartialWrite
	}
	h.writing = true
	defer func() { h.writing = false }()
	for {
		if err := h.writable(c); err != nil {
			return n, err
		}
		if h.limit > 0 {
			n += h.put(p[n:])
		}
		if n == len(p) || some && n > 0 {
			return n, nil
		}
		given, err := h.waitForReader(ctx, p[n:])
		n += given
		if n == len(p) || some && n > 0 {
			return n, nil // even if ctx has ended meanwhile (rule C3)
		}
		if err != nil {
			h.partial = n > 0
			return n, err
		}
	}
}

// writable tells why nothing can be written, if it cannot.
func (h *memoryHalf) writable(c conditions) error {
	switch err := c.err(); {
	case err != nil:
		return err
	case h.reset:
		return syscall.ECONNRESET
	case h.refused || h.finished:
		return syscall.EPIPE
	}
	return nil
}

// waitForReader parks the writer until there is room, or, where there is no buffer,
// until the readers have taken all of p. given is what they took of it.
func (h *memoryHalf) waitForReader(ctx context.Context, p []byte) (given int, err error) {
	if h.limit == 0 {
		h.offer = p
		h.readers.WakeAll()
		defer func() { h.offer = nil }()
	}
	_, err = h.writers.Park(ctx, roomToWrite)
	if h.limit == 0 {
		given = len(p) - len(h.offer)
	}
	return given, err
}

// put moves what there is room for into the buffer.
func (h *memoryHalf) put(p []byte) int {
	n := min(len(p), h.limit-(len(h.buf)-h.start))
	if n == 0 {
		return 0
	}
	if len(h.buf)+n > cap(h.buf) && h.start >= len(h.buf)-h.start {
		// Only where at least half of it is read: a byte then moves once at most.
		h.buf = h.buf[:copy(h.buf, h.buf[h.start:])]
		h.start = 0
	}
	h.buf = append(h.buf, p[:n]...)
	h.readers.WakeAll()
	return n
}

// finish ends the stream after what was written.
func (h *memoryHalf) finish() {
	h.finished = true
	h.wakeAll()
	h.ended()
}

// refuse drops what the reader has not read and will not read.
func (h *memoryHalf) refuse() {
	h.refused = true
	h.buf, h.start = nil, 0
	h.wakeAll()
}

// abort drops everything.
func (h *memoryHalf) abort() {
	h.reset = true
	h.refuse()
	h.ended()
}

func (h *memoryHalf) wakeAll() {
	h.readers.WakeAll()
	h.writers.WakeAll()
}
