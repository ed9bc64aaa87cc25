package aioexec

import (
	"context"
	"fmt"
	"os/exec"
)

// Wait waits for the child's end, and until its output is copied. It is nil where
// the child has ended with status 0. Otherwise the error is
//   - an [exec.ExitError], where it has ended with another status or by a signal;
//   - the error of a reader or writer of the user's, of which the copying met one;
//   - [exec.ErrWaitDelay], where somebody else kept the output open for longer than
//     WaitDelay. What was in the pipes until then is copied;
//   - [ErrNotStarted].
//
// If ctx ends first Wait returns its error, and the child goes on: Wait bounds a
// wait and nothing else (rule C5), as in asyncio. [Cmd.Join] ends it. Any number of
// tasks may wait, also after the end.
func (c *Cmd) Wait(ctx context.Context) error {
	k := c.child
	if k == nil {
		return ErrNotStarted
	}
	if err := k.done.Wait(ctx); err != nil {
		return err
	}
	if k.task != nil && k.task.Done() {
		if _, err := k.task.Await(k.home); err != nil && !k.task.Cancelled() { // a panic is raised
			return err
		}
	}
	return k.err
}

// Join is Wait for the one who owns the child: if ctx ends, it ends the child by
// Cancel, which is SIGTERM unless you say otherwise, kills it where it still runs
// after WaitDelay, and returns when it has ended. The error is ctx's then, joined by
// how the child has ended. What the child has started goes on unless it is in the
// same Group: of that whoever is left when the child has ended is killed.
func (c *Cmd) Join(ctx context.Context) error {
	err := c.Wait(ctx)
	k := c.child
	if k == nil || k.done.IsSet() {
		return err
	}
	k.end()
	if end := c.Wait(context.WithoutCancel(ctx)); end != nil {
		return fmt.Errorf("%w: %s: %w", err, k.name, end)
	}
	return err
}

// outcome is what Wait returns.
func (k *child) outcome() error {
	copied := k.copyErr()
	switch {
	case k.waitErr != nil:
		return fmt.Errorf("aioexec: waiting for %s: %w", k.name, k.waitErr)
	case !k.state.Success() && copied != nil:
		return fmt.Errorf("%w, after %w", &exec.ExitError{ProcessState: k.state}, copied)
	case !k.state.Success():
		return &exec.ExitError{ProcessState: k.state}
	case k.cancelErr != nil:
		return fmt.Errorf("aioexec: ending %s: %w", k.name, k.cancelErr)
	case copied != nil:
		return copied
	case k.cut:
		return exec.ErrWaitDelay
	}
	return nil
}

// copyErr is the first error of the copying that is not its being cut.
func (k *child) copyErr() error {
	for _, c := range k.copies {
		if c.err != nil && !c.stopped {
			return fmt.Errorf("aioexec: copying %s: %w", c.pipe, c.err)
		}
	}
	return nil
}
