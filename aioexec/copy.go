package aioexec

import (
	"context"
	"io"
	"os"
	"reflect"
	"sync"

	"github.com/goasyncio/asyncio"
)

// contextReader and contextWriter are what may wait on the loop.
type contextReader interface {
	ReadContext(ctx context.Context, p []byte) (int, error)
}

type contextWriter interface {
	WriteContext(ctx context.Context, p []byte) (int, error)
}

// isFile tells that the child gets i as it is, or, for nil, the null device.
func isFile(i any) bool {
	_, ok := i.(*os.File)
	return ok || i == nil
}

// input is what the child gets as its standard input.
func (k *child) input() (io.Reader, error) {
	if p := k.cmd.pipes[0]; p != nil {
		return p.far, nil
	}
	if isFile(k.cmd.Stdin) {
		return k.cmd.Stdin, nil
	}
	p, err := k.open1(0)
	if err != nil {
		return nil, err
	}
	k.copies = append(k.copies, &copying{pipe: p, move: func(ctx context.Context) error { return k.feed(ctx, p) }})
	return p.far, nil
}

// output is what the child gets as its standard output or error.
func (k *child) output(n int, w io.Writer) (io.Writer, error) {
	if p := k.cmd.pipes[n]; p != nil {
		return p.far, nil
	}
	if isFile(w) {
		return w, nil
	}
	p, err := k.open1(n)
	if err != nil {
		return nil, err
	}
	k.copies = append(k.copies, &copying{pipe: p, move: func(ctx context.Context) error { return collect(k.home, p, ctx, w) }})
	return p.far, nil
}

// open1 makes a pipe that is copied.
func (k *child) open1(n int) (*Pipe, error) {
	p, err := newPipe(streams[n], n > 0)
	if err == nil {
		k.adopt(p)
	}
	return p, err
}

// same tells that two writers are one. Some cannot be compared.
func same(a, b any) bool {
	return a != nil && b != nil && reflect.TypeOf(a) == reflect.TypeOf(b) && reflect.TypeOf(a).Comparable() && a == b
}

// copying is a task that copies between a pipe and a reader or writer of the user's.
type copying struct {
	pipe    *Pipe
	move    func(context.Context) error
	task    *asyncio.Task[struct{}]
	cancel  asyncio.CancelFunc // of waits for what is the user's
	stopped bool
	err     error
}

// startCopying begins the copying. What is copied does not end with the task that
// started the command, nor with main, but with the child: the child may need it to
// end in order.
func (k *child) startCopying() {
	k.moving = len(k.copies)
	for _, c := range k.copies {
		ctx, cancel := asyncio.WithCancel(k.home)
		c.cancel = cancel
		c.task = asyncio.Go(k.home, func(context.Context) error {
			returned := false
			defer func() {
				if !returned {
					k.end() // a panic: nobody will learn of it before the child has ended
				}
				cancel(nil)
				c.pipe.Close()
				k.moving--
				k.news.WakeAll()
			}()
			c.err = c.move(ctx)
			returned = true
			return nil
		}, asyncio.TaskName(c.pipe.String()))
	}
}

// stop ends the waits for what is the user's, such as a connection on which nothing
// comes, and marks the error as one of ours.
func (c *copying) stop() {
	if !c.pipe.closed {
		c.stopped = true
		c.cancel(nil)
	}
}

// feed writes what the user's reader has to the child, until that wants no more. ctx
// bounds the waits for the reader.
func (k *child) feed(ctx context.Context, p *Pipe) error {
	read := k.cmd.Stdin.Read
	if waits, ok := k.cmd.Stdin.(contextReader); ok {
		read = func(b []byte) (int, error) { return waits.ReadContext(ctx, b) }
	}
	err := carry(read, func(b []byte) (int, error) { return p.WriteContext(k.home, b) })
	if brokenPipe(err) {
		return nil // a child need not read to the end
	}
	return err
}

// collect reads what the child writes, under one context, and gives it to w under
// another.
func collect(ctx context.Context, p *Pipe, out context.Context, w io.Writer) error {
	read := func(b []byte) (int, error) { return p.ReadContext(ctx, b) }
	if c, ok := w.(collector); ok {
		return move(read, c.room, c.filled)
	}
	write := w.Write
	if waits, ok := w.(contextWriter); ok {
		write = func(b []byte) (int, error) { return waits.WriteContext(out, b) }
	}
	return carry(read, write)
}

// move is io.Copy without its shortcuts, which would not wait on the loop: it reads
// into what room returns and tells filled how much that was.
func move(read func([]byte) (int, error), room func() []byte, filled func(n int) error) error {
	for {
		n, err := read(room())
		if n > 0 {
			if err := filled(n); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// buffers are those of carry, for the next child.
var buffers = sync.Pool{New: func() any { return new([chunk]byte) }}

// carry is move through a buffer. One that met an error is left to the collector of
// garbage: a reader of the user's that was cancelled may have a thread that still
// fills it.
func carry(read, write func([]byte) (int, error)) error {
	buf := buffers.Get().(*[chunk]byte)
	err := move(read, func() []byte { return buf[:] }, func(n int) error {
		m, err := write(buf[:n])
		if err == nil && m < n {
			err = io.ErrShortWrite
		}
		return err
	})
	if err == nil {
		buffers.Put(buf)
	}
	return err
}
