package console

import (
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
// time is what the loop has written down already, for a flight recorder.
func (s *site) recording(w http.ResponseWriter, r *http.Request) {
	l, detail, ok := s.recorded(w, r)
	if !ok {
		return
	}
	p := &params{Values: r.URL.Query()}
	p.choice("format", "asyncio")
	length, err := time.ParseDuration(or(p.Get("for"), "5s"))
	if err != nil || length < 0 || length > maxRecording {
		p.err = fmt.Errorf("for must be a time from 0 to %v, such as 5s", maxRecording)
	}
	if p.err != nil {
		fail(w, http.StatusBadRequest, p.err.Error())
		return
	}
	select {
	case s.recordings <- struct{}{}:
		defer func() { <-s.recordings }()
	default:
		fail(w, http.StatusServiceUnavailable, "others record already: try again")
		return
	}
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
	disposition(w, "application/x-ndjson", name+".ndjson")
	f.writeTo(ctx, slowWriter{w}, length) // who breaks off has heard why
}

// writeTo writes a recording of so long, or up to the end of the loop.
func (f *follower) writeTo(ctx context.Context, to io.Writer, length time.Duration) error {
	if _, err := to.Write(tape.AppendHeader(nil, f.Header())); err != nil {
		return err
	}
	timer := time.NewTimer(beat)
	defer timer.Stop()
	for end := time.Now().Add(length); ; {
		last := !time.Now().Before(end)
		b, err := f.Next(ctx)
		if b != nil && (!b.Empty() || last) {
			if _, err := to.Write(b.Append(nil)); err != nil {
				return err
			}
		}
		if last || err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return err
		}
		timer.Reset(min(beat, time.Until(end)))
		select {
		case <-timer.C:
		case <-f.over:
		case <-ctx.Done():
			return ctx.Err()
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
type slowWriter struct{ http.ResponseWriter }

// Write sends text at once.
func (s slowWriter) Write(text []byte) (int, error) {
	if err := writeNow(s.ResponseWriter, text); err != nil {
		return 0, err
	}
	return len(text), nil
}
