package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/goasyncio/asyncio/console/internal/wire"
)

// answerTime is how long a question may take before the client hears that it does.
const answerTime = 10 * time.Second

// writeTime is how long a client may take to read an answer, or a piece of one; half of it
// is for a body that it has announced. Who is slower is dropped. It changes in tests alone.
var writeTime = 10 * time.Second

// quoted is a text of a client in a message to it.
func quoted(s string) string { return strconv.QuoteToASCII(wire.Cut(s, 100)) }

// fail answers with an error.
func fail(w http.ResponseWriter, status int, message string) {
	send(w, status, wire.Error{Error: message})
}

// send answers with JSON, all at once: a client that reads slowly holds up nobody, and
// for writeTime at most.
func send(w http.ResponseWriter, status int, answer any) {
	text, err := json.Marshal(answer)
	if err != nil { // it is made of our own types
		panic(fmt.Sprintf("console: %T: %v", answer, err))
	}
	text = append(wire.EscapeJSON(text), '\n')
	sendBytes(w, status, "application/json", text)
}

func sendBytes(w http.ResponseWriter, status int, kind string, text []byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	deadline(w)
	w.WriteHeader(status)
	w.Write(text)
}

// deadline bounds the next writes. Where we are mounted below a server of another kind
// it may know no deadlines: then its own bounds hold.
func deadline(w http.ResponseWriter) {
	http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTime))
}

// A question is what is asked of a loop that runs.
type question func(ctx context.Context, l *living, p *params) (answer any, err error)

// asked answers a question with JSON.
func (s *site) asked(q question) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		l, ok := s.loopOf(w, r)
		if !ok {
			return
		}
		alive := l.alive.Load()
		if alive == nil {
			fail(w, http.StatusGone, gone(l))
			return
		}
		values, err := url.ParseQuery(r.URL.RawQuery)
		values.Set("id", r.PathValue("id"))
		p := &params{Values: values, err: err}
		ctx, cancel := context.WithTimeout(r.Context(), answerTime)
		defer cancel()
		answer, err := q(ctx, alive, p)
		switch {
		case p.err != nil:
			fail(w, http.StatusBadRequest, p.err.Error())
		case err != nil:
			fail(w, statusOf(err), err.Error())
		default:
			send(w, http.StatusOK, answer)
		}
	}
}

// loopOf is the loop that a request asks for. Where there is none it has been answered.
func (s *site) loopOf(w http.ResponseWriter, r *http.Request) (*loop, bool) {
	number, err := strconv.ParseUint(r.PathValue("loop"), 10, 32)
	if err == nil {
		if l := s.hub.loop(uint32(number)); l != nil {
			return l, true
		}
	}
	fail(w, http.StatusNotFound, "there is no loop "+quoted(r.PathValue("loop"))+": /api/v1/program lists those there are")
	return nil, false
}

// gone says how a loop has ended.
func gone(l *loop) string {
	if e := l.ending.Load(); e != nil && e.err != "" {
		return fmt.Sprintf("loop %d has ended: %s", l.number, e.err)
	}
	return fmt.Sprintf("loop %d has ended", l.number)
}

// errNoTask is that there is no such task, or not any more.
var errNoTask = errors.New("there is no such task: perhaps it has ended")

func statusOf(err error) int {
	switch {
	case errors.Is(err, errNoTask):
		return http.StatusNotFound
	case errors.Is(err, errEnded):
		return http.StatusGone
	case errors.Is(err, errBlocked), errors.Is(err, errClosed), errors.Is(err, errBusy):
		return http.StatusServiceUnavailable
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout
	}
	return http.StatusInternalServerError
}

// keepOld is err, but for that the loop does not answer: then the client gets what was
// known before, with its age.
func keepOld(err error) error {
	if errors.Is(err, errBlocked) {
		return nil
	}
	return err
}
