package aioexec

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/inside"
)

// child is a process that was started, or is about to be. A task of the loop, its
// keeper, lives as long as the process and its pipes do, whoever else waits for it
// or has stopped waiting: so no exit status is lost, and nobody is left as a zombie.
type child struct {
	cmd    *Cmd
	name   string
	home   context.Context // leads to the loop and does not end
	launch *launch
	task   *asyncio.Task[struct{}]

	pipes openPipes
	all   []*Pipe

	started  asyncio.Event
	startErr error
	unwanted bool // Start was cancelled, too late to start nothing

	copies []*copying
	moving int
	news   asyncio.WaitQueue // the keeper waits for an end of copying

	exit      exit // nil where nobody waits for it yet
	exited    bool
	state     *os.ProcessState
	waitErr   error // the state is not known
	cancelled bool  // it was told to end
	toldAt    time.Time
	cancelErr error
	noKill    func() // stops the timer of the kill
	cut       bool   // the pipes were closed while somebody had them open

	done asyncio.Event // err is known
	err  error
}

func newChild(ctx context.Context, c *Cmd) *child {
	k := &child{cmd: c, name: filepath.Base(c.Path), home: context.WithoutCancel(ctx), noKill: func() {}}
	k.launch = &launch{cmd: c.platform(), group: c.Group}
	c.child = k
	for _, p := range c.pipes {
		if p != nil {
			k.adopt(p)
		}
	}
	return k
}

// keep is the keeper.
func (k *child) keep(ctx context.Context) error {
	defer k.lastResort()
	if err := k.start(ctx); err != nil {
		k.closePipes()
		k.finish(err)
		return nil
	}
	k.startCopying()
	k.awaitExit(ctx)
	k.awaitCopies()
	k.finish(k.outcome())
	k.awaitPipes(ctx)
	return nil
}

// start starts the process and attaches the pipes to the loop.
func (k *child) start(ctx context.Context) error {
	unbounded := asyncio.ThreadLimiter(asyncio.NewCapacityLimiter(1)) // the user's threads may all be at work
	if _, err := asyncio.ToThread(ctx, k.launch.run, unbounded); err != nil {
		if k.launch.abandon() { // it was born in this very moment
			k.discard()
		}
		return err
	}
	for _, p := range k.all {
		if err := p.attach(k.home); err != nil {
			k.discard()
			return err
		}
	}
	k.cmd.Process = k.launch.cmd.Process
	k.started.Set()
	return nil
}

// discard ends a process that nobody knows yet.
func (k *child) discard() {
	p := k.launch.cmd.Process
	kill(p, k.cmd.Group)
	_, _ = asyncio.ToThread(k.home, func(context.Context) (*os.ProcessState, error) { return p.Wait() },
		asyncio.ThreadLimiter(asyncio.NewCapacityLimiter(1)))
	k.exited = true
}

// attach makes a pipe work on the loop.
func (p *Pipe) attach(ctx context.Context) (err error) {
	if p.closed {
		return nil
	}
	p.poller = inside.PollerOf(ctx)
	if p.end, err = newPollEnd(ctx, p.near); errors.Is(err, errors.ErrUnsupported) {
		p.end, err = newThreadEnd(ctx, p.near), nil
	}
	return err
}

// awaitExit waits for the end of the process. Where the keeper is cancelled, at the
// end of the loop, the process is.
func (k *child) awaitExit(ctx context.Context) {
	exit := newExit(k.home, k.cmd.Process)
	k.exit = exit
	defer exit.close()
	if err := exit.wait(ctx); err != nil {
		if k.unwanted {
			k.cancelled = true
			k.kill()
		}
		k.end()
		exit.wait(context.WithoutCancel(ctx))
	}
	if k.cancelled && k.cmd.Group {
		killGroup(k.cmd.Process) // whom it has left behind, and before its number is free
	}
	k.state, k.waitErr = exit.reap()
	k.exited = true
	k.noKill()
	k.cmd.ProcessState = k.state
}

// awaitCopies waits until everything is copied, and no longer than WaitDelay for
// somebody else who has a pipe open.
func (k *child) awaitCopies() {
	if input := k.copyOf(0); input != nil {
		input.stop() // who would read it?
	}
	stop := func() {}
	if delay := k.cmd.waitDelay(); k.moving > 0 && delay >= 0 {
		if k.cancelled {
			delay -= time.Since(k.toldAt) // there is one delay in all
		}
		stop = k.after(delay, k.cutCopies)
	}
	defer func() { stop() }()
	for k.moving > 0 {
		k.news.Park(k.home, "the end of the output")
	}
	for _, c := range k.copies {
		c.task.Await(k.home) // its panic is the keeper's, and so that of who waits
	}
}

// cutCopies ends the copying; what is in the pipes is still copied.
func (k *child) cutCopies() {
	for _, c := range k.copies {
		if !c.pipe.closed {
			k.cut = true
			c.pipe.end.drain()
			c.stop()
		}
	}
}

// copyOf is the copying of a stream, or nil.
func (k *child) copyOf(stream int) *copying {
	for _, c := range k.copies {
		if c.pipe.stream == streams[stream] {
			return c
		}
	}
	return nil
}

// awaitPipes waits until the user has closed the pipes, or the loop ends: then
// lastResort closes them.
func (k *child) awaitPipes(ctx context.Context) {
	for k.pipes.n > 0 {
		if _, err := k.pipes.closed.Park(ctx, "the closing of the pipes"); err != nil {
			return
		}
	}
}

// closePipes closes the pipes, also under threads that still write.
func (k *child) closePipes() {
	for _, p := range k.all {
		p.Close()
		p.near.Close()
	}
}

// finish makes the outcome known.
func (k *child) finish(err error) {
	if !k.started.IsSet() {
		k.startErr = err
	}
	k.err = err
	k.started.Set()
	k.done.Set()
}

// after calls f on the loop when d has passed. The time is real, as the child is: a
// virtual clock would jump over it.
func (k *child) after(d time.Duration, f func()) (stop func()) {
	if d <= 0 {
		f()
		return func() {}
	}
	handle := asyncio.OpenHandle(k.home)
	timer := time.AfterFunc(d, func() { handle.CallSoonThreadsafe(f) })
	return func() {
		timer.Stop()
		handle.Close()
	}
}
