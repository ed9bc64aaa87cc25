//go:build unix

package aioexec

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"

	"github.com/goasyncio/asyncio"
)

// drained is how much of a pipe is still read after drain: as much as a pipe holds
// on the systems that there are, so that somebody who goes on writing into it
// cannot keep the reader for ever.
const drained = 64 << 10

// pollEnd is an end of a pipe on the loop's own poller. The file is there too, in
// that of Go's runtime, which nobody asks: the file is what keeps the number from
// being given to somebody else meanwhile, and closes it where all else fails.
type pollEnd struct {
	file     *os.File
	raw      syscall.RawConn
	ready    *asyncio.Descriptor
	draining bool
	left     int // while draining
}

// newPollEnd fails with errors.ErrUnsupported where the loop cannot wait for pipes.
func newPollEnd(ctx context.Context, f *os.File) (end, error) {
	raw, err := f.SyscallConn() // Fd would make it blocking
	if err != nil {
		return nil, err
	}
	e := &pollEnd{file: f, raw: raw}
	var openErr error
	err = raw.Control(func(fd uintptr) { e.ready, openErr = asyncio.OpenDescriptor(ctx, int(fd)) })
	if err = errors.Join(err, openErr); err != nil {
		return nil, err // and no end that would have to be closed
	}
	return e, nil
}

func (e *pollEnd) read(ctx context.Context, p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for {
		if e.draining {
			p = p[:min(len(p), e.left)]
		}
		n, err := e.call(func(fd uintptr) (int, error) { return syscall.Read(int(fd), p) })
		switch {
		case n > 0:
			if e.draining {
				e.left -= n
			}
			return n, nil
		case err == nil && len(p) > 0:
			return 0, io.EOF
		case err != nil && err != syscall.EAGAIN:
			return 0, err
		case e.draining:
			return 0, os.ErrClosed
		}
		if err := e.ready.WaitReadable(ctx); err != nil && !e.draining {
			return 0, closed(err)
		}
	}
}

func (e *pollEnd) write(ctx context.Context, p []byte) (n int, err error) {
	for len(p) > 0 {
		m, err := e.call(func(fd uintptr) (int, error) { return syscall.Write(int(fd), p) })
		if m > 0 {
			n, p = n+m, p[m:]
			continue
		}
		if err != syscall.EAGAIN {
			return n, err
		}
		if err := e.ready.WaitWritable(ctx); err != nil {
			return n, closed(err)
		}
	}
	return n, nil
}

// call makes a system call that does not wait, again where a signal has cut it.
func (e *pollEnd) call(f func(fd uintptr) (int, error)) (n int, err error) {
	rawErr := e.raw.Control(func(fd uintptr) { // Read and Write would ask that other poller
		for {
			if n, err = f(fd); err != syscall.EINTR {
				return
			}
		}
	})
	if rawErr != nil {
		return 0, closed(rawErr)
	}
	return max(n, 0), err
}

// closed is err in the words of package os.
func closed(err error) error {
	if errors.Is(err, os.ErrClosed) || errors.Is(err, net.ErrClosed) {
		return os.ErrClosed
	}
	return err
}

func (e *pollEnd) drain() {
	e.draining, e.left = true, drained
	e.ready.Close() // ends the wait
}

func (e *pollEnd) close() error {
	e.ready.Close()
	return e.file.Close()
}
