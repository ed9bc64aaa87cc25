package aiohttp

import (
	"errors"
	"io"
	"net/http"
	"syscall"
)

// retryError is the error of an exchange that may be had again on another connection.
type retryError struct{ error }

func (e *retryError) Unwrap() error { return e.error }

// mayRetry tells whether the request can be sent again. The connection must have
// served before, so that the likely reason is that the server closed it at the moment
// when we took it: a new connection that fails tells something about the server.
func (x *exchange) mayRetry(err error) bool {
	if !x.conn.used || x.over || x.heard || x.body != nil && x.body.err != nil || !closedByPeer(err) {
		return false
	}
	return x.conn.written == x.began || isReplayable(x.req)
}

// closedByPeer tells the errors of a connection that the other side has left.
func closedByPeer(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNABORTED)
}

// isReplayable tells whether it does no harm that a request arrives twice.
func isReplayable(req *http.Request) bool {
	switch req.Method {
	case "", "GET", "HEAD", "OPTIONS", "TRACE":
		return true
	}
	// With an empty list of values the key says so and is not sent.
	_, key := req.Header["Idempotency-Key"]
	_, xkey := req.Header["X-Idempotency-Key"]
	return key || xkey
}

// rewind is the request with its body at the beginning again.
func rewind(req *http.Request) (*http.Request, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return req, nil
	}
	if req.GetBody == nil {
		return nil, errors.New("aiohttp: the body cannot be had again")
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, err
	}
	again := new(http.Request)
	*again = *req
	again.Body = body
	return again, nil
}
