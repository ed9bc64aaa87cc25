package aioexec

import (
	"errors"
	"os"
	"time"
)

// Pid is the number of the process, or 0 before the start. After the child's end the
// system may give it to somebody else: use [Cmd.Signal], which knows.
func (c *Cmd) Pid() int {
	if c.Process == nil {
		return 0
	}
	return c.Process.Pid
}

// Signal sends the child a signal, or with Group to all of its group. After its end
// the error is os.ErrProcessDone, and nobody gets the signal, whoever has the number
// of the process by now.
func (c *Cmd) Signal(sig os.Signal) error {
	switch {
	case c.Process == nil:
		return ErrNotStarted
	case c.child.exited:
		return os.ErrProcessDone
	case c.Group:
		return signalGroup(c.Process, sig)
	}
	return c.Process.Signal(sig)
}

// Terminate asks the child to end: SIGTERM. Where the system knows no such request,
// as Windows does not, it is a Kill.
func (c *Cmd) Terminate() error { return c.Signal(terminate) }

// Kill ends the child without asking it: SIGKILL.
func (c *Cmd) Kill() error { return c.Signal(os.Kill) }

// end makes the child end: Cancel, and after WaitDelay the kill. It does not wait.
func (k *child) end() {
	switch {
	case k.cancelled, k.done.IsSet():
		return
	case k.exited: // and somebody else has its output open, which nobody wants any more
		k.cancelled = true
		k.cutCopies()
		return
	}
	k.cancelled, k.toldAt = true, time.Now()
	cancel := k.cmd.Cancel
	if cancel == nil {
		cancel = k.cmd.Terminate
	}
	if d := k.cmd.waitDelay(); d >= 0 {
		k.noKill = k.after(d, k.kill) // first: cancel, which is the user's, may panic
	}
	if err := cancel(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		k.cancelErr = err
		k.kill()
	}
}

func (k *child) kill() {
	if k.exited {
		return
	}
	if err := k.cmd.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) && k.cancelErr == nil {
		k.cancelErr = err
	}
}

// kill is for where there is no Cmd any more that could know better.
func kill(p *os.Process, group bool) {
	if group {
		killGroup(p)
	}
	p.Kill()
}

// killGroup kills what is left of the group of a process.
func killGroup(p *os.Process) { _ = signalGroup(p, os.Kill) } // there may be nobody
