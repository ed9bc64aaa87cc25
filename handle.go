package asyncio

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
)

// A LoopHandle is how other goroutines reach a loop (rule T1), and the only way.
// While one is open the loop waits for it where it would otherwise report a
// deadlock.
type LoopHandle struct {
	loop   *Loop
	box    *postbox
	root   context.Context
	closed atomic.Bool
	once   sync.Once
}

// OpenHandle makes a handle on the loop that ctx comes from. Tasks that are
// submitted through it get children of ctx as their contexts. Close it when it is
// no longer needed.
func OpenHandle(ctx context.Context) *LoopHandle {
	l := mustLoop(ctx)
	l.handles++
	return &LoopHandle{loop: l, box: l.posts, root: ctx}
}

// Close gives the handle back. Any goroutine may call it, more than once. What was
// posted before is still done.
func (h *LoopHandle) Close() error {
	h.once.Do(func() {
		h.closed.Store(true)
		h.box.post(func() { h.loop.handles-- })
	})
	return nil
}

// CallSoonThreadsafe calls f on the loop, between the steps of the tasks, in the
// order of the calls. It does not wait for f. The error is [ErrLoopClosed] where
// the handle is closed or Run has returned, and then f is never called. Any
// goroutine may call it, the loop's own included.
func (h *LoopHandle) CallSoonThreadsafe(f func()) error {
	if h.closed.Load() || !h.box.request(func() { h.loop.ready.push(&Handle{loop: h.loop, f: f}) }) {
		return fmt.Errorf("%w: CallSoonThreadsafe", ErrLoopClosed)
	}
	return nil
}

// Submit runs fn as a task on the handle's loop and waits for its end, here, on
// another goroutine: it must not be called on the loop, which would wait for
// itself. If ctx, which is the calling goroutine's, ends first, the task is
// cancelled and its end awaited. A panic of the task is raised here.
func Submit[T any](ctx context.Context, h *LoopHandle, fn func(ctx context.Context) (T, error)) (T, error) {
	var (
		task *Task[T]
		over = make(chan error, 1)
	)
	if s, _ := ctx.Value(scopeKey{}).(*scope); s != nil && s.loop == h.loop {
		var zero T
		return zero, fmt.Errorf("asyncio: Submit was called with the context of a task of the same loop: use CreateTask there")
	}
	start := func() {
		if h.box.closing {
			over <- fmt.Errorf("%w: Submit", ErrLoopClosed)
			return
		}
		task = CreateTask(h.root, fn)
		task.observed = true
		task.onDone(func() { over <- nil })
	}
	if h.closed.Load() || !h.box.request(start) {
		over <- fmt.Errorf("%w: Submit", ErrLoopClosed)
	}
	select {
	case err := <-over:
		return submitted(task, err)
	case <-ctx.Done():
	}
	h.box.post(func() {
		if task != nil {
			task.Cancel(context.Cause(ctx))
		}
	})
	v, err := submitted(task, <-over)
	if task != nil && task.cancelled {
		err = ctx.Err()
	}
	return v, err
}

func submitted[T any](t *Task[T], err error) (v T, _ error) {
	if err != nil {
		return v, err
	}
	if e, ok := t.err.(*PanicError); ok {
		panic(e)
	}
	return t.value, t.err
}
