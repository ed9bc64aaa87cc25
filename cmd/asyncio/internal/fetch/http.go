package fetch

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// httpTransport talks through net/http. Its calls block, so each runs on a thread while
// the loop goes on.
type httpTransport struct{ client *http.Client }

// newHTTPTransport returns a transport that gives up connecting (and, separately, the TLS
// handshake) after connect. perHost idle connections are kept, so that many small files
// of one host need not connect again and again.
func newHTTPTransport(connect time.Duration, perHost int) *httpTransport {
	dialer := &net.Dialer{Timeout: connect, KeepAlive: 30 * time.Second}
	return &httpTransport{&http.Client{
		// The loop follows redirects itself: they may lead to another host, whose
		// limit then counts.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         dialer.DialContext,
			TLSHandshakeTimeout: connect,
			MaxIdleConnsPerHost: perHost,
			IdleConnTimeout:     30 * time.Second,
			ForceAttemptHTTP2:   true,
			// Ranges count the bytes on the wire, so the wire carries the file as it is.
			DisableCompression: true,
		},
	}}
}

// Close gives up the connections that are kept for later requests.
func (t *httpTransport) Close() { t.client.CloseIdleConnections() }

// Open implements [Transport].
func (t *httpTransport) Open(ctx context.Context, u *url.URL, h http.Header) (*Response, error) {
	// The body outlives this call, so the request has a context of its own, which is
	// cancelled when a wait for it is.
	life, end := context.WithCancel(context.Background())
	resp, err := untilCancelled(ctx, end, func() (*http.Response, error) {
		req, err := http.NewRequestWithContext(life, http.MethodGet, u.String(), nil)
		if err != nil {
			return nil, err
		}
		req.Header = h
		return t.client.Do(req)
	})
	if err != nil {
		end()
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

// httpBody is the body of a net/http response, read on threads, one read at a time.
type httpBody struct {
	raw     io.ReadCloser
	end     context.CancelFunc
	gzipped bool
	unzip   *gzip.Reader
}

// Read implements [Body].
func (b *httpBody) Read(ctx context.Context, p []byte) (int, error) {
	return untilCancelled(ctx, b.end, func() (int, error) {
		if !b.gzipped {
			return b.raw.Read(p)
		}
		return b.readUnzipped(p)
	})
}

func (b *httpBody) readUnzipped(p []byte) (n int, err error) {
	if b.unzip == nil {
		b.unzip, err = gzip.NewReader(b.raw)
	}
	if err == nil {
		n, err = b.unzip.Read(p)
	}
	if errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || isCorrupt(err) {
		err = &protocolError{"the body is not the gzip that its header announces: " + err.Error()}
	}
	return n, err
}

// Close implements [Body]. Cancelling the request first keeps Close from reading on.
func (b *httpBody) Close() {
	b.end()
	b.raw.Close()
}
