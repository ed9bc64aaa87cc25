package monitor

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
)

// A Follower is told of the tasks that begin and end in the middle of their steps, on
// the goroutine of the task: it is for those who have to give a task something on its
// way, such as the span of a trace. All others read a [Tape], which costs the loop less.
// It must not wait, nor call into the loop. Loops of several goroutines may call at the
// same time.
type Follower interface {
	// Begins comes before the first step of a task. The context that it returns carries
	// the task's values from now on; it must be made of Beginning.Bare. ends asks for a
	// call of Ends.
	Begins(Beginning) (ctx context.Context, ends bool)
	// Ends comes when the task has its outcome, with the context that Begins has returned.
	Ends(ctx context.Context, e Ending)
}

// A Beginning is a task that is about to run for the first time.
type Beginning struct {
	Loop   string
	Number uint32
	ID     uint64
	Name   string
	Site   Site // where its function is written
	// Above carries the values of the context under which the task was created. Bare is
	// the same without what a Follower has added for the task above: where each task of a
	// chain starts the next, contexts would pile up otherwise.
	Above, Bare context.Context
}

// An Ending is a task that has its outcome.
type Ending struct {
	Number uint32 // of the loop
	ID     uint64
	Name   string // that the task has now
	How    Cause
	Err    error
}

// ErrFollowed is the error of Follow where there is a follower already.
var ErrFollowed = errors.New("asyncio: somebody follows the tasks of this process already")

var follower atomic.Pointer[Follower]

// Follow makes f the follower of all tasks of the process that begin from now on, until
// stop is called; it is still told of the ends of those that have begun until then.
func Follow(f Follower) (stop func(), err error) {
	if !follower.CompareAndSwap(nil, &f) {
		return nil, ErrFollowed
	}
	return sync.OnceFunc(func() { follower.Store(nil) }), nil
}

// Following is the follower, nil where there is none.
func Following() *Follower { return follower.Load() }
