package aioexec

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"sync"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/inside"
)

// Start starts the command and does not wait for its end. The system's call takes
// its time, so it is made in a thread: Start waits for that, and nobody else does.
//
// The child belongs to the loop. It goes on when ctx ends, and when the task ends
// that has started it; where it still runs when main has ended it is cancelled, as
// the tasks are, and awaited. A daemon that is to outlive the program is a thing for
// package os/exec.
//
// A Start that is cancelled has started nothing: a child that is born nevertheless
// is killed and reaped in the background. Whatever comes of Start, the Cmd is used
// up, and where it fails its pipes are closed.
func (c *Cmd) Start(ctx context.Context) error {
	if c.child != nil {
		return ErrStarted
	}
	k := newChild(ctx, c)
	err := asyncio.Checkpoint(ctx)
	if err == nil && inside.Simulated(ctx) {
		err = ErrSimulated
	}
	if err == nil {
		err = k.open()
	}
	if err != nil {
		k.closePipes()
		closeFiles(k.launch.theirs)
		k.finish(err)
		return err
	}
	k.task = asyncio.Go(k.home, k.keep, asyncio.TaskName("child "+k.name))
	if err := k.started.Wait(ctx); err != nil {
		k.unwanted = k.launch.abandon()
		k.task.Cancel(err)
		return err
	}
	return k.startErr
}

// open makes the pipes and puts the command together.
func (k *child) open() error {
	c, cmd := k.cmd, k.launch.cmd
	if err := prepare(c, cmd); err != nil {
		return err
	}
	var err error
	if cmd.Stdin, err = k.input(); err != nil {
		return err
	}
	if cmd.Stdout, err = k.output(1, c.Stdout); err != nil {
		return err
	}
	if c.Stdout != nil && same(c.Stdout, c.Stderr) {
		cmd.Stderr = cmd.Stdout
		return nil
	}
	cmd.Stderr, err = k.output(2, c.Stderr)
	return err
}

// adopt makes a pipe the child's, which gets the far end.
func (k *child) adopt(p *Pipe) {
	p.child, p.pipes = k.name, &k.pipes
	k.pipes.n++
	k.all = append(k.all, p)
	k.launch.theirs = append(k.launch.theirs, p.far)
}

// A launch is the start of a child in a thread, which may be given up meanwhile.
type launch struct {
	cmd    *exec.Cmd
	group  bool
	theirs []*os.File // the child's ends, for the thread to close

	mu        sync.Mutex
	entered   bool // the thread is at work
	abandoned bool // nobody wants the child any more
	born      bool
}

var errAbandoned = errors.New("aioexec: the start was given up")

// run is the thread. Either it hands over a child that runs, or there is none any
// more when it returns.
func (l *launch) run(context.Context) (struct{}, error) {
	if !l.enter() {
		return struct{}{}, errAbandoned
	}
	err := l.cmd.Start()
	closeFiles(l.theirs)
	if err != nil {
		return struct{}{}, err
	}
	if !l.handOver() {
		kill(l.cmd.Process, l.group)
		l.cmd.Process.Wait()
		return struct{}{}, errAbandoned
	}
	return struct{}{}, nil
}

func (l *launch) enter() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entered = !l.abandoned
	return l.entered
}

func (l *launch) handOver() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.born = !l.abandoned
	return l.born
}

// abandon gives the start up, and tells whether it was too late for that: then there
// is a child, which belongs to the caller.
func (l *launch) abandon() (born bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.abandoned = true
	if !l.entered {
		closeFiles(l.theirs) // no thread will
	}
	return l.born
}

// closeFiles may be called twice.
func closeFiles(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}
