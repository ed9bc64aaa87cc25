package fetch

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiohttp"
)

// httpTransport talks through package aiohttp, on the loop.
type httpTransport struct{ client aiohttp.Client }

// newHTTPTransport returns a transport that gives up connecting (and, separately, the TLS
// handshake) after connect. perHost idle connections are kept, so that many small files
// of one host need not connect again and again; they end with the loop.
func newHTTPTransport(connect time.Duration, perHost int) *httpTransport {
	return &httpTransport{aiohttp.Client{
		// The loop follows redirects itself: they may lead to another host, whose
		// limit then counts.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &aiohttp.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialTimeout:         connect,
			TLSHandshakeTimeout: connect,
			MaxIdleConnsPerHost: perHost,
			IdleConnTimeout:     30 * time.Second,
			// Ranges count the bytes on the wire, so the wire carries the file as it is.
			DisableCompression: true,
		},
	}}
}

// Open implements [Transport].
func (t *httpTransport) Open(ctx context.Context, u *url.URL, h http.Header) (*Response, error) {
	req, err := http.NewRequest(http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header = h
	// The context of a request rules over its body, too, which outlives this call. So
	// the request is made by a task with a context of its own, of which ctx bounds
	// nothing but this wait.
	life, end := asyncio.WithCancel(context.WithoutCancel(ctx))
	resp, err := asyncio.CreateTask(life, func(ctx context.Context) (*http.Response, error) {
		return t.client.Do(ctx, req)
	}, asyncio.TaskName("request for "+u.Redacted())).Join(ctx)
	if err != nil {
		end(nil)
		return nil, err
	}
	r := &Response{
		Status: resp.StatusCode, Header: resp.Header, Length: resp.ContentLength,
		Unpacked: unpacks(u, resp.Header),
	}
	if r.Unpacked {
		r.Length = -1
	}
	r.Body = &httpBody{raw: resp.Body, end: end, gzipped: r.Unpacked}
	return r, nil
}

// unpacks reports whether the body is to be unpacked. We never ask for a packed one, but
// some servers pack all the same. And some announce so that a .gz file is a .gz file:
// that one has to stay as it is.
func unpacks(u *url.URL, h http.Header) bool {
	path := strings.ToLower(u.Path)
	return strings.EqualFold(h.Get("Content-Encoding"), "gzip") &&
		!strings.HasSuffix(path, ".gz") && !strings.HasSuffix(path, ".tgz")
}

// httpBody is the body of a response.
type httpBody struct {
	raw     io.ReadCloser
	end     asyncio.CancelFunc
	gzipped bool
	unzip   *gzip.Reader
	ctx     context.Context // of the Read under way
}

// Read implements [Body].
func (b *httpBody) Read(ctx context.Context, p []byte) (int, error) {
	b.ctx = ctx
	if !b.gzipped {
		return packed{b}.Read(p)
	}
	return b.readUnzipped(p)
}

// packed is the body as it comes, for the library that unpacks it.
type packed struct{ *httpBody }

func (b packed) Read(p []byte) (int, error) {
	if body, ok := b.raw.(aiohttp.Body); ok {
		return body.ReadContext(b.ctx, p)
	}
	return b.raw.Read(p) // an empty one
}

func (b *httpBody) readUnzipped(p []byte) (n int, err error) {
	if b.unzip == nil {
		b.unzip, err = gzip.NewReader(packed{b})
	}
	if err == nil {
		n, err = b.unzip.Read(p)
	}
	if errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || isCorrupt(err) {
		err = &protocolError{"the body is not the gzip that its header announces: " + err.Error()}
	}
	return n, err
}

// Close implements [Body].
func (b *httpBody) Close() {
	b.raw.Close()
	b.end(nil)
}
