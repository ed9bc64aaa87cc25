package asyncio

import (
	"context"
)

// Receive waits for a value from a Go channel: the way from goroutines that know
// nothing of the loop. ok is false where the channel is closed. A value that is
// there is taken without waiting; else a goroutine waits for it. If ctx ends first
// nothing has been taken from the channel; if a value came at the same time it is
// returned, and the next wait meets the cancellation (rule C3).
func Receive[T any](ctx context.Context, ch <-chan T) (v T, ok bool, err error) {
	if err := Checkpoint(ctx); err != nil {
		return v, false, err
	}
	select {
	case v, ok = <-ch:
		return v, ok, nil
	default:
	}
	l := RunningLoop(ctx)
	r := &receiving[T]{box: l.posts, quit: make(chan struct{})}
	l.handles++
	go r.run(ch)
	defer r.callBack() // the loop may end the task by force
	_, err = r.waiter.Park(ctx, r)
	if !r.answered { // ctx has ended since the checkpoint: there was no wait to abort
		r.callBack()
		r.waiter.Park(context.WithoutCancel(ctx), r)
	}
	if r.taken {
		err = nil
	}
	return r.value, r.ok, err
}

// receiving is a Receive under way.
type receiving[T any] struct {
	box      *postbox
	waiter   WaitQueue
	quit     chan struct{}
	value    T
	ok       bool
	called   bool // back
	answered bool // the goroutine is as good as ended
	taken    bool // the channel gave a value, or was closed
}

func (r *receiving[T]) run(ch <-chan T) {
	select {
	case r.value, r.ok = <-ch:
		r.taken = true
	case <-r.quit:
	}
	r.box.post(func() {
		if l := r.box.loop; r.called {
			l.threads--
		} else {
			l.handles--
		}
		r.answered = true
		r.waiter.Wake(1)
	})
}

// abort calls the goroutine back. The task stays until that has answered: it may
// have taken a value at this moment.
func (r *receiving[T]) abort(*taskCore, *ended) bool {
	r.callBack()
	return false
}

// callBack makes the goroutine end, if it has not.
func (r *receiving[T]) callBack() {
	if r.called || r.answered {
		return
	}
	close(r.quit)
	r.called = true
	l := r.box.loop
	l.handles--
	l.threads++ // its answer takes real time, and no other must pass meanwhile
}

func (r *receiving[T]) String() string { return "a Go channel" }
