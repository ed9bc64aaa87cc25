package console

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"sync"

	"github.com/goasyncio/asyncio/console/internal/tape"
	"github.com/goasyncio/asyncio/console/internal/wire"
	"github.com/goasyncio/asyncio/internal/monitor"
)

const (
	// maxStreams is how many clients may follow loops at the same time.
	maxStreams = 128
	// maxOpenings bounds the beginnings of streams that are on their way to slow clients,
	// in bytes: that of a loop with 100,000 tasks has some fifteen megabytes.
	maxOpenings = 64 << 20
)

// events puts lines into the form of a text/event-stream, each an event.
func events(lines []byte) []byte {
	out := make([]byte, 0, len(lines)+64)
	for line := range bytes.Lines(lines) {
		out = append(append(append(out, "data: "...), wire.EscapeJSON(line)...), '\n')
	}
	return out
}

// stream answers with what a loop does from now on, until it ends or the client is gone
// or too slow.
func (s *site) stream(w http.ResponseWriter, r *http.Request) {
	l, detail, ok := s.recorded(w, r)
	if !ok {
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // a proxy before us must pass events on at once
	if r.Method == http.MethodHead {          // it would have no end
		return
	}
	if !take(w, s.streams, errBusy.Error()) {
		return
	}
	defer leave(s.streams)
	feed, err := l.touch(detail)
	if err != nil {
		fail(w, statusOf(err), err.Error())
		return
	}
	opening, sub := feed.subscribe()
	if sub == nil {
		fail(w, http.StatusServiceUnavailable, errBusy.Error())
		return
	}
	defer feed.leave(sub)
	if !s.openings.take(len(opening)) {
		fail(w, http.StatusServiceUnavailable, errBusy.Error())
		return
	}
	err = writeNow(r.Context(), w, opening)
	s.openings.give(len(opening))
	for err == nil {
		select {
		case lines, more := <-sub.lines:
			if !more {
				return
			}
			err = writeNow(r.Context(), w, lines)
		case <-r.Context().Done():
			return
		}
	}
}

// recorded finds what a stream or a recording is asked of. Where there is no such loop
// the request has been answered.
func (s *site) recorded(w http.ResponseWriter, r *http.Request) (l *living, d monitor.Detail, ok bool) {
	known, ok := s.loopOf(w, r)
	if !ok {
		return nil, 0, false
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	p := &params{Values: values, err: err}
	d, _ = tape.DetailOf(p.choice("detail", details...))
	if p.err != nil {
		fail(w, http.StatusBadRequest, p.err.Error())
		return nil, 0, false
	}
	if l = known.alive.Load(); l == nil {
		fail(w, http.StatusGone, gone(known))
		return nil, 0, false
	}
	return l, d, true
}

// writeNow sends text, in pieces, each of which the client has writeTime to take, until
// ctx ends.
func writeNow(ctx context.Context, w http.ResponseWriter, text []byte) error {
	const piece = 256 << 10
	for len(text) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		deadline(w)
		n := min(len(text), piece)
		if _, err := w.Write(text[:n]); err != nil {
			return err
		}
		text = text[n:]
	}
	return http.NewResponseController(w).Flush()
}

// A budget is an amount of something of which several may have a part.
type budget struct {
	mu   sync.Mutex
	left int
	size int
}

func newBudget(size int) *budget { return &budget{left: size, size: size} }

// take is false where too much is in use. Who wants more than there is gets it alone.
func (b *budget) take(n int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n > b.left && b.left < b.size {
		return false
	}
	b.left -= n
	return true
}

func (b *budget) give(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left += n
}
