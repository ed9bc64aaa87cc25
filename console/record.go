package console

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/goasyncio/asyncio/console/internal/tape"
)

const (
	maxRecordings = 4 // at the same time
	maxRecording  = 10 * time.Minute
)

// recording answers with a recording of so long, which comes while it is made; one of no
// time is what a flight recorder has kept.
func (s *site) recording(w http.ResponseWriter, r *http.Request) {
	l, detail, ok := s.recorded(w, r)
	if !ok {
		return
	}
	p := &params{Values: r.URL.Query()}
	format := p.choice("format", "asyncio", "perfetto")
	length, err := time.ParseDuration(or(p.Get("for"), "5s"))
	if err != nil || length < 0 || length > maxRecording {
		p.err = fmt.Errorf("for must be a time from 0 to %v, such as 5s", maxRecording)
	}
	if p.err != nil {
		fail(w, http.StatusBadRequest, p.err.Error())
		return
	}
	if length == 0 { // of what there is, in the detail in which it is there
		if detail, ok = flights.detail(); !ok {
			fail(w, http.StatusConflict, "no flight recorder is on: start the program with ASYNCIO_FLIGHT=FOLDER in its environment, or call console.StartFlight in it")
			return
		}
	}
	if r.Method == http.MethodHead { // nobody gets it
		length = 0
	}
	if !take(w, s.recordings, "others record already: try again") {
		return
	}
	defer leave(s.recordings)
	f, err := l.follow(tape.Options{Detail: detail, MaxEvents: -1})
	if err != nil {
		fail(w, statusOf(err), err.Error())
		return
	}
	defer f.part()
	defer l.unfollow(f)
	ctx, cancel := context.WithTimeout(r.Context(), length+answerTime)
	defer cancel()
	name := fmt.Sprintf("%s-%d", fileName(l.name), l.number)
	out := bufio.NewWriterSize(slowWriter{r.Context(), w}, 64<<10)
	next := f.pieces(ctx, length)
	if format == "perfetto" {
		disposition(w, "application/json", name+".json")
		err = tape.WritePerfetto(out, f.Header(), next)
	} else {
		disposition(w, "application/x-ndjson", name+".ndjson")
		err = writeLines(out, f.Header(), next)
	}
	if err == nil {
		err = out.Flush()
	}
	if err != nil { // too late for another answer: break it off, so that nobody takes it for whole
		panic(http.ErrAbortHandler)
	}
}

// pieces are the batches of a recording of so long, or up to the end of the loop, and
// then io.EOF. One is waited for.
func (f *follower) pieces(ctx context.Context, length time.Duration) func() (*tape.Batch, error) {
	end, first, last := time.Now().Add(length), true, false
	return func() (*tape.Batch, error) {
		if last {
			return nil, io.EOF
		}
		if !first {
			timer := time.NewTimer(min(beat, time.Until(end)))
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-f.over:
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		first = false
		last = !time.Now().Before(end)
		return f.Next(ctx)
	}
}

// writeLines writes our own format, and gives each piece to the client when it is there.
func writeLines(out *bufio.Writer, h tape.Header, next func() (*tape.Batch, error)) error {
	if _, err := out.Write(tape.AppendHeader(nil, h)); err != nil {
		return err
	}
	for {
		b, err := next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if b.Empty() && out.Buffered() == 0 {
			continue
		}
		if _, err := out.Write(b.Append(nil)); err != nil {
			return err
		}
		if err := out.Flush(); err != nil {
			return err
		}
	}
}

func disposition(w http.ResponseWriter, kind, name string) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
}

// fileName is a name of a loop as part of a file's.
func fileName(name string) string {
	safe := []byte{}
	for _, c := range []byte(name) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			safe = append(safe, c)
		}
	}
	return "asyncio-" + or(string(safe[:min(len(safe), 40)]), "loop")
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// A slowWriter gives its client a time for each piece.
type slowWriter struct {
	ctx context.Context
	w   http.ResponseWriter
}

// Write sends text at once.
func (s slowWriter) Write(text []byte) (int, error) {
	if err := writeNow(s.ctx, s.w, text); err != nil {
		return 0, err
	}
	return len(text), nil
}
