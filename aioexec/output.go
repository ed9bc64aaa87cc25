package aioexec

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
)

// ErrOutputLimit is the error where a child has written more than MaxOutput. It was
// ended then, as by a cancellation; what it wrote up to the limit is returned.
var ErrOutputLimit = errors.New("aioexec: the child wrote more than MaxOutput bytes")

// Output runs the command, as [Cmd.Run] does, and returns what it has written to its
// standard output, at most MaxOutput bytes, also where there is an error. Where
// Stderr is nil an [exec.ExitError] has the beginning and the end of what it wrote
// there in its field Stderr.
func (c *Cmd) Output(ctx context.Context) ([]byte, error) {
	if err := c.vacant(1, c.Stdout != nil); err != nil {
		return nil, err
	}
	out := c.bounded()
	c.Stdout = out
	var ends *excerpt
	if c.Stderr == nil && c.pipes[2] == nil {
		ends = &excerpt{}
		c.Stderr = ends
	}
	err := c.Run(ctx)
	var exit *exec.ExitError
	if ends != nil && errors.As(err, &exit) {
		exit.Stderr = ends.bytes()
	}
	return out.buf, err
}

// CombinedOutput is Output for standard output and standard error together, in the
// order in which the child has written them.
func (c *Cmd) CombinedOutput(ctx context.Context) ([]byte, error) {
	if err := errors.Join(c.vacant(1, c.Stdout != nil), c.vacant(2, c.Stderr != nil)); err != nil {
		return nil, err
	}
	out := c.bounded()
	c.Stdout, c.Stderr = out, out
	err := c.Run(ctx)
	return out.buf, err
}

// vacant refuses to collect what goes elsewhere.
func (c *Cmd) vacant(n int, taken bool) error {
	switch {
	case c.child != nil:
		return ErrStarted
	case taken || c.pipes[n] != nil:
		return fmt.Errorf("aioexec: %s of the command is set already", streams[n])
	}
	return nil
}

// A bounded collects up to max bytes and ends the child that writes more.
type bounded struct {
	cmd *Cmd
	buf []byte
	max int
}

func (c *Cmd) bounded() *bounded { return &bounded{cmd: c, max: c.maxOutput()} }

func (b *bounded) Write(p []byte) (int, error) {
	n := min(len(p), b.max-len(b.buf))
	b.buf = append(b.buf, p[:n]...)
	if n < len(p) {
		b.cmd.child.end()
		return n, ErrOutputLimit
	}
	return n, nil
}

// half is how much an excerpt keeps of each end.
const half = 32 << 10

// An excerpt keeps the beginning and the end of what is written to it.
type excerpt struct {
	head, tail []byte
	written    int
}

func (e *excerpt) Write(p []byte) (int, error) {
	e.written += len(p)
	n := min(len(p), half-len(e.head))
	e.head = append(e.head, p[:n]...)
	e.tail = append(e.tail, p[n:]...)
	if len(e.tail) > 2*half { // not at each write
		e.tail = bytes.Clone(e.tail[len(e.tail)-half:])
	}
	return len(p), nil
}

func (e *excerpt) bytes() []byte {
	tail := e.tail[max(0, len(e.tail)-half):]
	left := e.written - len(e.head) - len(tail)
	if left == 0 {
		return append(e.head, tail...)
	}
	return fmt.Appendf(nil, "%s\n... %d bytes left out ...\n%s", e.head, left, tail)
}
