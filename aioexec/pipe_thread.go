package aioexec

import (
	"context"
	"os"

	"github.com/goasyncio/asyncio"
)

// chunk is how much a thread reads or writes at a time.
const chunk = 32 << 10

// threadEnd is an end of a pipe where the loop cannot wait for pipes: each read and
// each write of the file is a call in a thread, on behalf of a task of its own. That
// one goes on when its reader is cancelled, so that what it has read is not lost: the
// next read gets it.
type threadEnd struct {
	file    *os.File
	home    context.Context
	limiter *asyncio.CapacityLimiter // of its own: a pipe may wait for long
	waiters asyncio.WaitQueue
	buf     []byte
	rest    []byte // that was read
	short   int    // that was not written
	err     error
	working bool
	writing bool
	closed  bool
}

func newThreadEnd(ctx context.Context, f *os.File) end {
	return &threadEnd{
		file: f, home: context.WithoutCancel(ctx),
		limiter: asyncio.NewCapacityLimiter(1), buf: make([]byte, chunk),
	}
}

func (e *threadEnd) read(ctx context.Context, p []byte) (int, error) {
	for len(e.rest) == 0 && e.err == nil && len(p) > 0 && !e.closed {
		if !e.working {
			e.work(func() (int, error) { return e.file.Read(e.buf) }, func(n int) { e.rest = e.buf[:n] })
		}
		if err := e.wait(ctx); err != nil {
			return 0, err
		}
	}
	if n := copy(p, e.rest); n > 0 || len(p) == 0 {
		e.rest = e.rest[n:]
		return n, nil
	}
	if e.closed {
		return 0, os.ErrClosed
	}
	return 0, e.err
}

// write returns when a thread has written the last of p. One that is cancelled has
// written what a thread is about to write.
func (e *threadEnd) write(ctx context.Context, p []byte) (n int, err error) {
	for {
		for e.working && !e.closed {
			if err := e.wait(ctx); err != nil {
				return n, err
			}
		}
		switch {
		case e.closed:
			return n, os.ErrClosed
		case e.err != nil:
			return max(n-e.short, 0), e.err
		}
		if len(p) == 0 {
			return n, nil
		}
		part := e.buf[:copy(e.buf, p)]
		p, n = p[len(part):], n+len(part)
		e.writing = true
		e.work(func() (int, error) { return e.file.Write(part) }, func(n int) {
			e.short = len(part) - n
			e.writing = false
			if e.closed {
				e.file.Close()
			}
		})
	}
}

// work does f in a thread, and then done and those who wait on the loop.
func (e *threadEnd) work(f func() (int, error), done func(int)) {
	e.working = true
	asyncio.Go(e.home, func(ctx context.Context) error {
		n, err := asyncio.ToThread(context.WithoutCancel(ctx), func(context.Context) (int, error) {
			return f()
		}, asyncio.ThreadLimiter(e.limiter))
		e.working = false
		e.err = bare(err)
		done(n)
		e.waiters.WakeAll()
		return nil
	}, asyncio.TaskName("thread of a pipe"))
}

// bare is err without the words of package os, which the pipe has its own for.
func bare(err error) error {
	if p, ok := err.(*os.PathError); ok {
		return p.Err
	}
	return err
}

// wait waits for the thread.
func (e *threadEnd) wait(ctx context.Context) error {
	_, err := e.waiters.Park(ctx, e)
	return err
}

func (e *threadEnd) String() string { return "a pipe" }

// drain cannot tell a pipe that is empty from one that is slow: it closes the file.
func (e *threadEnd) drain() { e.close() }

// close ends the waits. What a write that was cancelled has left to its thread is
// still written: the file is closed after that.
func (e *threadEnd) close() error {
	e.closed = true
	e.waiters.WakeAll()
	if e.writing {
		return nil
	}
	return e.file.Close()
}
