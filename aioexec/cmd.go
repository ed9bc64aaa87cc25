package aioexec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// DefaultWaitDelay is what a WaitDelay of 0 stands for.
const DefaultWaitDelay = 5 * time.Second

// DefaultMaxOutput is what a MaxOutput of 0 stands for, in bytes.
const DefaultMaxOutput = 64 << 20

// What a call returns that comes too early or too late.
var (
	// ErrNotStarted is the error of calls that need a child where Start has not
	// been called, or has failed.
	ErrNotStarted = errors.New("aioexec: the command has not been started")
	// ErrStarted is the error of calls that must come before Start. A Cmd starts
	// one child: make another Cmd for the next.
	ErrStarted = errors.New("aioexec: the command has been started already: make a Cmd for each child")
	// ErrSimulated is the error of a Start on a simulated host: a child would be a
	// real process, in real time.
	ErrSimulated = fmt.Errorf("aioexec: a simulated host has no child processes: give the program a function in place of the command: %w", errors.ErrUnsupported)
)

// A Cmd is a command that is to run, runs or has run as a child process. Make one
// with [Command], or fill in Path and Args. Its exported fields are those of
// [os/exec.Cmd], with the differences noted here; set them before the start and
// leave them alone after it.
//
// A Cmd is for the tasks and callbacks of one loop. Several tasks may wait for it.
type Cmd struct {
	Path string   // of the program; a relative one is seen from Dir
	Args []string // with the name of the program as Args[0]; none: just Path
	Env  []string // "key=value"; nil: that of this process
	Dir  string   // where the child runs; "": where this process does

	// Stdin, Stdout and Stderr are the child's. Where one is nil the child gets
	// the null device, where it is an *os.File the file itself. Anything else is
	// copied through a pipe by a task of the loop: a Write of a *bytes.Buffer of
	// yours needs no lock, but one that blocks blocks the loop. A reader with a
	// method ReadContext and a writer with WriteContext, such as a network
	// connection of the loop or a [Pipe] of another Cmd, are called by that
	// instead and may wait. For what blocks, give the child a file of an os.Pipe
	// and copy in a thread.
	//
	// Stdout and Stderr may be the same writer: its Writes then come one at a
	// time, in the order in which the child wrote.
	Stdin          io.Reader
	Stdout, Stderr io.Writer

	ExtraFiles  []*os.File           // descriptors 3 and up of the child; not on Windows
	SysProcAttr *syscall.SysProcAttr // what else the system offers; it is copied

	// Group puts the child into a process group of its own, and signals go to all
	// of that group: to what the child has started too, unless that has left the
	// group. Elsewhere than on Unix it is an error of Start.
	Group bool

	// Cancel is what ends the child where it is cancelled: by the end of the
	// context of Run and its like and of Join, or by the end of the loop. It must
	// not wait. Nil stands for [Cmd.Terminate]. Where it fails the child is killed.
	Cancel func() error

	// WaitDelay bounds two waits: from Cancel to the kill, and from the child's end
	// to the closing of the pipes that are copied, which somebody whom the child
	// has started may hold open. 0 stands for [DefaultWaitDelay]; a negative one
	// is no bound, neither kill nor closing.
	WaitDelay time.Duration

	// MaxOutput bounds what Output, CombinedOutput and Communicate collect from
	// each pipe, in bytes (rule N2). 0 stands for [DefaultMaxOutput];
	// [asyncio.Unbounded] has to be asked for.
	MaxOutput int

	// Err is why the name given to Command was not found, or must not be used as
	// it was found: an exec.ErrNotFound or exec.ErrDot. Start returns it. See
	// package os/exec for why and how to overrule it.
	Err error

	Process      *os.Process      // after the start; leave Wait and Release to the Cmd
	ProcessState *os.ProcessState // after the child's end

	child  *child
	pipes  [3]*Pipe // that StdinPipe, StdoutPipe and StderrPipe have made
	speech *speech  // of Communicate
}

// Command is a Cmd that runs the program name with the given arguments. Where name
// has no separator it is looked for in the PATH, by the rules of [exec.Command];
// what that finds wrong is in Err.
func Command(name string, arg ...string) *Cmd {
	c := exec.Command(name, arg...)
	return &Cmd{Path: c.Path, Args: c.Args, Err: c.Err}
}

// String is what people call the command. It is not for a shell.
func (c *Cmd) String() string {
	if c.Err != nil || len(c.Args) == 0 {
		return strings.Join(append([]string{c.Path}, c.Args[min(1, len(c.Args)):]...), " ")
	}
	return (&exec.Cmd{Path: c.Path, Args: c.Args}).String()
}

// Environ is the environment in which the child would run, as [exec.Cmd.Environ].
func (c *Cmd) Environ() []string { return c.platform().Environ() }

// platform is the Cmd of the standard library, which knows the rules of each
// system for paths, environments and descriptors. It gets files alone, so that it
// starts no goroutine.
func (c *Cmd) platform() *exec.Cmd {
	return &exec.Cmd{
		Path: c.Path, Args: c.Args, Env: c.Env, Dir: c.Dir, Err: c.Err,
		ExtraFiles: c.ExtraFiles, SysProcAttr: c.SysProcAttr,
	}
}

func (c *Cmd) waitDelay() time.Duration {
	if c.WaitDelay == 0 {
		return DefaultWaitDelay
	}
	return c.WaitDelay
}

func (c *Cmd) maxOutput() int {
	if c.MaxOutput == 0 {
		return DefaultMaxOutput
	}
	return c.MaxOutput
}

// Run starts the command, waits for its end and for the copying of its output, and
// returns nil where the child has ended with status 0. Otherwise the error is an
// [exec.ExitError], or tells what else went wrong: [Cmd.Start] and [Cmd.Wait] have
// the list.
//
// If ctx ends Run ends the child and waits for that: see [Cmd.Join].
func (c *Cmd) Run(ctx context.Context) error {
	if err := c.Start(ctx); err != nil {
		return err
	}
	return c.Join(ctx)
}
