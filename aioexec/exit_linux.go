package aioexec

import (
	"context"
	"os"

	"golang.org/x/sys/unix"

	"github.com/goasyncio/asyncio"
)

// pollExit waits for a pidfd, a descriptor that stands for this one process and
// becomes readable at its end. It is a copy of the one that package os reaps and
// signals by: a user's Process.Release cannot close it behind the loop's back.
type pollExit struct {
	home    context.Context
	process *os.Process
	fd      int
	ready   *asyncio.Descriptor
	thread  *threadExit // where the poller has failed
}

// newPollExit is nil where the kernel has no pidfd (before 5.4), or a sandbox forbids
// it, or the loop has no poller.
func newPollExit(ctx context.Context, p *os.Process) exit {
	fd := -1
	err := p.WithHandle(func(pidfd uintptr) {
		if n, err := unix.FcntlInt(pidfd, unix.F_DUPFD_CLOEXEC, 0); err == nil {
			fd = n
		}
	})
	if err != nil || fd < 0 {
		return nil
	}
	ready, err := asyncio.OpenDescriptor(ctx, fd)
	if err != nil {
		unix.Close(fd)
		return nil
	}
	return &pollExit{home: ctx, process: p, fd: fd, ready: ready}
}

func (e *pollExit) wait(ctx context.Context) error {
	if e.thread == nil {
		err := e.ready.WaitReadable(ctx)
		if err == nil || ctx.Err() != nil {
			return err
		}
		e.thread = newThreadExit(e.home, e.process)
	}
	return e.thread.wait(ctx)
}

func (e *pollExit) reap() (*os.ProcessState, error) {
	if e.thread != nil {
		return e.thread.reap()
	}
	return e.process.Wait()
}

func (e *pollExit) reapNow() *os.ProcessState {
	if e.thread != nil {
		return e.thread.reapNow()
	}
	state, _ := e.process.Wait()
	return state
}

func (e *pollExit) close() {
	e.ready.Close()
	unix.Close(e.fd)
}
