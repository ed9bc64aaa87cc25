package aioexec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/inside"
)

// A Pipe is this process's end of a pipe to or from a child: of its standard input
// it can only be written, of its output only be read. It works from the start of
// the Cmd that has made it until its Close. The Cmd does not close it at the
// child's end, as package os/exec does: what the child has written last can be read
// after Wait.
//
// At the end of the loop, and where the start fails, the pipes of a Cmd are closed.
//
// A wait of a Pipe is bounded by its context; there are no deadlines. For a library
// that sets them, or that takes a net.Conn, give the child an end of an os.Pipe as a
// file and make the other end an aionet.Stream by aionet.FileConn: see the example of
// [Cmd.Start].
type Pipe struct {
	child  string // for messages
	stream string
	near   *os.File // this process's end
	far    *os.File // the child's
	end    end
	poller inside.Poller
	reads  bool
	busy   bool
	closed bool
	spent  int // bytes since the others had their turn
	pipes  *openPipes
}

// end is how the loop reads and writes the near end: by its own poller, or, where it
// has none that takes pipes, by threads. read and write are not called by two tasks
// at a time. close ends both with os.ErrClosed, and closes the file.
type end interface {
	read(ctx context.Context, p []byte) (int, error)
	write(ctx context.Context, p []byte) (int, error)
	// drain makes reads end with os.ErrClosed where the pipe is empty.
	drain()
	close() error
}

// openPipes wakes the keeper of a child when one of its pipes is closed.
type openPipes struct {
	n      int
	closed asyncio.WaitQueue
}

// newPipe makes a pipe of which the child gets the one end.
func newPipe(stream string, reads bool) (*Pipe, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("aioexec: a pipe for %s: %w", stream, err)
	}
	p := &Pipe{stream: stream, reads: reads, near: r, far: w}
	if !reads {
		p.near, p.far = w, r
	}
	return p, nil
}

// StdinPipe makes a pipe that will be the child's standard input. Close it where
// the child is to see the end of its input. It must be called before the start.
func (c *Cmd) StdinPipe() (*Pipe, error) { return c.pipe(0, c.Stdin != nil) }

// StdoutPipe makes a pipe that will be the child's standard output. It must be
// called before the start. Somebody must read it to its end, or close it: a child
// that fills the pipe waits.
func (c *Cmd) StdoutPipe() (*Pipe, error) { return c.pipe(1, c.Stdout != nil) }

// StderrPipe is StdoutPipe for the child's standard error.
func (c *Cmd) StderrPipe() (*Pipe, error) { return c.pipe(2, c.Stderr != nil) }

func (c *Cmd) pipe(n int, taken bool) (*Pipe, error) {
	if c.child != nil {
		return nil, ErrStarted
	}
	if taken || c.pipes[n] != nil {
		return nil, fmt.Errorf("aioexec: %s of the command is set already", streams[n])
	}
	p, err := newPipe(streams[n], n > 0)
	c.pipes[n] = p
	return p, err
}

var streams = [3]string{"stdin", "stdout", "stderr"}

// ReadContext waits until the child has written something and reads up to len(b)
// bytes of it. The end is io.EOF: every process that had the other end has closed
// it. A cancelled ReadContext has taken nothing. A second reader gets
// [asyncio.ErrBusy]; Close ends the wait with os.ErrClosed.
func (p *Pipe) ReadContext(ctx context.Context, b []byte) (int, error) {
	if err := p.enter(ctx, "read", p.reads); err != nil {
		return 0, err
	}
	n := 0
	defer func() { p.leave(n) }()
	n, err := p.end.read(ctx, b)
	return n, p.wrap(ctx, "read", err)
}

// WriteContext writes b and waits while the pipe is full. It returns how much of b
// the pipe has taken: a cancelled WriteContext may have written a part. Where the
// child reads no more the error is a syscall.EPIPE. A second writer gets
// [asyncio.ErrBusy]; Close ends the wait with os.ErrClosed.
func (p *Pipe) WriteContext(ctx context.Context, b []byte) (int, error) {
	if err := p.enter(ctx, "write", !p.reads); err != nil {
		return 0, err
	}
	n := 0
	defer func() { p.leave(n) }()
	n, err := p.writeAll(ctx, b)
	return n, p.wrap(ctx, "write", err)
}

// writeAll writes b in parts that are a fair share each.
func (p *Pipe) writeAll(ctx context.Context, b []byte) (n int, err error) {
	for {
		m, err := p.end.write(ctx, b[n:min(len(b), n+fairShare)])
		if n += m; err != nil || n == len(b) {
			return n, err
		}
		if err := asyncio.Yield(ctx); err != nil {
			return n, err
		}
	}
}

// Read is ReadContext under the context of the calling task: see [Pipe.WithContext].
func (p *Pipe) Read(b []byte) (int, error) { return p.underTask("read", p.ReadContext, b) }

// Write is WriteContext under the context of the calling task.
func (p *Pipe) Write(b []byte) (int, error) { return p.underTask("write", p.WriteContext, b) }

func (p *Pipe) underTask(op string, do func(context.Context, []byte) (int, error), b []byte) (int, error) {
	if p.poller == nil {
		return 0, p.fail(op, ErrNotStarted)
	}
	ctx, err := p.poller.Context()
	if err != nil {
		return 0, p.fail(op, err)
	}
	return do(ctx, b)
}

// WithContext is a view of p whose Read and Write wait under ctx, such as that of a
// timeout inside a task: for libraries that take an io.Reader or io.Writer, such as
// bufio. It has no state of its own.
func (p *Pipe) WithContext(ctx context.Context) io.ReadWriteCloser { return &bound{p, ctx} }

type bound struct {
	*Pipe
	ctx context.Context
}

func (b *bound) Read(p []byte) (int, error)  { return b.ReadContext(b.ctx, p) }
func (b *bound) Write(p []byte) (int, error) { return b.WriteContext(b.ctx, p) }

var errDirection = errors.New("the pipe goes the other way")

// enter begins a read or a write.
func (p *Pipe) enter(ctx context.Context, op string, possible bool) error {
	turn := asyncio.Checkpoint
	if p.spent > fairShare {
		p.spent, turn = 0, asyncio.Yield
	}
	if err := turn(ctx); err != nil {
		return err
	}
	switch {
	case !possible:
		return p.fail(op, errDirection)
	case p.closed:
		return p.fail(op, os.ErrClosed)
	case p.end == nil:
		return p.fail(op, ErrNotStarted)
	case p.busy:
		return p.fail(op, asyncio.ErrBusy)
	}
	p.busy = true
	return nil
}

// fairShare is how many bytes a task may move without giving way to the others.
const fairShare = 256 << 10

func (p *Pipe) leave(n int) {
	p.busy = false
	p.spent += n
}

// wrap puts the pipe's name to errors that are the pipe's.
func (p *Pipe) wrap(ctx context.Context, op string, err error) error {
	switch {
	case err == nil, err == io.EOF, err == ctx.Err():
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	return p.fail(op, err)
}

func (p *Pipe) fail(op string, err error) error {
	return &os.PathError{Op: op, Path: p.String(), Err: err}
}

// String is what reports and errors call the pipe.
func (p *Pipe) String() string {
	if p.child == "" {
		return p.stream
	}
	return p.stream + " of " + p.child
}

// Close closes this process's end. A child that reads meets the end of its input,
// one that writes a broken pipe. Waits end with os.ErrClosed. It may be called
// twice.
func (p *Pipe) Close() error {
	if p.closed {
		return nil
	}
	p.closed = true
	var err error
	if p.end != nil {
		err = p.end.close()
	} else {
		err = p.near.Close()
	}
	if errors.Is(err, os.ErrClosed) { // drain has
		err = nil
	}
	if p.pipes != nil {
		p.pipes.n--
		p.pipes.closed.WakeAll()
	} else {
		p.far.Close() // it was not started
	}
	return err
}
