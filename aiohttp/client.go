package aiohttp

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/goasyncio/asyncio"
)

// A Client makes requests from tasks. It is [http.Client] with a ctx where it waits,
// and with a timeout on the loop's clock; redirects, cookies and the rest are the
// standard library's, which does them in the calling task. The zero value is ready
// and has a [Transport] of its own. A Client belongs to one loop at a time.
//
//	client := new(aiohttp.Client)
//	defer client.CloseIdleConnections()
//	resp, err := client.Get(ctx, "http://example.com/")
//	if err != nil {
//		return err
//	}
//	defer resp.Body.Close()
//
// Libraries that want an *http.Client get [Client.Standard].
type Client struct {
	// Transport sends the requests; nil is a [Transport] with all its defaults. That
	// of package net/http would hold up the loop.
	Transport http.RoundTripper
	// CheckRedirect and Jar are those of [http.Client].
	CheckRedirect func(req *http.Request, via []*http.Request) error
	Jar           http.CookieJar
	// Timeout bounds a request with its redirects until the body of the response has
	// been read. 0 is no limit.
	Timeout time.Duration

	own *Transport
}

// Do sends a request and waits, under ctx and in place of the request's own context,
// for the header of the response. Errors are [net/url.Error]s. ctx rules over the body of
// the response, too: when it ends the connection is given up.
func (c *Client) Do(ctx context.Context, req *http.Request) (*http.Response, error) {
	if err := asyncio.Checkpoint(ctx); err != nil {
		closeBody(req)
		return nil, &url.Error{Op: operation(req.Method), URL: redacted(req.URL), Err: err}
	}
	if c.Timeout <= 0 {
		return c.Standard().Do(req.WithContext(ctx))
	}
	ctx, timeout := asyncio.WithTimeout(ctx, c.Timeout)
	resp, err := c.Standard().Do(req.WithContext(ctx))
	if err != nil {
		timeout.Cancel()
		return resp, err
	}
	if body, ok := resp.Body.(Body); ok && resp.StatusCode != http.StatusSwitchingProtocols {
		resp.Body = &limitedBody{body, timeout}
	} else { // there is no body, or the connection speaks another protocol now
		timeout.Cancel()
	}
	return resp, nil
}

// Get is [Client.Do] of a GET request.
func (c *Client) Get(ctx context.Context, url string) (*http.Response, error) {
	return c.send(ctx, http.MethodGet, url, "", nil)
}

// Head is [Client.Do] of a HEAD request.
func (c *Client) Head(ctx context.Context, url string) (*http.Response, error) {
	return c.send(ctx, http.MethodHead, url, "", nil)
}

// Post is [Client.Do] of a POST request. The body is closed in any case; it is read in
// a task of its own if it is not in memory.
func (c *Client) Post(ctx context.Context, url, contentType string, body io.Reader) (*http.Response, error) {
	return c.send(ctx, http.MethodPost, url, contentType, body)
}

// PostForm is [Client.Post] of a filled form.
func (c *Client) PostForm(ctx context.Context, url string, data url.Values) (*http.Response, error) {
	return c.Post(ctx, url, "application/x-www-form-urlencoded", strings.NewReader(data.Encode()))
}

func (c *Client) send(ctx context.Context, method, url, contentType string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return nil, err
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	return c.Do(ctx, req)
}

// Standard is an [http.Client] on the same Transport, for libraries that want one. Its
// requests need contexts from the loop. It has no Timeout: http.Client's takes a
// goroutine for each request, and real time. A library that takes the connection over,
// for example for WebSocket, is safe here if it touches it in the calling task alone:
// one that watches its contexts from a goroutine should get context.WithoutCancel(ctx),
// and one that waits with a lock should have one task for each connection.
func (c *Client) Standard() *http.Client {
	t := c.Transport
	if t == nil {
		if c.own == nil {
			c.own = new(Transport)
		}
		t = c.own
	}
	return &http.Client{Transport: t, CheckRedirect: c.CheckRedirect, Jar: c.Jar}
}

// CloseIdleConnections closes the connections that no request uses now.
func (c *Client) CloseIdleConnections() { c.Standard().CloseIdleConnections() }

// operation is what a url.Error of http.Client calls a method.
func operation(method string) string {
	if method == "" {
		method = http.MethodGet
	}
	return method[:1] + strings.ToLower(method[1:])
}

func redacted(u *url.URL) string {
	if u == nil {
		return ""
	}
	return u.Redacted()
}

// limitedBody gives the timer of a timeout back when it has been read or closed.
type limitedBody struct {
	Body
	timeout *asyncio.Timeout
}

// Read implements io.Reader.
func (b *limitedBody) Read(p []byte) (int, error) {
	n, err := b.Body.Read(p)
	return n, b.seen(err)
}

// ReadContext implements Body.
func (b *limitedBody) ReadContext(ctx context.Context, p []byte) (int, error) {
	n, err := b.Body.ReadContext(ctx, p)
	return n, b.seen(err)
}

func (b *limitedBody) seen(err error) error {
	if err != nil && !errors.Is(err, asyncio.ErrBusy) {
		b.timeout.Cancel()
	}
	return err
}

// Close implements io.Closer.
func (b *limitedBody) Close() error {
	err := b.Body.Close()
	return err
}
