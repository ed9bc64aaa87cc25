//go:build unix

package aioexec

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// terminate is how a process is asked to end.
var terminate os.Signal = syscall.SIGTERM

// prepare adds what the fields of a Cmd ask of the system.
func prepare(c *Cmd, cmd *exec.Cmd) error {
	if !c.Group {
		return nil
	}
	attr := syscall.SysProcAttr{}
	if c.SysProcAttr != nil {
		attr = *c.SysProcAttr
	}
	if attr.Pgid != 0 {
		return errors.New("aioexec: Group makes a new process group, and SysProcAttr.Pgid names another: use one of them")
	}
	attr.Setpgid = !attr.Setsid // a new session is a new group too
	cmd.SysProcAttr = &attr
	return nil
}

// signalGroup sends a signal to the group that p leads. Its number is that of p and
// stays taken while p has not been reaped, and while anybody is in the group.
func signalGroup(p *os.Process, sig os.Signal) error {
	s, ok := sig.(syscall.Signal)
	if !ok {
		return errors.New("aioexec: unsupported signal type")
	}
	err := syscall.Kill(-p.Pid, s)
	if err == syscall.ESRCH {
		return os.ErrProcessDone
	}
	return os.NewSyscallError("kill", err)
}
