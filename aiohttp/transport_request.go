package aiohttp

import (
	"bytes"
	"errors"
	"io"
	"net/http"

	"github.com/goasyncio/asyncio"
	"golang.org/x/net/http/httpguts"
)

// outgoing is the request as it goes over the wire. The caller's is not changed, as
// http.RoundTripper demands.
func (x *exchange) outgoing() (*http.Request, error) {
	t, req := x.transport, x.req
	out := new(http.Request)
	*out = *req
	out.Header = req.Header.Clone()
	if out.Header == nil {
		out.Header = make(http.Header)
	}
	// A packed part of a file would be of no use to who asked for the part.
	if !t.DisableCompression && req.Header.Get("Accept-Encoding") == "" &&
		req.Header.Get("Range") == "" && req.Method != http.MethodHead {
		x.packed = true
		out.Header.Set("Accept-Encoding", "gzip")
	}
	if t.DisableKeepAlives && !httpguts.HeaderValuesContainsToken(req.Header["Connection"], "upgrade") {
		out.Close = true
	}
	if x.conn.route.forwards() {
		x.conn.route.authorize(out.Header)
	}
	return out, x.prepareBody(out)
}

// prepareBody decides how the body is sent. One that is in memory, and goes into one
// buffer with the header, is written without a task and as it is.
func (x *exchange) prepareBody(out *http.Request) error {
	if out.Body == nil || out.Body == http.NoBody {
		return nil
	}
	expects := httpguts.HeaderValuesContainsToken(out.Header["Expect"], "100-continue") &&
		x.transport.ExpectContinueTimeout >= 0
	if out.GetBody != nil && out.ContentLength > 0 && out.ContentLength <= int64(x.conn.bw.Size()) && !expects {
		return nil
	}
	x.body = &requestBody{exchange: x, src: out.Body, held: expects}
	out.Body = x.body
	if out.ContentLength <= 0 && len(out.TransferEncoding) == 0 && usuallyLacksBody(out.Method) {
		return x.probe(out)
	}
	return nil
}

// usuallyLacksBody names the methods of which a server does not expect a body, so
// that not even an empty one, in chunks, should be sent.
func usuallyLacksBody(method string) bool {
	switch method {
	case "", "GET", "HEAD", "DELETE", "OPTIONS", "PROPFIND", "SEARCH":
		return true
	}
	return false
}

// probe finds out whether a body of unknown length is empty. Request.Write would do
// so too, but on a goroutine of its own, where the body cannot wait.
func (x *exchange) probe(out *http.Request) error {
	var first [1]byte
	n, err := io.ReadFull(x.body.src, first[:])
	switch {
	case err == io.EOF:
		x.body.src.Close()
		x.body, out.Body = nil, nil
		out.ContentLength = 0
		return nil
	case err != nil:
		return err
	}
	x.body.src = &headed{io.MultiReader(bytes.NewReader(first[:n]), x.body.src), x.body.src}
	out.TransferEncoding = []string{"chunked"}
	return nil
}

type headed struct {
	io.Reader
	io.Closer
}

// requestBody is the body of a request on its way out. It holds the body back until
// the server asks for it, and keeps its error apart from those of the connection.
type requestBody struct {
	exchange *exchange
	src      io.ReadCloser
	held     bool // until the server asks for it, or is silent for too long
	refused  bool
	asked    asyncio.Event
	err      error
}

// errRefused is the error of a body that the server did not want to have.
var errRefused = errors.New("aiohttp: the server answered without asking for the body")

func (b *requestBody) Read(p []byte) (int, error) {
	if b.held {
		b.await()
	}
	if b.refused {
		return 0, errRefused
	}
	n, err := b.src.Read(p)
	if err != nil && err != io.EOF {
		b.err = err
	}
	return n, err
}

// await waits for "100 Continue", a final response, or the end of our patience.
func (b *requestBody) await() {
	x := b.exchange
	if x.trace != nil && x.trace.Wait100Continue != nil {
		x.trace.Wait100Continue()
	}
	ctx := x.conn.writing
	patience := orDefault(x.transport.ExpectContinueTimeout, defaultExpectContinueTimeout)
	limited, timeout := asyncio.WithTimeout(ctx, patience)
	defer timeout.Cancel()
	if err := b.asked.Wait(limited); err != nil && ctx.Err() != nil {
		b.refused = true // the exchange is over: nothing is to be read any more
	}
	b.held = false
}

// release ends the holding back. A final response without "100 Continue" means that
// the body is not wanted (RFC 9110, 10.1.1): the connection is closed after it.
func (b *requestBody) release(wanted bool) {
	if b != nil && b.held && !b.asked.IsSet() {
		b.refused = !wanted
		b.asked.Set()
	}
}

// Close implements io.Closer for Request.Write, which calls it in any case.
func (b *requestBody) Close() error { return b.src.Close() }
