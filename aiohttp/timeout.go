package aiohttp

import (
	"net/http"
	"time"

	"github.com/goasyncio/asyncio"
)

// Timeout is a handler that calls h with a context that ends when d has passed, on the
// loop's clock. Where h returns after that without having written anything, the client
// gets the status 503 with the message. Unlike http.TimeoutHandler it runs h in the
// task of the connection, and neither keeps the response in memory nor answers before
// h has returned: h notices the end of its context at its next wait.
func Timeout(h http.Handler, d time.Duration, message string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, timeout := asyncio.WithTimeout(r.Context(), d)
		defer timeout.Cancel()
		tw := &timeoutWriter{ResponseWriter: w}
		h.ServeHTTP(tw, r.WithContext(ctx))
		if !tw.wrote && timeout.Expired() {
			http.Error(w, message, http.StatusServiceUnavailable)
		}
	})
}

// timeoutWriter notes whether the handler has begun its response.
type timeoutWriter struct {
	http.ResponseWriter
	wrote bool
}

func (w *timeoutWriter) WriteHeader(status int) {
	w.wrote = w.wrote || status >= 200 || status == http.StatusSwitchingProtocols
	w.ResponseWriter.WriteHeader(status)
}

func (w *timeoutWriter) Write(p []byte) (int, error) {
	w.wrote = true
	return w.ResponseWriter.Write(p)
}

// Unwrap leads http.ResponseController to the rest.
func (w *timeoutWriter) Unwrap() http.ResponseWriter {
	w.wrote = true // whatever it does there
	return w.ResponseWriter
}
