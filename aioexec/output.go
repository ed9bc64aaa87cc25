package aioexec

import (
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
