package aioexec

import (
	"context"
	"os"

	"github.com/goasyncio/asyncio"
)

// exit is how the loop learns of the end of a process. It waits for that one
// process and never for "any child", whose end may be somebody else's business.
type exit interface {
	// wait waits until the process has ended. It may be called again.
	wait(ctx context.Context) error
	// reap is for after that: it does not wait.
	reap() (*os.ProcessState, error)
	// reapNow blocks until the process has ended and is reaped; it is not for the loop.
	reapNow() *os.ProcessState
	close()
}

// newExit takes the system's own way where it has one that the loop's poller can
// wait for, and a thread where not.
func newExit(ctx context.Context, p *os.Process) exit {
	if e := newPollExit(ctx, p); e != nil {
		return e
	}
	return newThreadExit(ctx, p)
}

func newThreadExit(ctx context.Context, p *os.Process) *threadExit {
	e := &threadExit{process: p, reaped: make(chan struct{})}
	asyncio.Go(ctx, func(ctx context.Context) error {
		limiter := asyncio.NewCapacityLimiter(1) // the user's threads may all be at work
		asyncio.ToThread(context.WithoutCancel(ctx), func(context.Context) (struct{}, error) {
			e.state, e.err = p.Wait()
			close(e.reaped)
			return struct{}{}, nil
		}, asyncio.ThreadLimiter(limiter))
		e.ended.Set()
		return nil
	}, asyncio.TaskName("thread of a child"))
	return e
}

// threadExit is a thread in os.Process.Wait, on behalf of a task of its own.
type threadExit struct {
	process *os.Process
	ended   asyncio.Event
	reaped  chan struct{} // state and err are known
	state   *os.ProcessState
	err     error
}

func (e *threadExit) wait(ctx context.Context) error  { return e.ended.Wait(ctx) }
func (e *threadExit) reap() (*os.ProcessState, error) { return e.state, e.err }
func (e *threadExit) close()                          {}

func (e *threadExit) reapNow() *os.ProcessState {
	state, err := e.process.Wait() // the thread may not have begun, and never will
	if err != nil {
		<-e.reaped
		return e.state
	}
	return state
}
