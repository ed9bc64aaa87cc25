package aioexec

import (
	"context"
	"net"
	"os"

	"golang.org/x/sys/unix"

	"github.com/goasyncio/asyncio"
)

// pollExit waits for a pidfd, a descriptor that stands for this one process and
// becomes readable at its end. It is a copy of the one that package os reaps and
// signals by: a user's Process.Release cannot close it behind the loop's back.
type pollExit struct {
	process *os.Process
	fd      int
	ready   *asyncio.Descriptor
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
	return &pollExit{p, fd, ready}
}

// wait tells readiness from a cancellation by ctx: what else goes wrong with the
// descriptor is found out by reap, which waits in any case.
func (e *pollExit) wait(ctx context.Context) error {
	if err := e.ready.WaitReadable(ctx); ctx.Err() != nil && err != net.ErrClosed {
		return err
	}
	return nil
}

func (e *pollExit) reap() (*os.ProcessState, error) { return e.process.Wait() }

func (e *pollExit) close() {
	e.ready.Close()
	unix.Close(e.fd)
}
