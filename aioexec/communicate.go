package aioexec

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/goasyncio/asyncio"
)

// Communicate writes input to the child's standard input and closes that, collects
// what it writes to its standard output and error, at most MaxOutput bytes of each,
// and waits for its end, all at the same time, so that neither waits for the other.
// A child that does not read all of its input is no error. Otherwise the error is as
// Wait's, and what was collected until then is returned with it.
//
// Who starts the child owns it. Where the command has not been started, Communicate
// starts it, and if ctx ends it ends the child, as [Cmd.Join] does. Of a command that
// was started before, Communicate uses those of the three pipes that were made by
// StdinPipe, StdoutPipe and StderrPipe; if ctx ends it returns its error, the child
// goes on, and nothing is lost: a second Communicate, whose input is not looked at,
// goes on where the first one has stopped.
func (c *Cmd) Communicate(ctx context.Context, input []byte) (stdout, stderr []byte, err error) {
	if c.child != nil {
		return c.converse(ctx, input)
	}
	if err := errors.Join(c.vacant(0, c.Stdin != nil), c.vacant(1, c.Stdout != nil), c.vacant(2, c.Stderr != nil)); err != nil {
		return nil, nil, err
	}
	out, errs := c.bounded(), c.bounded()
	c.Stdin, c.Stdout, c.Stderr = bytes.NewReader(input), out, errs
	err = c.Run(ctx)
	return out.buf, errs.buf, err
}

// speech is how far a Communicate with a child has come that was started before.
type speech struct {
	input    []byte
	out, err *bounded
	busy     bool
	cut      bool
}

// converse is Communicate with a child that runs.
func (c *Cmd) converse(ctx context.Context, input []byte) (stdout, stderr []byte, err error) {
	if c.speech == nil {
		c.speech = &speech{input: bytes.Clone(input), out: c.bounded(), err: c.bounded()}
	}
	s := c.speech
	if s.busy {
		return nil, nil, asyncio.ErrBusy
	}
	if len(s.input) > 0 && c.pipes[0] == nil {
		return nil, nil, errors.New("aioexec: input for a command without StdinPipe")
	}
	s.busy = true
	defer func() { s.busy = false }()
	err = c.meet(ctx, s)
	return s.out.buf, s.err.buf, err
}

// meet writes, reads and waits at the same time.
func (c *Cmd) meet(ctx context.Context, s *speech) error {
	var copied error
	stop := func() {}
	defer func() { stop() }()
	err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		s.move(g, c.pipes[0], &copied, func(ctx context.Context, p *Pipe) error { return s.say(ctx, p) })
		s.move(g, c.pipes[1], &copied, func(ctx context.Context, p *Pipe) error { return collect(ctx, p, ctx, s.out) })
		s.move(g, c.pipes[2], &copied, func(ctx context.Context, p *Pipe) error { return collect(ctx, p, ctx, s.err) })
		if err := c.child.done.Wait(ctx); err != nil {
			return err
		}
		if d := c.waitDelay(); d >= 0 {
			stop = c.child.after(d, func() { s.stop(c.pipes) })
		}
		return nil
	})
	if err == nil {
		err = c.Wait(ctx)
	}
	switch {
	case err != nil && copied != nil:
		return fmt.Errorf("%w, after %w", err, copied)
	case err == nil && copied != nil:
		return copied
	case err == nil && s.cut:
		return exec.ErrWaitDelay
	}
	return err
}

// move is one direction. Its end closes the pipe, a cancellation does not.
func (s *speech) move(g *asyncio.TaskGroup, p *Pipe, first *error, f func(context.Context, *Pipe) error) {
	if p == nil || p.closed {
		return
	}
	g.Go(func(ctx context.Context) error {
		err := f(ctx, p)
		if err != nil && ctx.Err() != nil {
			return err
		}
		if err != nil && *first == nil && !(s.cut && errors.Is(err, os.ErrClosed)) {
			*first = err
		}
		return p.Close()
	}, asyncio.TaskName(p.String()))
}

// say writes what is left of the input.
func (s *speech) say(ctx context.Context, p *Pipe) error {
	for len(s.input) > 0 {
		n, err := p.WriteContext(ctx, s.input)
		s.input = s.input[n:]
		if brokenPipe(err) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// stop ends the reading from somebody else who has the pipes of an ended child.
func (s *speech) stop(pipes [3]*Pipe) {
	for _, p := range pipes {
		if p != nil && !p.closed {
			s.cut = true
			p.end.drain()
		}
	}
}
