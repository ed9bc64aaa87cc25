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
	_, err = r.waiter.Park(ctx, r)
	if r.taken {
		err = nil
	}
	return r.value, r.ok, err
}

// receiving is a Receive under way.
type receiving[T any] struct {
	box    *postbox
	waiter WaitQueue
	quit   chan struct{}
	value  T
	ok     bool
	called bool // back, by abort
	taken  bool // the channel gave a value, or was closed
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
		r.waiter.Wake(1)
	})
}

// abort calls the goroutine back. The task stays until that has answered: it may
// have taken a value at this moment.
func (r *receiving[T]) abort(*taskCore, *ended) bool {
	close(r.quit)
	r.called = true
	l := r.box.loop
	l.handles--
	l.threads++ // its answer takes real time, and no other must pass meanwhile
	return false
}

func (r *receiving[T]) String() string { return "a Go channel" }
