package asyncio

import (
	"context"
	"errors"
	"fmt"
	"time"
)

var (
	// ErrTaskCancelled tells that what was awaited was cancelled. It is not
	// the error of a wait that was cancelled itself, which is the context's
	// (rule C5).
	ErrTaskCancelled = errors.New("asyncio: the task was cancelled")

	// ErrDeadlock is the error of Run where every task waits and nobody is
	// left who could wake one (rule L5). The error that Run returns is a
	// [DeadlockError], which tells who waits for what.
	ErrDeadlock = errors.New("asyncio: deadlock")

	// ErrNotDone is the error of a Result that is asked for too early.
	ErrNotDone = errors.New("asyncio: no result yet: await it first")

	// ErrInvalidState is the error of setting a future that is done.
	ErrInvalidState = errors.New("asyncio: the future has its outcome already")

	// ErrLoopClosed is the error of using a loop after its Close, or a handle
	// after the loop's Run has returned.
	ErrLoopClosed = errors.New("asyncio: the loop is closed")

	// ErrLoopRunning is the error of a Run inside another, or of a second Run
	// of the same loop at the same time.
	ErrLoopRunning = errors.New("asyncio: the loop is running already")

	// ErrNoLoop is the error of a wait whose context does not come from a loop.
	ErrNoLoop = errors.New("asyncio: the context does not come from a running loop: pass on the one that Run or CreateTask gave to your function")

	// ErrNotInTask is the error of a wait outside a task: in a callback, or on
	// a goroutine that is not the loop's. Such a goroutine uses a [LoopHandle].
	ErrNotInTask = errors.New("asyncio: only a task can wait: not a callback, and not another goroutine, which must use OpenHandle, CallSoonThreadsafe or Submit")

	// ErrNotEnded is in the error of Run where a task had to be ended by force
	// because it did not end within the grace period.
	ErrNotEnded = errors.New("asyncio: did not end within the grace period")

	// errForced is the cause where the loop ends a task by force.
	errForced = fmt.Errorf("asyncio: ended by force: %w", ErrNotEnded)

	errOtherLoop = fmt.Errorf("%w (a task or future: send its value over by a LoopHandle)", ErrOtherLoop)
	errSelfAwait = errors.New("asyncio: a task cannot await itself")
	errGoexit    = errors.New("asyncio: the task called runtime.Goexit")
)

// A PanicError is a panic that happened in a task, with the stack of the place
// where it happened. It is raised again where the task is awaited, and by Run
// if nobody awaits it (rule L3).
type PanicError struct {
	Value any
	Stack []byte
	Task  string // name of the task

	raised bool // somebody awaited the task
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("panic in task %q: %v\n\n%s", e.Task, e.Value, e.Stack)
}

// Unwrap is the panic's value where that is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// A TaskCancelledError is the outcome of a task or future that was cancelled,
// as seen by whoever awaits it. It is an [ErrTaskCancelled]; it is not a
// [context.Canceled], because the one who awaits was not cancelled.
type TaskCancelledError struct {
	Name  string // of the task, or "future"
	Cause error  // what Cancel was given, or what ended the context; may be nil
}

func (e *TaskCancelledError) Error() string {
	if e.Cause == nil {
		return fmt.Sprintf("asyncio: %s was cancelled", e.Name)
	}
	return fmt.Sprintf("asyncio: %s was cancelled: %v", e.Name, e.Cause)
}

// Unwrap is ErrTaskCancelled and the cause, unless that is a context's own error.
func (e *TaskCancelledError) Unwrap() []error {
	if e.Cause == nil || isContextError(e.Cause) {
		return []error{ErrTaskCancelled}
	}
	return []error{ErrTaskCancelled, e.Cause}
}

// A TimeoutError tells which timeout has expired. It is a
// [context.DeadlineExceeded], and the cause of the context that the timeout made.
type TimeoutError struct {
	After time.Duration // between the making of the timeout and its deadline
	by    *Timeout
}

func (e *TimeoutError) Error() string {
	if e.After <= 0 {
		return "asyncio: timeout expired: its deadline had passed when it was set"
	}
	return fmt.Sprintf("asyncio: timeout of %v expired", e.After)
}

// Timeout is true: it makes the error a timeout for package net and its users.
func (e *TimeoutError) Timeout() bool { return true }

// Temporary is true, as for [context.DeadlineExceeded].
func (e *TimeoutError) Temporary() bool { return true }

// Unwrap is [context.DeadlineExceeded].
func (e *TimeoutError) Unwrap() error { return context.DeadlineExceeded }

// cancelledWait is the error of a wait that was cancelled for a reason of its
// own: both the context's error and the reason are in it.
type cancelledWait struct{ err, cause error }

func (e *cancelledWait) Error() string   { return e.err.Error() + ": " + e.cause.Error() }
func (e *cancelledWait) Unwrap() []error { return []error{e.err, e.cause} }
func (e *cancelledWait) Timeout() bool   { return e.err == context.DeadlineExceeded }

func isContextError(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
