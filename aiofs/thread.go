package aiofs

import (
	"context"
	"os"
	"sync"

	"github.com/goasyncio/asyncio"
)

// OS is the file system of the operating system, on threads.
var OS FS = system{}

type system struct{}

// onThread makes a call of the system on a thread and stays until it has ended. ctx
// says no more than whether it begins.
func onThread[T any](ctx context.Context, call func() (T, error)) (T, error) {
	if err := asyncio.Checkpoint(ctx); err != nil {
		var none T
		return none, err
	}
	return asyncio.ToThread(context.WithoutCancel(ctx), func(context.Context) (T, error) { return call() })
}

// only is onThread for calls with no result but an error.
func only(ctx context.Context, call func() error) error {
	_, err := onThread(ctx, func() (struct{}, error) { return struct{}{}, call() })
	return err
}

// A handover is a file on its way from the thread that opens it to the task that has
// asked for it. A task that is ended by force meanwhile does not come to take it: then
// the second of the two closes it.
type handover struct {
	mu    sync.Mutex
	file  *os.File
	taken bool
	gone  bool // the task
}

// offer is the thread's part.
func (h *handover) offer(f *os.File) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.gone {
		f.Close()
		return
	}
	h.file = f
}

// take is the task's.
func (h *handover) take() *os.File {
	h.taken = true
	return h.file
}

// leave is the task's deferred call.
func (h *handover) leave() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.gone = true
	if h.file != nil && !h.taken {
		h.file.Close()
	}
}
