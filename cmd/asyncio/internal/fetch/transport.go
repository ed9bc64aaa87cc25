package fetch

import (
	"context"
	"net/http"
	"net/url"
)

// A Transport sends one request and returns when the header of the response is there. It
// follows no redirects and retries nothing: that is decided on the loop. Open is a wait;
// a cancellation leaves no connection behind. The program talks HTTP through it; tests
// put servers behind it that live in virtual time.
type Transport interface {
	Open(ctx context.Context, u *url.URL, h http.Header) (*Response, error)
}

// A Response is the header of an answer, and the way to its body.
type Response struct {
	Status int
	Header http.Header
	Length int64 // of the body in bytes; -1 where the server does not say
	Body   Body  // gives no more than Length bytes where that is known
	// Unpacked says that the body is not what the header speaks of, but what came out
	// of unpacking that.
	Unpacked bool
}

// A Body is read by one task. Read is a wait and has the rules of io.Reader. Close may be
// called at any time, waits for nothing, and gives the connection up if the body has not
// been read to its end.
type Body interface {
	Read(ctx context.Context, p []byte) (int, error)
	Close()
}
