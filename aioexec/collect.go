package aioexec

import (
	"fmt"
	"io"
	"slices"
)

// A collector is a writer that has the reads put their bytes where it keeps them,
// without a buffer in between: a child that says little costs little memory.
type collector interface {
	io.Writer
	// room is where the next bytes go. It is not empty.
	room() []byte
	// filled tells that the first n bytes of room have come.
	filled(n int) error
}

// fill is the Write of a collector.
func fill(c collector, p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		m := copy(c.room(), p[n:])
		n, err = n+m, c.filled(m)
	}
	return n, err
}

// least is how much room there is for a read, in bytes.
const least = 512

// spacious is b with some capacity that is free.
func spacious(b []byte) []byte {
	if cap(b)-len(b) < least {
		return slices.Grow(b, max(least, len(b)))
	}
	return b
}

// A bounded collects up to max bytes and ends the child that writes more.
type bounded struct {
	cmd *Cmd
	buf []byte
	max int
}

func (c *Cmd) bounded() *bounded { return &bounded{cmd: c, max: c.maxOutput()} }

func (b *bounded) Write(p []byte) (int, error) { return fill(b, p) }

func (b *bounded) room() []byte {
	b.buf = spacious(b.buf)
	return b.buf[len(b.buf):cap(b.buf)]
}

func (b *bounded) filled(n int) error {
	fits := min(n, b.max-len(b.buf))
	b.buf = b.buf[:len(b.buf)+fits]
	if fits < n {
		b.cmd.child.end()
		return ErrOutputLimit
	}
	return nil
}

// half is how much an excerpt keeps of each end.
const half = 32 << 10

// An excerpt keeps the beginning and the end of what is written to it.
type excerpt struct {
	head, tail []byte
	written    int
}

func (e *excerpt) Write(p []byte) (int, error) { return fill(e, p) }

func (e *excerpt) room() []byte {
	if len(e.head) < half {
		e.head = spacious(e.head)
		return e.head[len(e.head):min(cap(e.head), half)]
	}
	if len(e.tail) > 2*half { // not at each read
		e.tail = e.tail[:copy(e.tail, e.tail[len(e.tail)-half:])]
	}
	e.tail = spacious(e.tail)
	return e.tail[len(e.tail):cap(e.tail)]
}

func (e *excerpt) filled(n int) error {
	e.written += n
	if len(e.head) < half {
		e.head = e.head[:len(e.head)+n]
	} else {
		e.tail = e.tail[:len(e.tail)+n]
	}
	return nil
}

func (e *excerpt) bytes() []byte {
	tail := e.tail[max(0, len(e.tail)-half):]
	left := e.written - len(e.head) - len(tail)
	if left == 0 {
		return append(e.head, tail...)
	}
	return fmt.Appendf(nil, "%s\n... %d bytes left out ...\n%s", e.head, left, tail)
}
