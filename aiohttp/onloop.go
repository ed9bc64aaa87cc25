package aiohttp

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"

	"github.com/goasyncio/asyncio"
)

// A LoopHandler runs a handler on a loop for servers that work on goroutines: that of
// net/http, with HTTP/2, or one for HTTP/3. Any goroutine may use it.
type LoopHandler struct {
	handle  *asyncio.LoopHandle
	handler http.Handler
	secure  *tls.ConnectionState // of the connection, where that is known
	remote  string
	live    int // handlers at work
	idle    asyncio.WaitQueue
}

// OnLoop makes a handler for a server off the loop, which runs h as tasks of the loop
// that ctx leads to: there it shares state with others without locks, as under a
// [Server]. The contexts of the requests are children of ctx, and end as well when
// those of the server do. While the handler waits for the client, for more of the body
// or to take the response, it is on a thread (see [asyncio.ToThread]) and the loop goes
// on; up to 32 KiB of a response are kept for that. Close it when the server has ended:
// until then the loop waits for it.
func OnLoop(ctx context.Context, h http.Handler) *LoopHandler {
	return &LoopHandler{handle: asyncio.OpenHandle(ctx), handler: h}
}

// Close gives the loop back. Requests that are being served are still finished.
func (h *LoopHandler) Close() error { return h.handle.Close() }

// wait waits, on the loop, until no handler is at work.
func (h *LoopHandler) wait(ctx context.Context) {
	for h.live > 0 {
		if _, err := h.idle.Park(ctx, h); err != nil {
			return
		}
	}
}

func (h *LoopHandler) String() string { return "the handlers of a connection" }

// ServeHTTP is for the server. It waits, on its goroutine, for the handler's task.
func (h *LoopHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out := &loopWriter{below: w}
	raised, err := asyncio.Submit(r.Context(), h.handle, func(ctx context.Context) (raised any, _ error) {
		h.live++
		defer func() {
			raised = recover()
			if h.live--; h.live == 0 {
				h.idle.WakeAll()
			}
		}()
		out.ctx = ctx
		h.handler.ServeHTTP(out, h.request(ctx, r))
		return nil, nil
	})
	if raised != nil {
		panic(raised) // the server knows what to do with it
	}
	if err != nil {
		if errors.Is(err, asyncio.ErrLoopClosed) && out.status == 0 {
			http.Error(w, "the server is shutting down", http.StatusServiceUnavailable)
		}
		return
	}
	_ = out.flush()
}

// request is the request as the handler gets it.
func (h *LoopHandler) request(ctx context.Context, r *http.Request) *http.Request {
	r = r.WithContext(ctx)
	if h.secure != nil {
		r.TLS, r.RemoteAddr = h.secure, h.remote
	}
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = &loopBody{ctx: ctx, from: r.Body}
	}
	return r
}

// A loopBody reads a body that waits on goroutines.
type loopBody struct {
	ctx     context.Context
	from    io.ReadCloser
	buf     []byte
	ready   []byte // of buf, what has been read and not been asked for
	err     error
	reading bool
}

// Read waits on a thread. What that has read when the wait is cancelled is lost, so
// the body is of no use afterwards.
func (b *loopBody) Read(p []byte) (int, error) {
	if b.reading {
		return 0, asyncio.ErrBusy
	}
	if len(b.ready) == 0 && b.err == nil {
		b.fill()
	}
	n := copy(p, b.ready)
	if b.ready = b.ready[n:]; len(b.ready) > 0 {
		return n, nil
	}
	return n, b.err
}

func (b *loopBody) fill() {
	if b.buf == nil {
		b.buf = make([]byte, 16<<10)
	}
	b.reading = true
	defer func() { b.reading = false }()
	n, err := asyncio.ToThread(b.ctx, func(context.Context) (read, error) {
		n, err := b.from.Read(b.buf)
		return read{n, err}, nil
	})
	if err != nil {
		b.err = err
		return
	}
	b.ready, b.err = b.buf[:n.n], n.err
}

// read is what a Read has returned.
type read struct {
	n   int
	err error
}

// Close needs no wait: the server reads the rest.
func (b *loopBody) Close() error {
	if b.err == nil {
		b.err = http.ErrBodyReadAfterClose
	}
	b.ready = nil
	return nil
}
