package aiohttp

import (
	"context"
	"net/http"
	"time"

	"github.com/goasyncio/asyncio"
)

// keptBytes is how much of a response stays on the loop before it is written, which
// takes a thread: most responses are written by the goroutine of the server alone.
const keptBytes = 32 << 10

// A loopWriter is the ResponseWriter of a handler that runs on the loop for a server
// that does not. While one of the two works with what is below the other waits for it.
type loopWriter struct {
	ctx    context.Context // of the handler's task
	below  http.ResponseWriter
	status int
	kept   []byte
	busy   bool // a thread has it
	err    error
}

// Header implements [http.ResponseWriter].
func (w *loopWriter) Header() http.Header { return w.below.Header() }

// WriteHeader implements [http.ResponseWriter].
func (w *loopWriter) WriteHeader(status int) {
	if w.busy || w.err != nil {
		return
	}
	if status >= 200 {
		w.status = status
		w.below.WriteHeader(status) // which only notes it
		return
	}
	w.onThread(func() error { w.below.WriteHeader(status); return nil })
}

// Write implements [http.ResponseWriter]. It waits where much is kept already.
func (w *loopWriter) Write(p []byte) (int, error) {
	if w.busy {
		return 0, asyncio.ErrBusy
	}
	if w.status == 0 { // now, not with the bytes: fields that are set from here on are trailers
		w.WriteHeader(http.StatusOK)
	}
	if w.err == nil && len(w.kept)+len(p) > keptBytes {
		w.onThread(w.flush)
	}
	if w.err != nil {
		return 0, w.err
	}
	if len(p) > keptBytes {
		w.onThread(func() error { _, err := w.below.Write(p); return err })
		if w.err != nil {
			return 0, w.err
		}
		return len(p), nil
	}
	w.kept = append(w.kept, p...)
	return len(p), nil
}

// FlushError sends what is kept; see [http.ResponseController].
func (w *loopWriter) FlushError() error {
	if w.busy {
		return asyncio.ErrBusy
	}
	w.onThread(func() error {
		if err := w.flush(); err != nil {
			return err
		}
		return http.NewResponseController(w.below).Flush()
	})
	return w.err
}

// Flush implements [http.Flusher].
func (w *loopWriter) Flush() { _ = w.FlushError() }

// SetReadDeadline is that of [http.ResponseController], in real time.
func (w *loopWriter) SetReadDeadline(t time.Time) error {
	return http.NewResponseController(w.below).SetReadDeadline(t)
}

// SetWriteDeadline is that of [http.ResponseController], in real time.
func (w *loopWriter) SetWriteDeadline(t time.Time) error {
	return http.NewResponseController(w.below).SetWriteDeadline(t)
}

// flush writes what is kept, on the goroutine that calls it.
func (w *loopWriter) flush() error {
	if w.err != nil || len(w.kept) == 0 {
		return w.err
	}
	_, w.err = w.below.Write(w.kept)
	w.kept = w.kept[:0]
	return w.err
}

// onThread does f where it may block, and keeps its error. A wait that is cancelled
// leaves the thread at work: nothing can be written any more.
func (w *loopWriter) onThread(f func() error) {
	if w.err != nil {
		return
	}
	w.busy = true
	failed, err := asyncio.ToThread(context.WithoutCancel(w.ctx), func(context.Context) (error, error) { return f(), nil })
	w.busy = false
	if err == nil {
		err = failed
	}
	w.err = err
}
